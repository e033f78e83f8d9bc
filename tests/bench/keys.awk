# read(v): the line's key=value pairs as v[key] = value.
function read(v,    i, pair) {
    split("", v)
    for (i = 1; i <= NF; i++) {
        split($i, pair, "=")
        v[pair[1]] = pair[2]
    }
}
