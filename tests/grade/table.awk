# Makes one CSV of many gradings. Reads rows "name, JSON file, note" with tabs between them;
# the JSON is json.awk's, which has a line for each behaviour.

function quoted(text) {
    gsub(/"/, "\"\"", text)
    return text ~ /[",\r\n]/ || text ~ /^[ =+@-]/ ? "\"" text "\"" : text
}

# The value of a key in a line of JSON, strings as they stand there.
function value(line, key,    at) {
    at = index(line, "\"" key "\":")
    if (!at) return ""
    line = substr(line, at + length(key) + 3)
    if (line ~ /^"/) {
        line = substr(line, 2)
        sub(/","(result|points|of|why|done)":.*/, "", line)
        sub(/"[,}].*/, "", line)
        gsub(/\\"/, "\"", line)
        gsub(/\\\\/, "\\", line)
        return line
    }
    sub(/[,}].*/, "", line)
    return line
}

BEGIN { FS = "\t" }

{
    name[++count] = $1
    note[count] = $3
    while ($2 != "" && (getline line < $2) > 0) {
        if (line ~ /^[{]"server"/) {
            score[count] = value(line, "score")
            total[count] = value(line, "of")
        }
        if (line !~ /^,?[{]"behaviour"/) continue
        behaviour = value(line, "behaviour")
        if (!(behaviour in column)) {
            column[behaviour] = ++columns
            title[columns] = behaviour
        }
        cell[count, column[behaviour]] = value(line, "result")
    }
    if ($2 != "") close($2)
}

END {
    printf "submission,score,out of"
    for (k = 1; k <= columns; k++) printf ",%s", quoted(title[k])
    print ",note"
    for (i = 1; i <= count; i++) {
        printf "%s,%s,%s", quoted(name[i]), score[i] + 0, total[i]
        for (k = 1; k <= columns; k++)
            printf ",%s", ((i, k) in cell && cell[i, k] != "skip" ? cell[i, k] : "-")
        print "," note[i]
    }
}
