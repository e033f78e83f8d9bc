# Prints what is to be graded: number, file, points and behaviour, with tabs between them.
# Reads the texts of the behaviours, the weights if there are some, and the tests: kind says
# which of them a file holds.

kind == "texts" && /^behaviour: / { name = substr($0, 12); known[name] = 1; points[name] = 1 }
kind == "texts" && /^points: / { points[name] = substr($0, 9) }

kind == "weights" {
    if ($0 ~ /^[ \t]*(#|$)/) next
    name = $0
    sub(/^[ \t]*[0-9]+[ \t]+/, "", name)
    sub(/[ \t]+$/, "", name)
    if ($1 !~ /^[0-9]+$/ || name == $0)
        wrong(weights ": line " FNR " is not \"POINTS BEHAVIOUR\": " $0)
    if (!(name in known))
        wrong(weights ": line " FNR ": there is no behaviour \"" name "\"")
    points[name] = $1
}

kind == "tests" {
    split($0, part, "\t")
    files[++count] = part[1]
    names[count] = part[2]
    exact = exact || part[2] == only
}

END {
    if (failed) exit 2
    for (i = 1; i <= count; i++) {
        name = names[i]
        if (exact ? name != only : only != "" && !index(name, only)) continue
        if (points[name] == 0 && only == "") continue # left out
        print ++number "\t" files[i] "\t" (name in points ? points[name] : 1) "\t" name
    }
    if (!number) wrong("there is no behaviour \"" only "\"")
}

function wrong(what) {
    if (failed) return
    print "grade: " what > "/dev/stderr"
    failed = 1
    exit 2
}
