#!/usr/bin/env bats
# -j THREADS: the contract is in 05-epoll/exercise/README.md, "threads".

load ../extend

LOG=$BATS_TEST_TMPDIR/log

# trace CALLS: for start_server, keeps these calls of every thread in LOG.
trace() {
    need_strace
    WRAPPER="strace -D -f -o '$LOG' -e trace=$1"
}

# waiting THREADS: so many threads have waited, all on the same descriptor.
waiting() {
    local seen
    seen=$(sed -n 's/^\([0-9]*\) *epoll_p*wait2*(\([0-9]*\),.*/\1 \2/p' "$LOG" | sort -u |
        awk '{ threads[$1]; sets[$2] } END { print length(threads), length(sets) }')
    is 'threads that wait, and sets they wait for' "$1 1" "$seen"
}

@test "$NAME -j 2 waits in two threads for one set, -j 5 in five" {
    local threads
    for threads in 1 2 5; do
        trace '?epoll_wait,?epoll_pwait,?epoll_pwait2'
        start_server -j "$threads"
        client 'ann connect' 'ann echo hello' 'pass 200'
        stop_server TERM
        waiting "$threads"
    done
}

@test "$NAME -j serves a client by one thread at a time, until it is armed anew" {
    trace 'recvfrom,sendto,epoll_ctl,close'
    start_server -j 3
    client 'crowd*20 connect' 'crowd stream 200000' 'crowd echo hello' 'ann connect' \
        'ann stream 2000000' 'crowd half-close' 'crowd end'
    stop_server TERM
    # A descriptor belongs to the thread that used it last, until it tells the interest anew.
    awk '{ split($2, part, "[(,]"); call = part[1]; fd = part[2] }
        call == "epoll_ctl" { split($0, part, ", *"); delete owner[part[3]] }
        call == "close" { fd += 0; delete owner[fd] }
        call ~ /^(recvfrom|sendto)$/ {
            uses++
            if (fd in owner && owner[fd] != $1) { print "not armed anew:", $0; bad++ }
            if (bad > 5) exit
            owner[fd] = $1
        }
        END { print uses, "calls"; exit bad > 0 || uses < 100 }' "$LOG"
}

@test "$NAME -j keeps every byte in order" {
    start_server -j 4
    client 'ann connect' 'ann stream 20000000' 'crowd*50 connect' 'crowd stream 300000' \
        'ann stream 1000000' 'crowd echo hello' 'ann half-close' 'ann end'
}

@test "$NAME -j serves others while a thread is held up" {
    need_narrator
    WRAPPER="common/narrate -n -f 'recv:1:delay=4000'"
    start_server
    # Both are ready when the first thread wakes.
    client -t 20000 'crowd*2 connect' 'signal STOP' 'crowd send x' 'signal CONT' \
        'crowd answered 1 500' 'crowd answered-at-least 2'
}

@test "$NAME -j is not held up by more clients that never read than it has threads" {
    start_server
    client 'slow*5 connect-small' 'slow fill' 'bob connect' 'bob echo hello' 'mark' 'pass 500' \
        'cpu-below 5' 'slow collect' 'slow half-close' 'slow end'
}

@test "$NAME -j rests while nobody talks" {
    start_server -j 8
    client 'crowd*100 connect' 'crowd echo x' 'mark' 'pass 2000' 'cpu-below 1'
}

@test "$NAME -j outlives clients that come, talk and reset" {
    local i steps=()
    for i in 1 2 3 4 5; do
        steps+=('crowd*100 connect' 'crowd pour 3000' 'crowd reset' 'more*100 connect'
            'more echo hello' 'more close' 'ann stream 100000')
    done
    start_server -j 4
    client 'ann connect' 'ann echo x' 'mark' "${steps[@]}" 'ann echo hello' 'descriptors-same'
}

@test "$NAME -j takes in all who waited while descriptors were short" {
    LIMIT=32
    start_server -j 4
    client 'crowd*100 connect' 'crowd send x' 'crowd answered-at-least 15' 'mark' 'pass 1000' \
        'cpu-below 5' 'crowd close-answered 15' 'crowd answered-at-least 30'
}

@test "$NAME -j ends every thread on SIGTERM and SIGINT, at rest and in mid-stream" {
    local signal
    for signal in TERM INT; do
        start_server -j 8
        client 'ann connect' 'ann echo hello'
        stop_server "$signal"
        [ "$STATUS" -eq 0 ]
        start_server -j 8
        client 'crowd*50 connect' 'crowd pour 100000' "signal $signal" 'server-gone'
        await_end
        [ "$STATUS" -eq 0 ]
    done
}

@test "$NAME -j refuses what is no number of threads with status 2" {
    local wrong
    for wrong in 0 x -1 1.5 "''" ''; do
        refuses 2 2 -j "$wrong"
        says '-j'
    done
}
