# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# our servers and the least program with the same technique, in turns
# seconds: 110, quick: 12

# duel NAME FLOOR CELL OPTION...: both on one processor, in turns of 20 ms.
duel() {
    name=$1 floor=$2 cell=$3
    shift 3
    start $(command_of "$name")
    ours="-p $PORT -s $PID" our_pid=$PID
    start $(command_of "$floor")
    : >"$raw"
    each_round "$(pick 5 3)" note "" $pin tests/bench/load -t "$(pick 240 120)" "$@" $ours -p "$PORT" -s "$PID"
    stop "$PID"
    stop "$our_pid"
    reduce duel.awk "server=$name" "cell=$cell"
    cat "$raw" >>"$work/duels"
}

duels() {
    duel "$1" "$2" 1 -c 1
    duel "$1" "$2" 64 -c 64
    [ -z "$quick" ] || return 0
    duel "$1" "$2" 512 -c 512
    duel "$1" "$2" 8x64KiB -c 8 -b 65536
    duel "$1" "$2" 8+900 -c 8 -i 900
    [ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -gt 18100 ] || return 0
    [ "$1" = 03-select ] || duel "$1" "$2" 8+9000 -c 8 -i 9000
}

: >"$work/duels"
duels 03-select floor-select
duels 04-poll floor-poll
if is_here 05-epoll; then
    duels 05-epoll floor-epoll
    duels 05-edge floor-edge
    duels 06-epoll floor-epoll
    # Read until it would block, or until a read is short: what does the last call cost?
    duel floor-edge-drained floor-edge 1 -c 1
    duel floor-edge-drained floor-edge 64 -c 64
fi
# A program against itself: what is not 1 here is the error of the others.
duel floor-poll floor-poll 1 -c 1
duel floor-poll floor-poll 64 -c 64
raw=$work/duels
doubt_load
keep floor server cell ratio cell=1
table floor 'CPU of a round trip, against the floor: 1, 64, 512 clients, 8 with 64 KiB, 8 beside silent ones'
awk '$1 == "floor-poll" && ($3 < 0.96 || $3 > 1.04) { print "floor: a program against itself came to " $3 }' \
    "$data/floor.data" >>"$work/doubts"
