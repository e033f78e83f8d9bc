# Reads tests/homes and then C sources: prints each use of a word outside its homes, and each
# home without its words. Exits with 1 if there was one.

function pattern(word) {
    gsub(/[.]/, "[.]", word)
    gsub(/[*]/, ".*", word)
    return "^" word "$"
}

# The line without comments, and without strings that name no path and no variable.
function bare(line,    out, c, end) {
    out = ""
    while (line != "") {
        if (in_comment) {
            end = index(line, "*/")
            if (!end) return out
            line = substr(line, end + 2)
            in_comment = 0
        }
        if (substr(line, 1, 2) == "/*") {
            in_comment = 1
            line = substr(line, 3)
            continue
        }
        c = substr(line, 1, 1)
        if (c == "\"" && match(line, /^"([^"\\]|\\.)*"/)) {
            end = substr(line, 1, RLENGTH)
            line = substr(line, RLENGTH + 1)
            if (end ~ /\/proc\/|\.h"$|LD_|DYLD_/) out = out " " end
            continue
        }
        if (substr(line, 1, 3) ~ /^'.'$/) {
            line = substr(line, 4)
            continue
        }
        out = out c
        line = substr(line, 2)
    }
    return out
}

function look(token,    i) {
    for (i = 1; i <= nwords; i++)
        if (token ~ word[i]) {
            if ((row[i], FILENAME) in home) {
                met[row[i], FILENAME] = 1
            } else {
                print FILENAME ":" FNR ": " token " is not for this file (tests/homes)"
                found = 1
            }
        }
}

FNR == 1 { nfiles++; in_comment = 0 }

nfiles == 1 {
    if (/^#/ || /^$/) next
    split($0, side, / :/)
    n = split(side[1], words, " ")
    for (i = 1; i <= n; i++) { word[++nwords] = pattern(words[i]); row[nwords] = NR }
    n = split(side[2], files, " ")
    for (i = 1; i <= n; i++) { home[NR, files[i]] = 1; what[NR] = side[1] }
    next
}

{
    text = bare($0)
    if (text ~ /^[ \t]*$/) next
    gsub(/[^A-Za-z0-9_\/.]+/, " ", text)
    n = split(text, tokens, " ")
    for (t = 1; t <= n; t++) {
        look(tokens[t])
        if (tokens[t] ~ /^[A-Za-z_].*[.][A-Za-z_]/ && tokens[t] !~ /[.]h$/) {
            k = split(tokens[t], parts, ".")
            for (p = 1; p <= k; p++) look(parts[p])
        }
    }
}

END {
    for (key in home)
        if (!(key in met)) {
            split(key, part, SUBSEP)
            print part[2] ": has nothing of " what[part[1]] " any more (tests/homes)"
            found = 1
        }
    exit found
}
