# For the recorded runs: a server that is started, asked for its port, and ended by its pid.
# A run reads it with `. slides/records/server.sh`.
#
#   begin COMMAND...  starts it. Sets pid and port. What it prints is in $dir/out and $dir/err.
#   end               ends it
#   typed COMMAND     prints what a person would type
#   shown PORT        filters text: the port of this run becomes PORT, that of the lesson
#   told              filters the narrator's lines: no time, narrow enough for a slide
#   told waits        the same, and how long a call slept
#   narrow            filters errno_table's lines: the same
#   changed FILE COPY SED...   COPY is FILE, changed by the sed script. Ends the run if the
#                     line to change is gone

dir=$(mktemp -d) || exit 1
pid=
trap 'end; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

begin() {
    : >"$dir/out"
    "$@" >"$dir/out" 2>"$dir/err" &
    pid=$!
    tries=0
    until grep -q '^listening on ' "$dir/out"; do
        tries=$((tries + 1))
        [ "$tries" -le 100 ] || exit 1
        sleep 0.05
    done
    port=$(sed -n 's/^listening on .*://p' "$dir/out")
}

end() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null
    [ -z "$pid" ] || wait "$pid" 2>/dev/null
    pid=
}

changed() {
    original=$1
    copy=$2
    shift 2
    sed "$@" "$original" >"$copy" || exit 1
    cmp -s "$copy" "$original" || return 0
    echo "$original has no such line any more: sed $*"
    exit 1
}

typed() {
    echo "\$ $*"
}

shown() {
    sed "s/:$port\$/:$1/; s/:$port\([^0-9]\)/:$1\1/"
}

# The narrator's line: the time up to column 10, how long the call slept in 15 to 20, the call
# from 23 on, and its result.
told() {
    awk -v waits="${1-}" '
        / times more the same failures$/ { sub(/^ */, "    "); print; next }
        !/^  [0-9]/ { print; next }
        {
            call = result = substr($0, 23)
            sub(/ += .*/, "", call)
            sub(/^.* += /, "", result)
            if (result ~ /^-1 /)
                gsub(/  +/, "  ", result)
            if (waits != "")
                printf "%-6s  ", substr($0, 15, 6)
            printf "%-26s = %s\n", call, result
        }'
}

narrow() {
    awk '{
        verdict = substr($0, 30, 24)
        gsub(/  +/, " ", verdict)
        printf "%-8s%-13s%-21s%s\n", $1, $2, verdict, substr($0, 55)
    }'
}
