#!/usr/bin/env bats
# SIGUSR1: the contract is in 04-poll/exercise/README.md, "report".

load ../extend

SAID=$BATS_TEST_TMPDIR/stderr

# reported CLIENTS RECEIVED SENT: the last line of the report.
reported() {
    is 'the report' "clients=$1 received=$2 sent=$3" "$(tail -n 1 "$SAID")"
}

# whole_lines: every line on stderr is a report, and none is torn.
whole_lines() {
    ! grep -vnE '^clients=[0-9]+ received=[0-9]+ sent=[0-9]+$' "$SAID"
}

@test "$NAME reports the clients and the bytes on SIGUSR1" {
    start_server
    client 'signal USR1' "lines 1 $SAID"
    reported 0 0 0
    client 'ann connect' 'ann echo hello' 'signal USR1' "lines 2 $SAID" 'ann echo hello'
    reported 1 5 5
    [ "$(wc -l <"$SAID")" -eq 2 ]
}

@test "$NAME counts the bytes of those who have left, and no longer them" {
    start_server
    client 'ann connect' 'ann stream 1000000' 'ann half-close' 'ann end' \
        'bob*3 connect' 'bob echo hi' 'signal USR1' "lines 1 $SAID"
    reported 3 1000006 1000006
}

@test "$NAME counts what is owed as received, and not as sent" {
    local received sent
    start_server
    client 'bob connect' 'bob echo x' 'slow connect-small' 'slow fill' 'signal USR1' \
        "lines 1 $SAID" 'slow collect' 'signal USR1' "lines 2 $SAID" >"$BATS_TEST_TMPDIR/took"
    IFS=' =' read -r _ _ _ received _ sent < <(head -n 1 "$SAID")
    echo "received $received, sent $sent"
    [ "$received" -gt "$sent" ]
    [ $((received - sent)) -le 65536 ]
    received=$(($(sed -n 's/^slow took \([0-9]*\) bytes$/\1/p' "$BATS_TEST_TMPDIR/took") + 1))
    reported 2 "$received" "$received"
}

@test "$NAME reports at rest, once a signal" {
    start_server
    client 'ann connect' 'ann echo hello' 'signal USR1' "lines 1 $SAID" 'mark' 'pass 500' \
        'cpu-below 5' 'signal USR1' "lines 2 $SAID"
    [ "$(wc -l <"$SAID")" -eq 2 ]
    whole_lines
}

@test "$NAME reports on a signal that comes right before it waits" {
    need_narrator
    # Each wait begins late. What comes meanwhile comes when the program has done all that
    # it does before a wait.
    WRAPPER="common/narrate -n -f 'poll:*:delay=300' -f 'ppoll:*:delay=300'"
    start_server
    client 'ann connect' 'ann echo hello' 'signal USR1' "lines 1 $SAID" 'ann silent 50'
    reported 1 5 5
}

@test "$NAME serves on after a signal that comes right after the first line" {
    local i
    for i in 1 2 3 4 5; do
        start_server
        kill -USR1 "$SERVER_PID"
        client "lines 1 $SAID" 'ann connect' 'ann echo hello'
        stop_server TERM
        [ "$STATUS" -eq 0 ]
    done
}

@test "$NAME loses no byte and no connection in a storm of signals" {
    start_server
    client 'storm 100000' 'crowd*20 connect' 'crowd stream 500000' 'ann connect' \
        'ann stream 10000000' 'ann half-close' 'ann end' 'slow connect-small' 'slow pour 500000' \
        'slow collect' 'slow half-close' 'slow end' 'crowd echo hello' 'pester-wait' \
        'bob connect' 'bob echo hello' 'crowd half-close' 'crowd end'
    [ "$(wc -l <"$SAID")" -le 100000 ]
    whole_lines
}

@test "$NAME has counted rightly in a storm of signals" {
    start_server
    # Two round trips after the storm its last report is said.
    client 'storm 50000' 'ann*5 connect' 'ann stream 1000000' 'pester-wait' 'ann echo 12' \
        'ann echo 3' 'ann half-close' 'ann end'
    client 'bob connect' 'bob echo hello' 'signal USR1' "lines $(($(wc -l <"$SAID") + 1)) $SAID"
    reported 1 5000020 5000020
}

# A pipe that nobody empties while the program is busy can be full. A handler that waits for
# room then waits for its own program.
@test "$NAME never waits for room in a pipe to itself" {
    local link flags
    [ -d /proc/self/fdinfo ] || skip 'this system does not show how a descriptor is open'
    start_server
    for link in "/proc/$SERVER_PID/fd"/*; do echo "${link##*/} $(readlink "$link")"; done |
        awk '$2 ~ /^pipe:/ { ends[$2] = ends[$2] $1 "\n"; n[$2]++ }
            END { for (pipe in n) if (n[pipe] == 2) printf "%s", ends[pipe] }' >"$BATS_TEST_TMPDIR/ends"
    while read -r link; do
        flags=$(sed -n 's/^flags:[^0-9]*//p' "/proc/$SERVER_PID/fdinfo/$link")
        echo "descriptor $link is open with the flags $flags"
        [ $((flags & 3)) -eq 0 ] || [ $((flags & 04000)) -ne 0 ]
    done <"$BATS_TEST_TMPDIR/ends"
}

@test "$NAME stops on SIGTERM in a storm of signals" {
    start_server
    client 'storm 100000000' "lines 1 $SAID" 'ann connect' 'ann echo hello' 'ann pour 100000' \
        'signal TERM' 'server-gone'
    await_end
    [ "$STATUS" -eq 0 ]
}

@test "$NAME does next to nothing in the handler" {
    local log=$BATS_TEST_TMPDIR/log
    need_strace
    WRAPPER="strace -D -f -o '$log' -e trace=all"
    start_server
    client 'ann connect' 'ann echo hello' 'signal USR1' "lines 1 $SAID" 'ann echo hello' \
        'signal USR1' "lines 2 $SAID"
    stop_server TERM
    # Between the signal and the return from its handler there is a write into a pipe at most.
    awk '/--- SIGUSR1/ { inside = 1; seen++; next }
        /rt_sigreturn/ { inside = 0 }
        inside && (/write(v|)\(2,/ || /mmap|brk|futex/) { print "in the handler:", $0; bad = 1 }
        END { exit bad }' "$log"
}
