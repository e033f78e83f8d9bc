# The narrator's lines, narrow enough for a slide: how long a call slept, the call, and in a
# column behind it the result. The time and the plan of a fault are left out.
#
#   awk -f slides/records/narrow.awk -v width=42 "$dir/err"

BEGIN {
    if (!width)
        width = 42
}

match($0, / += -?[0-9]/) {
    call = substr($0, 1, RSTART - 1)
    result = substr($0, RSTART)
    sub(/^ +[0-9.]+ +/, "", call)
    slept = ""
    if (match(call, /^\+[0-9.]+/)) {
        slept = substr(call, 1, RLENGTH)
        call = substr(call, RLENGTH + 1)
    }
    sub(/^ +/, "", call)
    sub(/^ += /, "", result)
    sub(/  \([a-z_0-9]+:[^)]*\)$/, "", result)
    gsub(/  +/, "  ", result)
    printf "%-7s%-" width "s = %s\n", slept, call, result
    next
}
{ print }
