# For the recorded runs of lessons 04 and 05. Read it after server.sh.
#
#   spoil PROGRAM FILE SED...   builds PROGRAM with FILE changed by the sed script, into
#                               $dir/spoilt
#   aligned WIDTH               filters the narrator's lines: the results in a column, a long
#                               reason on a line of its own

spoil() {
    program=$1
    file=$2
    shift 2
    changed "$file" "$dir/spoilt.c" "$@"
    sources="$dir/spoilt.c"
    for source in "$program.c" common/clock.c common/conn.c common/conn_table.c common/die.c \
        common/io_status.c common/net.c common/options.c common/rest.c common/stop.c; do
        [ "$source" = "$file" ] || sources="$sources $source"
    done
    # shellcheck disable=SC2086 # several files
    ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -w -I "$(dirname "$file")" -I common \
        -o "$dir/spoilt" $sources || exit 1
}

# told's lines once more, with the results in one column.
aligned() {
    told | awk -v width="$1" '{
        at = match($0, / += /)
        if (!at) {
            print
            next
        }
        call = substr($0, 1, at - 1)
        result = substr($0, at + RLENGTH)
        reason = match(result, /  (retry|pending|error): /)
        if (width + length(result) > 86 && reason) {
            printf "%-" width "s = %s\n", call, substr(result, 1, reason - 1)
            result = substr(result, reason + 2)
            sub(/  \([a-z_]+:[^)]*\)$/, "", result)
            indent = width + 3
            if (indent + length(result) > 88)
                indent = 88 - length(result)
            printf "%" indent "s%s\n", "", result
        } else
            printf "%-" width "s = %s\n", call, result
    }'
}
