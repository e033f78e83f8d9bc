# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# the instructions of a round trip outside the kernel
# seconds: 40, quick: 5

# instructions NAME COUNT OPTION...: what a server executes from its start to its end.
instructions() {
    name=$1 count=$2
    shift 2
    start valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$work/callgrind" \
        $(command_of "$name")
    note "server=$name" $pin tests/bench/load -p "$PORT" -s "$PID" -n "$count" "$@"
    stop "$PID" TERM
    sed -n 's/.*Collected : //p' "$work/callgrind"
}

# The difference of a long and a short run is free of what is done once.
play_instructions() {
    for name in $(built 03-select floor-select 04-poll floor-poll 05-epoll 05-edge 06-epoll floor-epoll); do
        for clients in $(pick '1 64' 64); do
            instructions "$name" 3200 -c "$clients" >"$work/short"
            instructions "$name" 9600 -c "$clients" >"$work/long"
            each=$((($(cat "$work/long") - $(cat "$work/short")) / 6400))
            echo "round=1 server=$name clients=$clients instructions=$each" >>"$work/instructions"
        done
    done
}

round=1
: >"$work/instructions"
if command -v valgrind >/dev/null; then
    play_instructions
    raw=$work/instructions
    keep instructions server clients instructions server=floor-epoll
    table instructions 'Instructions of a round trip outside the kernel, with 1 and 64 clients'
else
    echo 'instructions: skipped, valgrind is not installed'
fi
