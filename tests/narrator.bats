#!/usr/bin/env bats
# The narrator, from outside: what it tells about a program's calls, which calls it makes
# fail, and that the program cannot tell that it is there. narrator_probe makes the calls.

load helper

NARRATE="$ROOT/common/narrate"
PROBE="$ROOT/tests/narrator_probe"
LINES_AT_ONCE=500 # of JSON, so that they fit into one command line

setup() {
    cd "$ROOT" || return 1
    need_narrator
    OUT="$BATS_TEST_TMPDIR/out"
    LOG="$BATS_TEST_TMPDIR/log"
    WORK="$BATS_TEST_TMPDIR/file"
    # Under a strange terminal or seed the outer environment must not decide.
    unset NO_COLOR NARRATE_LIMIT NARRATE_OUT NARRATE_QUIET NARRATE_SEED
    need_preloading
}

# A program that is linked statically loads nothing.
need_preloading() {
    if "$NARRATE" "$PROBE" -l 2>&1 | grep -q 'is linked statically'; then
        skip 'the probe is linked statically'
    fi
}

# alone PROGRAM...: runs it without the descriptors that bats has open.
alone() {
    "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

# tell OPTION... PROGRAM...: runs narrate. Sets STATUS; $OUT holds what the program printed,
# and $LOG its stderr, where the narrator writes.
tell() {
    STATUS=0
    alone "$NARRATE" "$@" >"$OUT" 2>"$LOG" || STATUS=$?
}

# What was told, without times, and with single blanks. Ports are PORT.
told() {
    sed -E 's/^ *[0-9]+\.[0-9]+ +(\+[0-9.]+ +)?//
            s/(127\.0\.0\.1:)[1-9][0-9]*/\1PORT/g
            s/ +/ /g' "$LOG"
}

# member NAME FILE: this member of each line of a file of JSON. Fails if a line is no JSON.
# A backslash is \x5c to json_probe wherever an x could follow it.
member() {
    local lines at
    mapfile -t lines <"$2"
    lines=("${lines[@]//\\/\\x5c}")
    for ((at = 0; at < ${#lines[@]}; at += LINES_AT_ONCE)); do
        tests/json_probe -m "$1" -- "${lines[@]:at:LINES_AT_ONCE}" || return 1
    done
}

# Every line of a file is a whole JSON text.
is_json() {
    local lines at
    mapfile -t lines <"$1"
    lines=("${lines[@]//\\/\\x5c}")
    for ((at = 0; at < ${#lines[@]}; at += LINES_AT_ONCE)); do
        tests/json_probe -- "${lines[@]:at:LINES_AT_ONCE}" >/dev/null || return 1
    done
}

# Which calls the program saw fail: "3 7".
failed_calls() {
    grep -E "^$1\(" "$OUT" | grep -n -- '= -1 ' | cut -d : -f 1 | xargs
}

# Their results: "10 10 -1".
results() {
    sed -nE "s/^$1\(.* = (-?[0-9]+).*/\1/p" "$OUT" | xargs
}

# never_struck PLAN TIMES: the narrator says so, once.
never_struck() {
    is "what never struck" "narrate: $1 never struck: ${1%%:*} was called $2 times" \
        "$(grep 'never struck' "$LOG")"
}

# A column of the tally, by the call.
tallied() {
    awk -v call="$1" -v column="$2" '$1 == call { print $column }' "$LOG"
}

on_linux() {
    [ "$(uname -s)" = Linux ] || skip 'these are the calls that Linux has'
}

# ---- what is told ----

EVERY_CALL='socket(AF_INET, SOCK_STREAM, 0) = 3
setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1) = 0
bind(3, 127.0.0.1:0) = 0
listen(3, 5) = 0
socket(AF_INET, SOCK_STREAM, 0) = 4
connect(4, 127.0.0.1:PORT) = 0
accept(3) = 5 from 127.0.0.1:PORT
socket(AF_INET, SOCK_STREAM, 0) = 6
connect(6, 127.0.0.1:PORT) = 0
accept4(3, SOCK_NONBLOCK|SOCK_CLOEXEC) = 7 from 127.0.0.1:PORT
close(6) = 0
close(7) = 0
getsockopt(4, SOL_SOCKET, SO_ERROR) = 0 [0]
setsockopt(4, IPPROTO_TCP, TCP_NODELAY, 1) = 0
fcntl(4, F_GETFL) = 2 without O_NONBLOCK
fcntl(4, F_SETFL, O_NONBLOCK) = 0
fcntl(4, F_SETFD, FD_CLOEXEC) = 0
send(4, "a\tb\"c\\\r\n", 8, MSG_NOSIGNAL) = 8
select(6, IN {5} OUT {5}, 5000 ms) = 2 IN {5} OUT {5}
pselect(6, IN {5}, 5000 ms) = 1 IN {5}
poll([{5 IN|OUT}], for ever) = 1 {5 IN|OUT}
ppoll([{5 IN}], 5000 ms) = 1 {5 IN}
epoll_create(1) = 6
epoll_create1(EPOLL_CLOEXEC) = 7
epoll_ctl(7, EPOLL_CTL_ADD, 5, IN) = 0
epoll_ctl(7, EPOLL_CTL_MOD, 5, IN|OUT|ET) = 0
epoll_wait(7, 4, for ever) = 1 {5 IN|OUT}
epoll_ctl(7, EPOLL_CTL_MOD, 5, IN) = 0
epoll_pwait(7, 4, 5000 ms) = 1 {5 IN}
epoll_ctl(7, EPOLL_CTL_DEL, 5) = 0
close(7) = 0
close(6) = 0
recv(5, "a\tb\"c\\\r\n", 16, 0) = 8
sendto(4, "to", 2, 0) = 2
recvfrom(5, "to", 16, MSG_PEEK) = 2
recvfrom(5, "to", 16, 0) = 2
sendmsg(4, 2 pieces, 7, 0) = 7
recvmsg(5, 2 pieces, 8, 0) = 7
write(4, "write it to the "..., 22) = 22
read(5, "write it to the", 15) = 15
read(5, " socket", 15) = 7
writev(4, 2 pieces, 2) = 2
readv(5, 2 pieces, 10) = 2
shutdown(4, SHUT_WR) = 0
recv(5, 1, 0) = 0 the end of its input
close(4) = 0
close(5) = 0
socket(AF_INET, SOCK_STREAM, 0) = 4
fcntl(3, F_SETFL, O_NONBLOCK) = 0
accept(3) = -1 EAGAIN
recv(4, 4, 0) = -1 ENOTCONN
read(4, 4) = -1 ENOTCONN
send(4, "\000\000\000\000", 4, MSG_NOSIGNAL) = -1 EPIPE
shutdown(4, SHUT_RDWR) = -1 ENOTCONN
bind(4) = -1 EINVAL
getsockopt(4, SOL_SOCKET, -1) = -1 ENOPROTOOPT
close(3) = 0
connect(4, 127.0.0.1:PORT) = -1 ECONNREFUSED
close(4) = 0
recv(4, 4, 0) = -1 EBADF
socket(-1, SOCK_STREAM, 0) = -1 EAFNOSUPPORT'

@test "narrate tells every call with its arguments and its result" {
    on_linux
    tell "$PROBE" every
    [ "$STATUS" -eq 0 ]
    is 'the calls' "$EVERY_CALL" "$(told | sed -E 's/ (error|retry|pending): .*//')"
}

@test "narrate tells the same in JSON" {
    local call arguments result
    on_linux
    tell -j "$PROBE" every
    [ "$STATUS" -eq 0 ]
    is_json "$LOG"
    call=$(member call "$LOG" | tr -d '"')
    result=$(member result "$LOG")
    is 'the calls' "$(cut -d '(' -f 1 <<<"$EVERY_CALL")" "$call"
    is 'their results' "$(sed -E 's/.* = (-?[0-9]+).*/\1/' <<<"$EVERY_CALL")" "$result"
    # A JSON string is written here as the text form is, once its own escapes are undone.
    arguments=$(member arguments "$LOG" |
        sed -E 's/^"(.*)"$/\1/; s/\\(["\\])/\1/g; s/(127\.0\.0\.1:)[1-9][0-9]*/\1PORT/g')
    is 'their arguments' "$(sed -E 's/^[^(]*\((.*)\) = .*/\1/' <<<"$EVERY_CALL")" "$arguments"
}

@test "each JSON object has times, the process, the thread and the descriptor" {
    local name
    tell -j "$PROBE" bounce
    for name in t took pid thread fd; do
        member "$name" "$LOG" >"$BATS_TEST_TMPDIR/$name"
        [ "$(grep -cE '^[0-9.e-]+$' "$BATS_TEST_TMPDIR/$name")" -eq 4 ]
    done
    sort -g -c "$BATS_TEST_TMPDIR/t"
    is 'one process' 1 "$(sort -u "$BATS_TEST_TMPDIR/pid" | wc -l | xargs)"
    is 'one thread' 1 "$(sort -u "$BATS_TEST_TMPDIR/thread")"
    is 'the descriptors' '3 4 3 4' "$(xargs <"$BATS_TEST_TMPDIR/fd")"
}

@test "a failure in JSON has the errno, the verdict, what to do, why, and who did it" {
    local name
    tell -j -q write,fcntl -f recv:2:ECONNRESET "$PROBE" make recv 2
    sed 1d "$LOG" >"$WORK"
    is 'a success has no errno' '' "$(head -n 1 "$LOG" | grep -E 'errno|verdict|injected')"
    for name in 'errno "ECONNRESET"' 'verdict "error"' 'action "one connection"' \
        'reason "the peer reset the connection"' 'injected "recv:2:ECONNRESET"'; do
        is "${name%% *}" "${name#* }" "$(member "${name%% *}" "$WORK")"
    done
}

@test "descriptors that are not there and empty sets are told as they were passed" {
    on_linux
    tell "$PROBE" odd
    is 'the calls' 'recv(-1, 1, 0) = -1 EBADF
send(-1, 1, 0) = -1 EBADF
select(0, 1 ms) = 0
accept4(-1, 0) = -1 EBADF
accept4(-1, SOCK_NONBLOCK) = -1 EBADF' "$(told | sed -E 's/ (error|retry|pending): .*//')"
}

@test "a call that took a while is told with its time" {
    tell "$PROBE" make poll 1
    [ "$(grep -cE '^ +[0-9.]+ +\+' "$LOG")" -eq 0 ]
    tell "$PROBE" odd
    grep -E '^ +[0-9.]+ +\+0\.00[0-9]+ +select\(' "$LOG"
}

@test "failures that repeat themselves are told once, and how often they came" {
    tell "$PROBE" again
    is 'the calls' 'recv(3, 1, MSG_DONTWAIT) = -1 EAGAIN
 ... and 19 times more the same failures
send(4, "x", 1, 0) = 1
recv(3, "x", 1, MSG_DONTWAIT) = 1
recv(3, 1, MSG_DONTWAIT) = -1 EAGAIN' "$(told | sed -E 's/ retry: .*//' | head -n 5)"
    is 'those at the end' ' ... and 2 times more the same failures' "$(told | sed 1,5d)"
}

@test "failures that repeat themselves are all told in JSON" {
    tell -j "$PROBE" again
    is 'the failures' 23 "$(grep -c '"errno":"EAGAIN"' "$LOG")"
}

# verdicts CALL: all failures that errno_table knows of this call are made, and each is told
# with the verdict and the reason of the table.
verdicts() {
    local rows plans=() row error verdict reason number=0
    mapfile -t rows < <(common/errno_table "$1" | head -n 16)
    for row in "${rows[@]}"; do
        number=$((number + 1))
        read -r _ error _ <<<"$row"
        plans+=(-f "$1:$number:$error")
    done
    [ "$number" -gt 2 ]
    tell "${plans[@]}" "$PROBE" make "$1" "$number"
    number=0
    for row in "${rows[@]}"; do
        number=$((number + 1))
        read -r _ error verdict _ <<<"$row"
        reason=${row:54}
        error=${error/EWOULDBLOCK/EAGAIN}
        told | grep "($1:$number:" >"$WORK" || true
        holds "= -1 $error $verdict: $reason" "$WORK"
    done
}

@test "behind a failure stand the verdict and the reason that errno_table prints" {
    local call
    for call in accept connect recv send select poll close; do verdicts "$call"; done
    [ ! -x 05-epoll/echo_server ] || { verdicts epoll_wait && verdicts epoll_ctl; }
}

@test "calls on files and pipes are not told and not counted" {
    tell -c "$PROBE" files "$WORK"
    [ "$STATUS" -eq 0 ]
    lacks '(' "$LOG"
    is 'the tally' 'bytes: 0 in, 0 out. wake-ups: 0, 0 of them wasted.' \
        "$(sed -n '2,$p' "$LOG" | sed 's/ CPU.*//')"
}

@test "-q leaves calls out, but still counts them and lets them fail" {
    tell -c -q recv,close -f recv:2:EINTR "$PROBE" bounce
    lacks 'recv(' "$LOG"
    holds 'send(' "$LOG"
    is 'the calls' 2 "$(tallied recv 2)"
    is 'the failures' 1 "$(tallied recv 3)"
}

@test "-n tells no calls" {
    tell -n "$PROBE" bounce
    [ ! -s "$LOG" ]
    tell -n -c "$PROBE" bounce
    lacks '(' "$LOG"
    is 'the calls' 2 "$(tallied send 2)"
}

@test "-o writes to a file, and stderr stays the program's own" {
    (
        cd "$BATS_TEST_TMPDIR"
        # The program goes elsewhere: the file does not.
        # shellcheck disable=SC2016 # for sh to expand
        tell -c -o here sh -c 'cd / && echo mine >&2 && exec "$0" bounce' "$PROBE"
        is 'stderr' mine "$(cat "$LOG")"
        LOG=here
        is 'the calls told' 4 "$(grep -c '(' here)"
        is 'the calls' 2 "$(tallied send 2)"
    )
}

@test "colours are for a terminal without NO_COLOR" {
    local esc=$'\033'
    command -v script >/dev/null || skip 'there is no script(1)'
    script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip 'another script(1)'
    script -qec "$NARRATE $PROBE again" /dev/null </dev/null >"$OUT"
    holds "${esc}[" "$OUT"
    NO_COLOR=1 script -qec "$NARRATE $PROBE again" /dev/null </dev/null >"$OUT"
    holds EAGAIN "$OUT"
    lacks "${esc}[" "$OUT"
    script -qec "$NARRATE -o $LOG $PROBE again" /dev/null </dev/null >"$OUT"
    lacks "${esc}[" "$LOG"
    script -qec "$NARRATE -j $PROBE again" /dev/null </dev/null >"$OUT"
    lacks "${esc}[" "$OUT"
    tell "$PROBE" again
    lacks "${esc}[" "$LOG"
}

# ---- the limit of lines ----

# Each call that is read here in JSON: in which tenth of a second it began. What is printed is
# rounded: a call that began within two microseconds of the border may belong to either side.
# It is put into the later tenth, and has "border" beside it.
tenths() {
    sed -nE 's/^\{"t":([0-9.]+),"took":([0-9.]+),.*"call":.*/\1 \2/p' |
        awk '{ late = int(($1 - $2 + 0.000002) * 10); early = int(($1 - $2 - 0.000002) * 10)
               print late, early < late ? "border" : "" }'
}

# tenths_hold LINES LEAST: under this limit no tenth of a second has more than LINES calls
# that would have blocked, nor more than LINES and as many again of all calls. Calls of LEAST
# tenths or more are told. In each of the probe's 8 threads one call may have begun in the
# tenth before the one that it is told in.
tenths_hold() {
    grep '"errno":"EAGAIN"' "$LOG" | tenths | grep -v border | sort -n | uniq -c >"$WORK"
    awk -v most="$1" '$1 > most { print "would block: " $0; exit 1 }' "$WORK"
    tenths <"$LOG" | cut -d ' ' -f 1 | sort -n | uniq -c >"$WORK"
    cat "$WORK"
    awk -v most="$1" '$1 > 2 * most + 8 { exit 1 }' "$WORK"
    [ "$(wc -l <"$WORK")" -ge "$2" ]
}

# sum PATTERN: the sum of the numbers that this has in its brackets, a line each.
sum() {
    sed -nE "s/.*$1.*/\\1/p" "$LOG" | awk '{ sum += $1 } END { print sum + 0 }'
}

# What was told and what was left out are together what the tally has, of all calls and of
# those that would have blocked.
adds_up() {
    local left_out wasted
    left_out=$(sum '^\{"t":[0-9.]+,"left_out":([0-9]+),"wasted":[0-9]+\}$')
    wasted=$(sum '"left_out":[0-9]+,"wasted":([0-9]+)')
    [ "$left_out" -gt 0 ]
    is 'all calls' "$(sum '"tally":.*"calls":([0-9]+)')" \
        $((left_out + $(grep -c '"call":' "$LOG")))
    is 'those that would have blocked' "$(sum '"tally":.*"EAGAIN":([0-9]+)')" \
        $((wasted + $(grep -c '"errno":"EAGAIN"' "$LOG")))
}

@test "narrate tells at most so many lines in a tenth of a second" {
    tell -j -l 20 "$PROBE" flood
    is_json "$LOG"
    tenths_hold 20 3
    tell -j -l 1 "$PROBE" flood
    tenths_hold 1 3
}

@test "what narrate leaves out is counted, and what of it would have blocked" {
    tell -j -c -l 20 "$PROBE" flood
    is_json "$LOG"
    adds_up
    [ "$(sum '"wasted":([0-9]+)')" -lt "$(sum '"left_out":([0-9]+)')" ]
}

# The last is told at the end of the program, which may come in the tenth of the one before.
@test "what was left out is told before the first call of a later tenth, and at the end" {
    tell -j -l 20 "$PROBE" flood
    [ "$(grep -c left_out "$LOG")" -ge 3 ]
    holds left_out <(tail -n 1 "$LOG")
    sed -nE 's/^\{"t":([0-9.]+),"took":([0-9.]+),.*/\1 \2/p
            s/^\{"t":([0-9.]+),"left_out".*/\1 left_out/p' "$LOG" |
        awk '$2 == "left_out" { said = $1; next }
            # At the border the later tenth and the earlier one are both possible.
            { late = int(($1 - $2 + 0.000002) * 10); early = int(($1 - $2 - 0.000002) * 10) }
            said && late <= before_early { print "in the same tenth: " $0; exit 1 }
            said > $1 - $2 + 0.000002 { print "not before it: " $0; exit 1 }
            !said && early > before_late && told >= 20 { print "untold before " $0; exit 1 }
            { told = late > before_late ? 1 : told + 1; said = 0 }
            { before_late = late; before_early = early }'
}

@test "the limit holds for all threads together, and one of them tells what was left out" {
    tell -j -c -l 20 "$PROBE" flood-threads
    is_json "$LOG"
    tenths_hold 20 3
    adds_up
    # Without the last, which may be told in the tenth of the one before.
    is 'what is told twice in a tenth' '' \
        "$(sed -nE 's/^\{"t":([0-9]+\.[0-9]).*"left_out".*/\1/p' "$LOG" | sed '$d' | sort | uniq -d)"
}

@test "the limit holds for a program and its forked child together" {
    tell -j -c -l 20 "$PROBE" flood-fork
    is_json "$LOG"
    tenths_hold 20 3
    adds_up
    # One of them may have been quicker in each tenth: that both are told is not certain.
    holds 'the child ended with 0' "$OUT"
}

@test "a signal handler under a limit is counted like any other call" {
    tell -j -c -l 5 "$PROBE" handler
    grep -E '^handler [0-9]+ touched 0$' "$OUT"
    is_json "$LOG"
    tenths_hold 5 1
    adds_up
}

@test "over the limit failures for another reason than waiting are told, with arguments" {
    on_linux
    tell -j -c -l 5 "$PROBE" fail-between
    adds_up
    grep '"errno":"EBADF"' "$LOG" >"$WORK"
    is 'the failures' '"-1, 1, 0"
"201, IN {200}, 3000 ms"
"201, OUT {200}, 4000 ms"' "$(member arguments "$WORK")"
}

# The probe sends a byte after each 99 calls that would have blocked.
@test "over the limit calls that do something are told, as often again as the limit" {
    tell -j -c -l 5 "$PROBE" flood
    tenths_hold 5 3
    adds_up
    [ "$(grep -c '"call":"send"' "$LOG")" -ge 9 ]
}

@test "over the limit calls that a plan struck are told" {
    tell -j -c -l 20 -f recv:450:ECONNRESET -f recv:550:EAGAIN -f recv:650:delay=1 \
        -f recv:750:short=1 "$PROBE" flood
    adds_up
    is 'the plans' '"recv:450:ECONNRESET" "recv:550:EAGAIN" "recv:650:delay=1" "recv:750:short=1"' \
        "$(member injected <(grep injected "$LOG") | xargs -d '\n')"
}

@test "a failure without end is told as often again as the limit, and then left out" {
    tell -j -c -l 5 -q recv -f send:1+:ECONNRESET "$PROBE" flood
    is_json "$LOG"
    tenths_hold 5 3
    grep -qE '^ *10 ' "$WORK"
    is 'the calls' "$(sum '"tally":"send","calls":([0-9]+)')" \
        $(($(sum '"left_out":([0-9]+)') + $(grep -c '"call":' "$LOG")))
}

@test "in text what is left out is a line, and repeated failures are folded as ever" {
    local told folded left_out wasted
    tell -c -l 20 "$PROBE" flood
    told=$(grep -c '(' "$LOG")
    folded=$(sum 'and ([0-9]+) times more the same')
    left_out=$(sum '^ +\.\.\. and ([0-9]+) more calls in this tenth of a second, [0-9]+ of them would have blocked$')
    wasted=$(sum 'tenth of a second, ([0-9]+) of them')
    [ "$folded" -gt 0 ]
    [ "$left_out" -gt 0 ]
    [ "$(grep -c 'more calls' "$LOG")" -ge 3 ]
    is 'all calls' $(($(tallied recv 2) + $(tallied send 2))) $((told + folded + left_out))
    is 'those that would have blocked' "$(tallied recv 3)" \
        $((wasted + folded + $(grep -c EAGAIN <(grep '(' "$LOG"))))
}

@test "calls that -q leaves out do not count for the limit" {
    tell -j -c -l 1 -q recv "$PROBE" flood
    lacks '"call":"recv"' "$LOG"
    tenths_hold 1 3
    is 'the calls' "$(sum '"tally":"send","calls":([0-9]+)')" \
        $(($(sum '"left_out":([0-9]+)') + $(grep -c '"call":' "$LOG")))
    is 'what would have blocked' 0 "$(sum '"wasted":([0-9]+)')"
    tell -j -c -l 1 -q recv,send "$PROBE" flood
    lacks left_out "$LOG"
    tell -j -c -l 1 -n "$PROBE" flood
    lacks left_out "$LOG"
}

@test "without -l, or below the limit, nothing is left out" {
    tell "$PROBE" again
    told >"$WORK"
    tell -l 1000 "$PROBE" again
    is 'the lines' "$(cat "$WORK")" "$(told)"
    # What a narrate outside has set is not for this one.
    NARRATE_LIMIT=1 tell -j "$PROBE" again
    is 'the failures' 23 "$(grep -c '"errno":"EAGAIN"' "$LOG")"
    lacks left_out "$LOG"
}

@test "a limit that is no number from 1 is refused" {
    local wrong
    for wrong in '' 0 x -1 +1 1.5 1x ' 1' 1000000000 99999999999999999999; do
        tell -l "$wrong" "$PROBE" bounce
        [ "$STATUS" -eq 2 ]
        is "'$wrong'" "narrate: -l: '$wrong' is not a whole number from 1 to 999999999" \
            "$(head -n 1 "$LOG")"
        is 'the lines' 2 "$(wc -l <"$LOG" | xargs)"
        [ ! -s "$OUT" ]
    done
    tell -l 999999999 "$PROBE" bounce
    [ "$STATUS" -eq 0 ]
}

# ---- the program cannot tell ----

# same_run OPTION... -- ARGUMENT...: the probe prints the same and ends the same under the
# narrator as alone.
same_run() {
    local options=() status=0
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    alone "$PROBE" "$@" >"$BATS_TEST_TMPDIR/alone" 2>/dev/null || status=$?
    tell "${options[@]}" "$PROBE" "$@"
    is "$*: its status" "$status" "$STATUS"
    is "$*: its output" "$(cat "$BATS_TEST_TMPDIR/alone")" "$(cat "$OUT")"
}

@test "results, errno, descriptors and exit status are those of a run without the narrator" {
    local call
    for call in every fork vfork spawn bounce sigpipe _exit _Exit wakeups again; do
        same_run -- "$call"
    done
    same_run -- files "$WORK"
    for call in $("$PROBE" -l | sed -n 's/^make //p'); do
        same_run -j -c -- make "$call" 5
        same_run -n -- make "$call" 3 7
    done
}

@test "results and errno are the same where calls are left out" {
    local call
    on_linux
    for call in every fork sigpipe sizes bad odd fail-between; do
        same_run -l 1 -- "$call"
        same_run -j -l 1 -- "$call"
    done
}

@test "a program that is killed by a signal is killed by it" {
    # Quietly: the shell would say that it was killed.
    run "$NARRATE" sh -c 'kill -KILL $$'
    [ "$status" -eq 137 ]
}

@test "lengths that exceed a buffer are told without reading beyond it" {
    same_run -- sizes
    lacks '\0\0' <(sed 1d "$LOG")
}

@test "what the kernel refuses with EFAULT or EINVAL the narrator survives" {
    same_run -- bad
    holds EFAULT "$LOG"
}

@test "under a low limit of descriptors the program's numbers stay the same" {
    (
        ulimit -n 40
        same_run -- every
        holds 'accept(' "$LOG"
    )
}

@test "a reader that is gone does not kill the program" {
    local status
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    exec 7<>"$BATS_TEST_TMPDIR/fifo" 8>"$BATS_TEST_TMPDIR/fifo" 7>&-
    alone "$PROBE" sigpipe >"$WORK"
    status=0
    alone "$NARRATE" -c "$PROBE" sigpipe >"$OUT" 2>&8 || status=$?
    [ "$status" -eq 0 ]
    cmp "$OUT" "$WORK"
    # The same where stdout, too, has no reader: what the program prints ends in EPIPE.
    alone "$NARRATE" "$PROBE" _exit >&8 2>&8 || status=$?
    exec 8>&-
    [ "$status" -eq 141 ]
}

@test "a program that closes everything and opens a file keeps the file to itself" {
    same_run -c -- close-all "$WORK"
    is 'the file' "the program's own" "$(cat "$WORK")"
}

@test "a signal handler that sends is told in whole lines and leaves errno alone" {
    local handled
    tell -j "$PROBE" handler
    handled=$(sed -nE 's/^handler ([0-9]+) touched 0$/\1/p' "$OUT")
    [ "$handled" -ge 30 ]
    is_json "$LOG"
    is 'the calls of the handler' "$handled" "$(grep -c '"call":"send","fd":5,' "$LOG")"
}

@test "without narrate nothing is loaded" {
    need_strace
    strace -f -o "$LOG" "$PROBE" bounce
    lacks narrator.so "$LOG"
}

# ---- the tally ----

@test "-c counts calls, failures by errno, bytes, wake-ups and wasted ones" {
    tell -c -n "$PROBE" wakeups
    is 'the rows' 'call calls failed
recv 5 2
send 1 0
poll 6 0' "$(awk '!/^bytes/ { print $1, $2, $3 }' "$LOG")"
    is 'the failures of recv' 'EAGAIN 2' "$(tallied recv 6) $(tallied recv 7)"
    is 'the bytes' 'bytes: 3 in, 7 out. wake-ups: 5, 2 of them wasted.' \
        "$(sed -nE 's/ CPU: [0-9.]+ s$//p' "$LOG")"
}

@test "-c counts the same in JSON" {
    tell -c -j -n "$PROBE" wakeups
    is_json "$LOG"
    sed -n 1,3p "$LOG" >"$WORK"
    is 'the rows' '"recv" "send" "poll"' "$(member tally "$WORK" | xargs -d '\n')"
    is 'the calls' '5 1 6' "$(member calls "$WORK" | xargs)"
    is 'the failed' '2 0 0' "$(member failed "$WORK" | xargs)"
    is 'the failures' '{"EAGAIN":2}' "$(member failures "$WORK" | head -n 1)"
    sed -n '4,$p' "$LOG" >"$WORK"
    is 'the bytes' '3 7 5 2' \
        "$(for name in bytes_in bytes_out wakeups wasted; do member "$name" "$WORK"; done | xargs)"
}

@test "the tally has each errno that a call failed with, and whole lines" {
    local plans=() number=0 error
    for error in $(common/errno_table recv | awk '$2 != "EWOULDBLOCK" { print $2 }' | head -n 16); do
        number=$((number + 1))
        plans+=(-f "recv:$number:$error")
    done
    [ "$number" -gt 10 ]
    tell -c -j -n "${plans[@]}" "$PROBE" make recv "$number"
    is_json "$LOG"
    is 'the failed' "$number" "$(member failed <(head -n 1 "$LOG"))"
    is 'their errnos' "$number" "$(member failures <(head -n 1 "$LOG") | grep -o '":1' | wc -l | xargs)"
    tell -c -n "${plans[@]}" "$PROBE" make recv "$number"
    is 'the lines' 5 "$(wc -l <"$LOG" | xargs)"
    for error in $(common/errno_table recv | awk '$2 != "EWOULDBLOCK" { print $2 }' | head -n 16); do
        holds " $error 1" "$LOG"
    done
}

@test "a wake-up for a pipe that is then read is not wasted" {
    tell -c -n "$PROBE" pipe-wakeups
    holds 'wake-ups: 3, 0 of them wasted.' "$LOG"
}

# ---- faults ----

# strikes PLAN WHICH: of 40 calls, a byte each, just these fail, and are told with the plan.
strikes() {
    tell -f "$1" "$PROBE" make recv 40 1
    is "$1" "$2" "$(failed_calls recv)"
    is "$1, as told" "$(wc -w <<<"$2" | xargs)" "$(grep -cF "($1)" "$LOG")"
}

@test "a fault strikes the calls that its plan names" {
    strikes recv:3:EINTR 3
    strikes recv:1:EINTR 1
    strikes recv:2-5:EINTR '2 3 4 5'
    strikes recv:7-7:EINTR 7
    strikes recv:38+:EINTR '38 39 40'
    strikes recv:1/10:EINTR '10 20 30 40'
    strikes recv:*:EINTR "$(seq 40 | xargs)"
    strikes recv:1/1:EINTR "$(seq 40 | xargs)"
    strikes recv:p1:EINTR "$(seq 40 | xargs)"
}

@test "chances are the same with the same seed, and others with another" {
    local first second other
    tell -s 1 -f recv:p0.5:EINTR "$PROBE" make recv 40 1
    first=$(failed_calls recv)
    tell -s 1 -f recv:p0.5:EINTR "$PROBE" make recv 40 1
    second=$(failed_calls recv)
    tell -s 2 -f recv:p0.5:EINTR "$PROBE" make recv 40 1
    other=$(failed_calls recv)
    is 'the same seed' "$first" "$second"
    [ "$first" != "$other" ]
    # Half of 40, give or take five standard deviations.
    [ "$(wc -w <<<"$first")" -ge 5 ] && [ "$(wc -w <<<"$first")" -le 35 ]
}

@test "a chance is as large as it was told" {
    tell -n -c -f recv:p0.1:EINTR "$PROBE" make recv 2000 0
    local struck
    struck=$(tallied recv 3)
    # 200 of 2000, give or take five standard deviations.
    [ "$struck" -gt 130 ] && [ "$struck" -lt 270 ]
}

@test "a call that a fault struck is not made" {
    tell -f send:1:EPIPE "$PROBE" make send 3
    is 'the results' '-1 10 10' "$(results send)"
    holds 'stream: ABCDEFGHIJKLMNOPQRST' "$OUT"
    tell -f recv:2:ECONNRESET "$PROBE" make recv 3
    is 'the results' '10 -1 10' "$(results recv)"
    holds 'recv(m->mine, piece, left(m), 0) = -1 Connection reset by peer' "$OUT"
    tell -f socket:1:EMFILE "$PROBE" make socket 2
    is 'the results' '-1 5' "$(results socket)"
    tell -f accept:1-2:ECONNABORTED "$PROBE" make accept 3
    is 'the results' '-1 -1' "$(results accept | cut -d ' ' -f 1,2)"
}

@test "each call can be struck, and is told with its plan" {
    local call plan
    for call in $("$PROBE" -l | sed -n 's/^make //p'); do
        case $call in
        # The probe itself has to listen before, once.
        listen) plan=$call:2+:EINVAL ;;
        setsockopt | getsockopt) plan=$call:1+:EINVAL ;;
        epoll_create*) plan=$call:1+:EMFILE ;;
        socket) plan=$call:1+:EMFILE ;;
        fcntl) plan=$call:1+:EPERM ;;
        shutdown) plan=$call:1+:ENOTCONN ;;
        bind) plan=$call:1+:EADDRINUSE ;;
        poll | ppoll) plan=$call:1+:EINTR ;;
        *) plan=$call:1+:EBADF ;;
        esac
        tell -f "$plan" "$PROBE" make "$call" 2
        is "$call fails" '1 2' "$(failed_calls "$call")"
        holds "($plan)" "$LOG"
    done
}

@test "short transfers fewer bytes and loses none" {
    local call
    for call in recv recvfrom recvmsg read readv send sendto sendmsg write writev; do
        tell -q "$call" -f "$call:2+:short=7" "$PROBE" make "$call" 6
        is "$call" '10 7 7 7 7 2' "$(results "$call")"
        holds 'stream: ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefgh' "$OUT"
        lacks 'other pieces' "$OUT"
    done
}

@test "a short send is told with what is owed" {
    tell -f send:1:short=3 "$PROBE" make send 1
    holds 'send(3, "ABC", 10, 0) = 3 of 10, the rest is owed (send:1:short=3)' <(told)
}

@test "delay lets time pass and the call work" {
    local TIMEFORMAT=%R
    { time tell -f recv:2:delay=300 "$PROBE" make recv 2; } 2>"$WORK"
    is 'the results' '10 10' "$(results recv)"
    awk '{ exit !($1 >= 0.3 && $1 < 3) }' "$WORK"
    holds '(recv:2:delay=300)' "$LOG"
}

@test "eof ends the input, and the bytes are still there" {
    local call
    for call in recv recvfrom recvmsg read readv; do
        tell -f "$call:2:eof" "$PROBE" make "$call" 5
        is "$call" '10 0 10 10 10' "$(results "$call")"
        holds 'stream: ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefgh' "$OUT"
        holds "= 0 the end of its input ($call:2:eof)" <(told)
        lacks 'errno was touched' "$OUT"
    done
}

@test "several plans strike side by side" {
    tell -f recv:2:EINTR -f recv:4:ECONNRESET -f write:1:short=15 -f recv:3:short=1 \
        "$PROBE" make write 3 20
    is 'the results' '15 20 5' "$(results write)"
    tell -f recv:2:EINTR -f recv:4:ECONNRESET -f recv:3:short=1 "$PROBE" make recv 5
    is 'the results' '10 -1 1 -1 10' "$(results recv)"
    holds Interrupted "$OUT"
    holds 'Connection reset' "$OUT"
}

# both PLAN PLAN ERROR: where both strike the same call it fails with this error, whichever
# plan comes first.
both() {
    tell -f "$1" -f "$2" "$PROBE" make recv 1
    holds "= -1 $3" "$OUT"
    tell -f "$2" -f "$1" "$PROBE" make recv 1
    holds "= -1 $3" "$OUT"
}

@test "a failure keeps its errno where a second plan strikes the same call" {
    both recv:1:EINTR recv:1:delay=2 Interrupted
    both recv:1:EINTR recv:1:short=1 Interrupted
    tell -f recv:1:eof -f recv:1:short=1 "$PROBE" make recv 1
    is 'the result' 0 "$(results recv)"
    tell -f recv:1:delay=2 -f recv:1:short=4 "$PROBE" make recv 1
    is 'the result' 4 "$(results recv)"
}

@test "sixteen plans are taken, and a seventeenth is refused" {
    local plans=() i
    for ((i = 1; i <= 16; i++)); do plans+=(-f "recv:$i:EINTR"); done
    tell "${plans[@]}" "$PROBE" make recv 17
    is 'those that failed' "$(seq 16 | xargs)" "$(failed_calls recv)"
    tell "${plans[@]}" -f recv:17:EINTR "$PROBE" make recv 17
    [ "$STATUS" -eq 2 ]
    holds 'there is room for 16 plans' "$LOG"
}

@test "connect goes on behind EINTR and EINPROGRESS, but not behind a failure" {
    local plan
    for plan in EINTR EINPROGRESS; do
        tell -f "connect:1:$plan" "$PROBE" make connect 1
        is "$plan" -1 "$(results connect)"
        holds 'it ended with 0' "$OUT"
        is 'the bytes sent' 1 "$(results send)"
    done
    tell -f connect:1:ECONNREFUSED "$PROBE" make connect 2
    is 'ECONNREFUSED' '-1 0' "$(results connect)"
    tell -f connect:1:ECONNREFUSED "$PROBE" make accept 1
    [ "$STATUS" -eq 1 ]
}

@test "a close that fails has closed, unless the descriptor was not open" {
    local plan
    for plan in EINTR EIO; do
        tell -f "close:1:$plan" "$PROBE" make close 1
        is "$plan" -1 "$(results close)"
        holds 'it is closed' "$OUT"
    done
    tell -f close:1:EBADF "$PROBE" make close 1
    holds 'it is open' "$OUT"
}

@test "a call made on no socket does not count for a plan" {
    tell -f read:1:EINTR -f write:1+:EPIPE -f close:*:EINTR -f readv:1:eof "$PROBE" files "$WORK"
    alone "$PROBE" files "$WORK" >"$BATS_TEST_TMPDIR/alone"
    cmp "$OUT" "$BATS_TEST_TMPDIR/alone"
    holds 'read:1:EINTR never struck: read was called 0 times' "$LOG"
}

# ---- what is refused ----

# refuses PLAN PROBLEM: status 2, one line that says what is wrong, and the usage.
refuses() {
    tell -f "$1" "$PROBE" bounce
    is "$1: its status" 2 "$STATUS"
    is "$1: its line" "narrate: -f $1: $2" "$(head -n 1 "$LOG")"
    is "$1: the usage" 'usage: narrate' "$(sed -n 2p "$LOG" | cut -c 1-14)"
    is "$1: its lines" 2 "$(wc -l <"$LOG" | xargs)"
    is "$1: what the program printed" '' "$(cat "$OUT")"
}

@test "a plan that makes no sense is refused with what is wrong with it" {
    local which zeros=00000000000000000000000000000000000000000000000000000000
    refuses '' 'a plan is CALL:WHICH:WHAT, like recv:3:EINTR'
    refuses recv:3 'a plan is CALL:WHICH:WHAT, like recv:3:EINTR'
    refuses recieve:1:EINTR "'recieve' is no call that the narrator knows"
    refuses RECV:1:EINTR "'RECV' is no call that the narrator knows"
    refuses recv:1:EINTER "'EINTER' is no errno, nor short=N, delay=MS or eof"
    refuses recv:1:4 "'4' is no errno, nor short=N, delay=MS or eof"
    refuses recv:1:EMFILE 'recv does not fail with EMFILE'
    refuses poll:1:ECONNRESET 'poll does not fail with ECONNRESET'
    refuses listen:1:EINTR 'listen does not fail with EINTR'
    for which in '' 0 x -1 1- 5-2 2-5-7 1/0 1/ 1/2/3 3++ +3 p p0 p2 px p0x1 p1e-1 p-1 'p 1' 0x3 ' 3' '3 ' 12345678901; do
        refuses "recv:$which:EINTR" "'$which' is not 3, 2-5, 4+, *, 1/10 or p0.01"
    done
    refuses poll:1:short=1 'poll transfers no bytes'
    refuses recv:1:short=0 "'short=0': short=N takes a number of bytes from 1"
    refuses recv:1:short=x "'short=x': short=N takes a number of bytes from 1"
    refuses recv:1:delay=0 "'delay=0': delay=MS takes 1 to 60000 ms"
    refuses recv:1:delay=60001 "'delay=60001': delay=MS takes 1 to 60000 ms"
    refuses send:1:eof 'send receives nothing'
    refuses poll:1:eof 'poll receives nothing'
    refuses "recv:p0.${zeros}1:EINTR" 'it is too long'
}

@test "other wrong arguments are refused with status 2 and the usage" {
    local wrong
    for wrong in '-q recv,nothing' '-s x' '-s -1' '-z' '-f' ''; do
        # shellcheck disable=SC2086 # several words
        tell $wrong ${wrong:+"$PROBE" bounce}
        [ "$STATUS" -eq 2 ]
        holds 'usage: narrate' "$LOG"
        [ ! -s "$OUT" ]
    done
    tell -q nothing "$PROBE" bounce
    holds "'nothing' is no call that the narrator knows" "$LOG"
}

@test "-h prints the help and status 0" {
    tell -h
    [ "$STATUS" -eq 0 ]
    holds 'usage: narrate' "$OUT"
    holds epoll_pwait "$OUT"
    [ ! -s "$LOG" ]
}

@test "addresses of every family are told" {
    tell -q socket,close "$PROBE" addresses "$WORK"
    told >"$OUT"
    holds "bind(3, unix:$WORK) = 0" "$OUT"
    holds "sendto(3, \"x\", 1, 0, unix:$WORK) = 1" "$OUT"
    holds 'bind(3, [::1]:0) = -1' "$OUT"
    holds 'connect(3, family 0) = 0' "$OUT"
    holds 'connect(3) = -1 EINVAL' "$OUT"
    # What a plan refuses was not read by the system, and may be anything.
    tell -f connect:2:ECONNREFUSED "$PROBE" addresses "$WORK.2"
    told >"$OUT"
    holds 'connect(3, no address) = -1 ECONNREFUSED' "$OUT"
}

@test "of two plans that end one call the second has not struck" {
    tell -f recv:1:EINTR -f recv:1:ECONNRESET "$PROBE" make recv 2
    is 'failed calls' 1 "$(failed_calls recv)"
    holds 'recv:1:ECONNRESET never struck' "$LOG"
}

@test "a signal that the program lets wait still waits after something was told" {
    python3 -c 'import signal' 2>/dev/null || skip 'python3 is not installed'
    # Where a file may grow too long, to write a line may raise a signal.
    (
        ulimit -f 1000
        alone "$NARRATE" python3 -c 'import os, signal, socket
for number in signal.SIGXFSZ, signal.SIGPIPE:
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    os.kill(os.getpid(), number)
socket.socket()
print(sorted(signal.sigpending()) == sorted([signal.SIGPIPE, signal.SIGXFSZ]))' >"$OUT" 2>"$LOG"
    )
    is 'both wait' True "$(cat "$OUT")"
    holds 'socket(' "$LOG"
}

@test "what is told waits for room in a pipe that is full" {
    python3 -c 'import subprocess' 2>/dev/null || skip 'python3 is not installed'
    python3 - "$NARRATE" "$PROBE" >"$OUT" 3>&- <<'END'
import os, subprocess, sys, time
out, full = os.pipe()
os.set_blocking(full, False)
try:
    while True:
        os.write(full, b'.' * 4096)
except BlockingIOError:
    pass
narrated = subprocess.Popen([sys.argv[1], 'sh', '-c', 'echo; exec "$0" odd', sys.argv[2]],
                            stdout=subprocess.PIPE, stderr=full)
os.close(full)
narrated.stdout.readline()
time.sleep(0.5)
with os.fdopen(out, 'rb') as told:
    sys.stdout.buffer.write(told.read().lstrip(b'.'))
narrated.communicate()
END
    holds 'recv(-1' "$OUT"
}

@test "fcntl is told of a program for large files" {
    python3 -c 'import fcntl' 2>/dev/null || skip 'python3 is not installed'
    tell python3 -c 'import fcntl, socket
fcntl.fcntl(socket.socket(), fcntl.F_GETFL)'
    told | grep -E '^fcntl\([0-9]+, F_GETFL\) = '
}

@test "options that are no int, and messages that are none, are told" {
    tell "$PROBE" options
    [ "$STATUS" -eq 0 ]
    cp "$OUT" "$WORK"
    told >"$OUT"
    holds 'getsockopt(3, SOL_SOCKET, SO_LINGER) = 0' "$OUT"
    holds 'setsockopt(3, SOL_SOCKET, SO_LINGER) = 0' "$OUT"
    lacks 'SO_LINGER) = 0 [' "$OUT"
    holds 'getsockopt(-1, SOL_SOCKET, SO_TYPE) = -1 EBADF' "$OUT"
    holds 'fcntl(3, F_GETFL) = ' "$OUT"
    holds 'recvmsg(3, 0) = -1 EFAULT' "$OUT"
    "$PROBE" options | diff - "$WORK"
}

@test "what is told is told with few descriptors, too" {
    tell "$PROBE" odd
    told >"$WORK"
    (ulimit -n 64 && alone "$NARRATE" "$PROBE" odd >"$OUT" 2>"$LOG")
    is 'what is told' "$(cat "$WORK")" "$(told)"
}

@test "narrate says that its file cannot be written, or its library is not there" {
    tell -o "$BATS_TEST_TMPDIR/no/file" "$PROBE" bounce
    [ "$STATUS" -eq 1 ]
    holds "narrate: $BATS_TEST_TMPDIR/no/file: No such file" "$LOG"
    mkdir "$BATS_TEST_TMPDIR/alone"
    cp common/narrate "$BATS_TEST_TMPDIR/alone"
    NARRATE="$BATS_TEST_TMPDIR/alone/narrate" tell "$PROBE" bounce
    [ "$STATUS" -eq 1 ]
    holds '/alone/narrator.so is not there' "$LOG"
}

# shellcheck disable=SC2016 # the variable is of the shell that is narrated
@test "what was to be preloaded before is preloaded, too" {
    tell -n sh -c 'echo "$LD_PRELOAD"'
    local own
    own=$(cat "$OUT")
    LD_PRELOAD="$ROOT/common/narrator.so" tell -n sh -c 'echo "$LD_PRELOAD"'
    is 'what is preloaded' "$own $ROOT/common/narrator.so" "$(cat "$OUT")"
}

@test "without narrate the library tells nothing, and changes nothing" {
    "$PROBE" bounce >"$WORK"
    LD_PRELOAD="$ROOT/common/narrator.so" alone "$PROBE" bounce >"$OUT" 2>"$LOG"
    diff "$WORK" "$OUT"
    [ ! -s "$LOG" ]
}

@test "a flag given twice is given once, and a script is a program" {
    printf '#!/bin/sh\nexec "%s" bounce\n' "$PROBE" >"$WORK"
    chmod +x "$WORK"
    tell -n -n -c -c "$WORK"
    [ "$STATUS" -eq 0 ]
    lacks 'socket(' "$LOG"
    holds 'send ' "$LOG"
}

@test "a program that is not there ends narrate with status 127 and a line" {
    tell "$BATS_TEST_TMPDIR/nobody"
    [ "$STATUS" -eq 127 ]
    holds "narrate: $BATS_TEST_TMPDIR/nobody: No such file or directory" "$LOG"
    is 'the lines' 1 "$(wc -l <"$LOG" | xargs)"
}

@test "options behind the program are the program's" {
    tell -n "$PROBE" -l
    [ "$STATUS" -eq 0 ]
    holds 'make recv' "$OUT"
}

@test "narrate works from a folder whose name has a blank, or says that it cannot" {
    mkdir "$BATS_TEST_TMPDIR/a b"
    cp common/narrate common/narrator.so "$BATS_TEST_TMPDIR/a b"
    NARRATE="$BATS_TEST_TMPDIR/a b/narrate" tell "$PROBE" bounce
    [ "$STATUS" -ne 0 ] || holds 'send(3' "$LOG"
    lacks 'ld.so' "$LOG"
}

# ---- what never struck ----

@test "a plan that never struck says so at the end, however the program ends" {
    local ending
    for ending in bounce _exit _Exit; do
        tell -f recv:3:EINTR "$PROBE" "$ending"
        never_struck recv:3:EINTR 2
    done
    tell -n -f accept:1:EMFILE "$PROBE" bounce
    never_struck accept:1:EMFILE 0
    tell -f recv:2:EINTR "$PROBE" bounce
    lacks never "$LOG"
}

@test "a plan that never struck says so in JSON" {
    tell -j -f recv:3:EINTR "$PROBE" bounce
    is_json "$LOG"
    is 'the note' '"recv:3:EINTR never struck: recv was called 2 times"' \
        "$(member note <(tail -n 1 "$LOG"))"
}

# ---- processes, threads, and other programs ----

@test "both processes of a fork are told, and counted and struck as one" {
    tell -c -f recv:100:EINTR "$PROBE" fork
    is 'the calls told' 18 "$(grep -c '(.*b' "$LOG")"
    is 'those of the child' 10 "$(grep -cE '\[[0-9]+\] (send|recv)\(' "$LOG")"
    is 'the calls' '9 9' "$(tallied send 2) $(tallied recv 2)"
    is 'the tallies' 1 "$(grep -c '^bytes' "$LOG")"
    never_struck recv:100:EINTR 9
    # The first is the parent's, the second to the sixth are the child's.
    tell -f send:3:EINTR "$PROBE" fork
    is 'who was struck' 1 "$(grep -cE '\[[0-9]+\] send.*\(send:3:EINTR\)' "$LOG")"
    is 'how often' 1 "$(grep -c 'send:3:EINTR' "$LOG")"
    tell -j "$PROBE" fork
    is 'the processes' 2 "$(member pid "$LOG" | sort -u | wc -l | xargs)"
}

@test "failures that repeated themselves before a fork are counted in one process alone" {
    tell "$PROBE" again-fork
    is 'the counts' ' ... and 4 times more the same failures' "$(told | grep 'times more')"
}

@test "a child of vfork that ends by _exit leaves the tally to its parent" {
    tell -c -f recv:9:EINTR "$PROBE" vfork
    is 'the tallies' 1 "$(grep -c '^bytes' "$LOG")"
    is 'the calls' 1 "$(tallied recv 2)"
    never_struck recv:9:EINTR 1
}

@test "a program that is spawned is told" {
    tell "$PROBE" spawn
    is 'the calls' 4 "$(grep -c '(' "$LOG")"
}

# Many lines at once, through a pipe and into a file: each comes out whole.
@test "lines of eight threads come out whole" {
    local file
    tell -j -o "$WORK" "$PROBE" threads
    is 'the calls that worked' 8 "$(grep -c '^200 calls worked' "$OUT")"
    { alone "$NARRATE" -j "$PROBE" threads 2>&1 >/dev/null | cat >"$LOG"; }
    for file in "$WORK" "$LOG"; do
        is_json "$file"
        is 'the lines' 1600 "$(wc -l <"$file" | xargs)"
        is 'the threads' 8 "$(member thread "$file" | sort -u | wc -l | xargs)"
        is 'the lines of each' 200 "$(member thread "$file" | sort | uniq -c | awk '{ print $1 }' | sort -u)"
    done
    tell -o "$WORK" "$PROBE" threads
    is 'the lines that are not whole' 0 \
        "$(grep -cvE '^ +[0-9.]+ +(\+[0-9.]+ +)?(#[2-9] )?(send|recv)\([0-9]+, "b", 1, [A-Z_0]+\) += 1$' "$WORK")"
}

@test "the tally and the plans count the calls of all threads" {
    tell -c -n -f recv:1/100:EINTR "$PROBE" threads
    is 'the calls' '800 800' "$(tallied send 2) $(tallied recv 2)"
    is 'the failures' 8 "$(tallied recv 3)"
}

@test "a program built with _FORTIFY_SOURCE is told like any other" {
    local call
    command -v cc >/dev/null || skip 'there is no compiler'
    cc -std=c11 -O2 -D_FORTIFY_SOURCE=2 -o "$BATS_TEST_TMPDIR/fortified" \
        tests/narrator_probe.c -lpthread 2>/dev/null || skip 'it does not compile here'
    nm -u "$BATS_TEST_TMPDIR/fortified" 2>/dev/null | grep -q __recv_chk ||
        skip 'this C library checks nothing'
    PROBE="$BATS_TEST_TMPDIR/fortified"
    for call in recv recvfrom read poll $([ "$(uname -s)" != Linux ] || echo ppoll); do
        same_run -- make "$call" 3
        is "$call" 3 "$(grep -c " $call(" "$LOG")"
        tell -f "$call:2:EINTR" "$PROBE" make "$call" 3
        is "$call" 2 "$(failed_calls "$call")"
    done
}

# A server of one connection, which takes a reset for nothing.
python_server() {
    cat <<'PYTHON'
import socket
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
client, _ = listener.accept()
while True:
    try:
        message = client.recv(4096)
    except ConnectionResetError:
        continue
    if not message:
        break
    client.sendall(message)
PYTHON
}

@test "a client that is gone before accept is told as that" {
    SERVER='04-poll/echo_server -p {port}'
    WRAPPER="common/narrate -o $LOG"
    start_server
    kill -STOP "$SERVER_PID"
    client 'ann connect' 'ann reset'
    kill -CONT "$SERVER_PID"
    client 'bob connect' 'bob echo hello'
    stop_server
    grep -E 'accept\(.* from a client that has gone' "$LOG"
}

@test "a server in Python is told and struck" {
    python3 -c 'import socket' 2>/dev/null || skip 'python3 is not installed'
    python_server >"$WORK"
    SERVER="$NARRATE -c -f recv:1:ECONNRESET -f send:1:short=2 python3 $WORK"
    start_server
    client 'ann connect' 'ann echo hello' 'ann half-close' 'ann end'
    await_end
    [ "$STATUS" -eq 0 ]
    LOG="$BATS_TEST_TMPDIR/stderr"
    told >"$WORK"
    grep -E '^accept4?\([0-9]+' "$WORK"
    grep -E '^recv\([0-9]+, 4096, 0\) = -1 ECONNRESET .*\(recv:1:ECONNRESET\)$' "$WORK"
    grep -E '^recv\([0-9]+, "hello.*", 4096, 0\) = [0-9]+$' "$WORK"
    grep -E '^send\([0-9]+, "he", .* = 2 of .*\(send:1:short=2\)$' "$WORK"
    grep -E '^recv\([0-9]+, 4096, 0\) = 0 the end of its input$' "$WORK"
}

@test "a lesson's server keeps its contract while it is told and struck" {
    SERVER="$NARRATE -c -o $LOG -f recv:*:short=1 -f send:1/3:EAGAIN -f accept:1:EINTR 04-poll/echo_server -p {port}"
    start_server
    client 'ann connect' 'ann echo hello' 'ann half-close' 'ann end'
    stop_server
    [ "$STATUS" -eq 0 ]
    holds '(recv:*:short=1)' "$LOG"
    holds '(send:1/3:EAGAIN)' "$LOG"
    holds 'wake-ups:' "$LOG"
    lacks 'never struck' "$LOG"
}

@test "a program that is linked statically is refused" {
    command -v cc >/dev/null || skip 'there is no compiler'
    echo 'int main(void) { return 0; }' >"$BATS_TEST_TMPDIR/static.c"
    cc -static -o "$BATS_TEST_TMPDIR/static" "$BATS_TEST_TMPDIR/static.c" 2>/dev/null ||
        skip 'nothing can be linked statically here'
    tell "$BATS_TEST_TMPDIR/static"
    [ "$STATUS" -eq 1 ]
    holds 'is linked statically' "$LOG"
}
