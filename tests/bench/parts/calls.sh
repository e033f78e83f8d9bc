# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# the system calls of a round trip
# seconds: 15, quick: 4

# tally NAME OPTION...: the calls of a server under this load, by name (common/narrate -c).
tally() {
    name=$1
    shift
    start common/narrate -c -n -j -o "$work/tally" $(command_of "$name")
    note "server=$name" $pin tests/bench/load -p "$PORT" -s "$PID" "$@"
    stop "$PID" TERM
    sed -n 's/.*"tally":"\([a-z0-9_]*\)","calls":\([0-9]*\).*/\1 \2/p' "$work/tally"
}

floors() {
    if is_here 05-epoll; then echo 'floor-epoll floor-edge'; fi
}

# play_calls SETTING COUNT OPTION...: what is done once stands in a long and in a short run,
# and so not in their difference.
play_calls() {
    setting=$1
    count=$2
    shift 2
    for name in $(built 03-select 04-poll 05-epoll 05-edge 06-epoll) $(floors); do
        tally "$name" -n "$count" "$@" >"$work/short"
        tally "$name" -n $((3 * count)) "$@" >"$work/long"
        awk -v server="$name,$setting" -v roundtrips=$((2 * count)) -f tests/bench/calls.awk \
            "$work/short" "$work/long" >>"$work/calls"
    done
}

round=1
: >"$work/calls"
if [ -e common/narrator.so ]; then
    play_calls 1 "$(pick 2000 800)" -c 1
    play_calls 64 "$(pick 12800 3200)" -c 64
    [ -n "$quick" ] || play_calls 8x64KiB 2000 -c 8 -b 65536
    raw=$work/calls
    keep calls server call calls call=all
    table calls 'System calls of a round trip: 1 client, 64, and 8 with messages of 64 KiB'
else
    echo 'calls: skipped, the narrator is not built on this system'
fi
