# Prints the record as JSON.

function string(text) {
    gsub(/\\/, "&&", text)
    gsub(/"/, "\\\\&", text)
    gsub(/\t/, "\\t", text)
    return "\"" text "\""
}

function list(lines, n, i,    k, all) {
    for (k = 1; k <= n; k++) all = all (k > 1 ? "," : "") string(lines[i, k])
    return "[" all "]"
}

END {
    printf "{\"server\":%s,\"score\":%d,\"of\":%d,\"kept\":%d,\"tried\":%d,\"behaviours\":[", \
        string(ENVIRON["SERVER"]), score, total, kept, tried
    for (i = 1; i <= count; i++) {
        printf "%s\n{\"behaviour\":%s,\"result\":\"%s\",\"points\":%d,\"of\":%d", (i > 1 ? "," : ""), \
            string(name[i]), result[i], got[i], of[i]
        if (result[i] == "skip") printf ",\"why\":%s", string(why[i])
        if (result[i] ~ /no|unsteady/)
            printf ",\"done\":%s,\"right\":%s,\"seen\":%s,\"calls\":%s,\"page\":%s,\"again\":%s", \
                string(done[name[i]]), string(right[name[i]]), list(seen, nseen[i], i), \
                list(calls, ncalls[i], i), string(page[name[i]]), string(again[i])
        printf "}"
    }
    print "\n]}"
}
