# Prints the report card. The status is 1 if something is missing.

function paint(text, number) {
    return color != "" ? "\033[" number "m" text "\033[0m" : text
}

# Words in lines, behind a heading.
function say(heading, text,    words, n, i, line) {
    n = split(text, words, " ")
    line = sprintf("          %-6s", heading)
    for (i = 1; i <= n; i++) {
        if (length(line) + length(words[i]) >= 90 && line !~ /^ *$/) {
            print line
            line = sprintf("%16s", "")
        }
        line = line " " words[i]
    }
    print line
}

function say_lines(heading, lines, n, i,    k) {
    for (k = 1; k <= n; k++)
        printf "          %-6s %s\n", (k == 1 ? heading : ""), lines[i, k]
}

function explain(i,    what) {
    what = name[i]
    if (what in done) say("done", done[what])
    if (what in right) say("right", right[what])
    say_lines("seen", seen, nseen[i], i)
    say_lines("calls", calls, ncalls[i], i)
    if (what in page) say("read", page[what])
    printf "          %-6s %s\n\n", "again", again[i]
}

# What nothing can be said about, except why.
function untried(i) {
    return result[i] == "no" && seen[i, 1] ~ /^not tried: /
}

END {
    printf "The report card of %s\n\n", ENVIRON["SERVER"]
    for (i = 1; i <= count; i++) {
        if (result[i] == "skip")
            printf "  –        %s (%s)\n", name[i], why[i]
        else
            printf "  %s  %s\n", (result[i] == "no" ? paint("✗", 31) : paint("✓", 32)), \
                sprintf("%2d/%-2d  ", got[i], of[i]) name[i] (untried(i) ? " (not tried)" : "")
        if (result[i] == "unsteady")
            say("", "It failed once and was kept twice: unsteady. The points are kept. " \
                "What was seen once: " seen[i, nseen[i]])
        if (untried(i)) why_not = seen[i, 1]
        else if (result[i] == "no") explain(i)
    }
    if (why_not != "") printf "\n%s%s.\n", toupper(substr(why_not, 1, 1)), substr(why_not, 2)
    printf "\nScore: %d of %d points. %d of %d behaviours are kept.\n", score, total, kept, tried
    exit kept < tried
}
