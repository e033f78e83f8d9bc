# What the sweep found, from what tests/mutation/run hands over: all mutants, the list of
# survivors with their reasons, and the results so far.

function key() { return $1 FS $2 FS $3 }

kind == "all" {
    if (!($1 in seen)) {
        files[++nfiles] = $1
        seen[$1]
    }
    order[++nall] = key()
    count[$1, "made"]++
    count["all", "made"]++
    exists[key()]
}

kind == "listed" && !/^(#|$)/ {
    if (NF < 4 || $4 == "")
        complain("without a reason: " $0)
    reason[key()] = $4
    file_of[key()] = $1
}

kind == "result" && (key() in exists) {
    verdict[key()] = $4
    if (NF > 4) {
        timed[$1] += !(key() in has_time)
        has_time[key()]
        seconds[$1] += $5
    }
}

function complain(text) {
    print "tests/mutation/survivors: " text
    stale++
}

function add(file, what) {
    count[file, what]++
    count["all", what]++
    count[file, "tried"]++
    count["all", "tried"]++
}

# How long the rest takes, if its mutants are like those of their file that were tried.
function seconds_left(    i, file, left) {
    for (i = 1; i <= nfiles; i++) {
        file = files[i]
        if (timed[file] > 0)
            left += (count[file, "made"] - count[file, "tried"]) * seconds[file] / timed[file]
    }
    return left
}

function percent(file,    killed) {
    killed = count[file, "killed"]
    return killed + count[file, "survived"] == 0 ? 100 : 100 * killed / (killed + count[file, "survived"])
}

function row(file) {
    printf "%-40s %6d %6d %6d %6d %6d %6d %6d %5.1f %%\n", file, count[file, "made"],
        count[file, "tried"], count[file, "not"], count[file, "same"], count[file, "listed"],
        count[file, "killed"], count[file, "survived"], percent(file)
}

END {
    for (i = 1; i <= nall; i++) {
        split(order[i], part, FS)
        v = verdict[order[i]]
        if (v == "")
            untried++
        else if (v ~ /^survived/ && (order[i] in reason))
            add(part[1], "listed")
        else {
            sub(/ .*/, "", v)
            add(part[1], v)
        }
        if (v ~ /^survived/ && !(order[i] in reason))
            survivors[++nsurvivors] = order[i]
        if (v == "killed") {
            sub(/killed by /, "", verdict[order[i]])
            stages[verdict[order[i]]]++
        }
    }
    printf "%-40s %6s %6s %6s %6s %6s %6s %6s %7s\n", "", "mutant", "", "no", "same", "", "", "", "killed"
    printf "%-40s %6s %6s %6s %6s %6s %6s %6s\n", "file", "made", "tried", "object", "object", "listed", "killed", "alive"
    for (i = 1; i <= nfiles; i++)
        if (count[files[i], "tried"] > 0)
            row(files[i])
    row("all")
    print "\nkilled by"
    for (stage in stages)
        printf "%6d %s\n", stages[stage], stage | "sort -rn"
    close("sort -rn")
    if (nsurvivors > 0)
        print "\nsurvived"
    for (i = 1; i <= nsurvivors; i++) {
        split(survivors[i], part, FS)
        printf "%s\t%s\t%s\n", part[1], part[2], part[3]
    }
    print ""
    for (k in reason)
        if (file_of[k] in seen) {
            split(k, part, FS)
            if (!(k in exists))
                complain("stale, there is no such mutant: " part[1] ": " part[2] ": " part[3])
            else if (verdict[k] != "" && verdict[k] !~ /^survived/)
                complain("stale, " verdict[k] ": " part[1] ": " part[2] ": " part[3])
        }
    if (untried > 0)
        printf "%d mutants have not been tried: one at a time, %.1f hours\n", untried, seconds_left() / 3600
    printf "%.1f %% of those that compile and change something were killed\n", percent("all")
    exit stale > 0 || percent("all") < least
}
