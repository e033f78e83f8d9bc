#!/usr/bin/env bats
# What the servers share from common/: how they are set up, and how they fail at that.

load helper

setup() {
    cd "$ROOT" || return 1
    OUT="$BATS_TEST_TMPDIR/out"
}

# ends STATUS PROGRAM...: it ends by itself, in time. Sets output to what is on stderr.
ends() {
    echo "this ends with status $1: ${*:2}"
    "${@:2}" >"$OUT" 2>"$BATS_TEST_TMPDIR/said" 3>&- 4>&- &
    SERVER_PID=$!
    await_exit "$SERVER_PID" 5
    SERVER_PID=
    output=$(cat "$BATS_TEST_TMPDIR/said")
    is 'its status' "$1" "$STATUS"
}

# dies PROGRAM...: it says why in one line on stderr, and ends with status 1.
dies() {
    ends 1 "$@"
    is 'lines on stderr' 1 "$(wc -l <"$BATS_TEST_TMPDIR/said")"
    says 'echo_server'
}

# ---- a call of the set-up fails ----

SET_UP='socket:1:EMFILE setsockopt:1:ENOBUFS bind:1:EACCES listen:1:EADDRINUSE'
LISTEN="$SET_UP fcntl:1:EBADF" # common/net.c alone looks at the result of this one
FLAGS='fcntl:2:EBADF fcntl:3:EBADF'

# set_up_fails SERVER PLAN...: this call fails, and the server dies of it. What it says of a
# failure in common/net.c begins with the address, and ends with what the call said.
set_up_fails() {
    local plan
    need_narrator
    [ -x "$1" ] || skip "$1 is not built here"
    for plan in "${@:2}"; do
        dies common/narrate -n -f "$plan" "$1" -p 0
        case $1,$plan in
        01-blocking/echo_server,socket:*) grep -E 'open files|file descriptors' <<<"$output" ;;
        01-blocking/echo_server,setsockopt:*) says ': SO_REUSEADDR: ' ;;
        *,socket:*) grep -E ': 127\.0\.0\.1:0: .*(open files|file descriptors)' <<<"$output" ;;
        *,setsockopt:* | *,bind:* | *,listen:* | *,fcntl:1:*) says ': 127.0.0.1:0: ' ;;
        *,fcntl:*) says 'Bad file descriptor' ;;
        *,epoll_create1:*) says 'epoll_create1: ' ;;
        esac
    done
}

@test "common: 01-blocking says so if a call of its set-up fails" {
    # shellcheck disable=SC2086 # several words
    set_up_fails 01-blocking/echo_server $SET_UP
}

@test "common: 01-threads says so if a call of its set-up fails" {
    # shellcheck disable=SC2086
    set_up_fails 01-blocking/echo_server_threads $LISTEN
}

@test "common: 02-polling says so if a call of its set-up fails" {
    # shellcheck disable=SC2086
    set_up_fails 02-nonblocking-polling/echo_server $LISTEN $FLAGS
}

@test "common: 03-select says so if a call of its set-up fails" {
    # shellcheck disable=SC2086
    set_up_fails 03-select/echo_server $LISTEN $FLAGS
}

@test "common: 04-poll says so if a call of its set-up fails" {
    # shellcheck disable=SC2086
    set_up_fails 04-poll/echo_server $LISTEN $FLAGS
}

@test "common: 05-epoll says so if a call of its set-up fails" {
    # shellcheck disable=SC2086
    set_up_fails 05-epoll/echo_server $LISTEN $FLAGS epoll_create1:1:EMFILE \
        epoll_ctl:1:ENOMEM epoll_ctl:2:ENOMEM
}

@test "common: 06-epoll says so if a call of its set-up fails" {
    # shellcheck disable=SC2086
    set_up_fails 06-selectors-style/echo_server $LISTEN $FLAGS
    [ ! -x 05-epoll/echo_server ] || # epoll is here
        dies common/narrate -n -f epoll_ctl:1:ENOMEM 06-selectors-style/echo_server -p 0 -s epoll
}

@test "common: chat_server says so if a call of its set-up fails, or its wait for good" {
    need_narrator
    [ -x 05-epoll/echo_server ] || skip 'epoll is not here'
    local plan
    # shellcheck disable=SC2086
    for plan in $FLAGS epoll_ctl:1:ENOMEM epoll_wait:1:EBADF; do
        ends 1 common/narrate -n -f "$plan" 06-selectors-style/apps/chat_server -p 0 -s epoll
        says 'chat_server: '
    done
    says 'epoll_wait: '
}

@test "common: 06 says so if the backend that is asked for cannot be opened, else takes the next" {
    set_up_fails 06-selectors-style/echo_server
    [ -x 05-epoll/echo_server ] || skip 'epoll is not here'
    dies common/narrate -n -f epoll_create1:1:EMFILE 06-selectors-style/echo_server -p 0 -s epoll
    says 'selector epoll: '
    WRAPPER="common/narrate -n -c -o $OUT -f epoll_create1:1:EMFILE"
    SERVER='06-selectors-style/echo_server -p {port}'
    start_server
    client 'ann connect' 'ann echo a'
    stop_server
    holds 'poll ' "$OUT"
    lacks 'epoll_wait' "$OUT"
}

@test "common: the other calls of the set-up too, 01-blocking and 04-poll" {
    need_strace
    local server
    for server in 01-blocking/echo_server 04-poll/echo_server; do
        dies strace -D -o /dev/null -e inject=getsockname:error=ENOBUFS "$server" -p 0
    done
    dies strace -D -o /dev/null -e 'inject=?pipe,?pipe2:error=EMFILE' "$server" -p 0
}

@test "common: a server says so if its first line cannot be written, 01-blocking and 04-poll" {
    [ -c /dev/full ] || skip 'there is no /dev/full here'
    local server
    for server in 01-blocking/echo_server 04-poll/echo_server; do
        OUT=/dev/full
        dies "$server" -p 0
        says 'stdout: '
    done
}

@test "common: a server says so if its port is taken, with brackets around an IPv6 address" {
    if [ -d /proc/net ] && [ ! -e /proc/net/if_inet6 ]; then skip 'there is no IPv6 here'; fi
    SERVER='04-poll/echo_server -p {port}'
    start_server -a ::1
    local first=$SERVER_PID
    dies 04-poll/echo_server -a ::1 -p "$PORT"
    SERVER_PID=$first
    says "echo_server: [::1]:$PORT: "
}

# ---- the stop ----

@test "common: a signal between the look for one and the wait is not lost" {
    need_narrator
    local server
    # The first wait begins late, and the signal comes meanwhile.
    WRAPPER='common/narrate -n -f select:1:delay=700 -f poll:1:delay=700 -f epoll_wait:1:delay=700'
    for server in 03-select 04-poll 05-epoll 06-selectors-style; do
        [ -x "$server/echo_server" ] || continue
        SERVER="$server/echo_server -p {port}"
        start_server
        kill -TERM "$SERVER_PID"
        await_exit "$SERVER_PID" 4
        is "the status of $server" 0 "$STATUS"
        SERVER_PID=
    done
}

@test "common: programs that a server starts get none of its descriptors (close-on-exec)" {
    [ -d /proc/self/fdinfo ] || skip 'this system shows no flags of descriptors'
    local server fd pipe flags
    for server in 03-select/echo_server 04-poll/echo_server 05-epoll/echo_server \
        06-selectors-style/echo_server 01-blocking/echo_server_threads; do
        [ -x "$server" ] || continue
        SERVER="$server -p {port}"
        start_server
        client 'ann connect' 'ann echo x' 'say here' 'lines 1 '"$OUT.seen" >"$OUT" &
        eventually 10 test -s "$OUT"
        # Of a pipe that it was given it holds one end alone.
        pipe=$(for fd in "/proc/$SERVER_PID/fd/"*; do readlink "$fd"; done | grep '^pipe:' | sort | uniq -d)
        # The threads stop without one.
        [ -n "$pipe" ] || [ "$server" = 01-blocking/echo_server_threads ]
        for fd in "/proc/$SERVER_PID/fd/"*; do
            case $(readlink "$fd") in
            socket:* | anon_inode:*eventpoll* | "${pipe:-none}") ;;
            *) continue ;;
            esac
            flags=$(sed -n 's/^flags:[[:space:]]*//p' "/proc/$SERVER_PID/fdinfo/${fd##*/}")
            echo "$server: descriptor ${fd##*/}, $(readlink "$fd"), has the flags $flags"
            # 02000000 is O_CLOEXEC in fdinfo (proc(5)).
            [ $((8#$flags & 8#2000000)) -ne 0 ]
        done
        echo >"$OUT.seen"
        wait "$!"
        rm "$OUT.seen" "$OUT"
        stop_server
    done
}

# ---- the rest ----

# waits_of SERVER PLAN STEP...: it meets PLAN while the steps are played. Sets waits: see waits_in.
waits_of() {
    need_narrator
    WRAPPER="common/narrate -l 100000 -o $OUT -f $2"
    SERVER="$1 -p {port}"
    start_server
    client "${@:3}"
    stop_server
    waits=$(waits_in "$OUT")
    echo "$waits"
}

@test "common: a rest that is begun once more ends when it was meant to" {
    waits_of 04-poll/echo_server send:3-4:ENOBUFS 'ann connect' 'ann echo x' 'bob connect' 'bob echo x' \
        'ann send y' 'pass 50' 'bob send y' 'ann expect y' 'bob expect y'
    # Where a rest goes on, bob was struck 50 ms after ann.
    awk '$1 + 0 > 0 && before > 0 && $1 > before - 20 { exit 1 } { before = $1 + 0 }' <<<"$waits"
    grep -qx 0 <<<"$waits"
}

# ends_rest: in what waits_of saw, the one behind the first client who left is none.
ends_rest() {
    awk '$1 == "close" && before > 0 { left = 1; next }
        left == 1 { left = 2; wait = $1 + 0 }
        { before = $1 + 0 }
        END { exit !(left == 2 && wait == 0) }' <<<"$waits"
}

@test "common: a rest ends when a client leaves, the chat" {
    waits_of '06-selectors-style/apps/chat_server -i 0' accept:3:EMFILE 'ann connect' \
        'ann hear *' 'bob connect' 'pass 20' 'ann close' 'bob hear *'
    ends_rest
}

@test "common: a rest ends when a client leaves, 03 to 06" {
    local lesson
    for lesson in 03-select 04-poll 05-epoll 06-selectors-style; do
        [ -x "$lesson/echo_server" ] || continue
        echo "$lesson"
        waits_of "$lesson/echo_server" accept:3:EMFILE 'ann connect' 'ann echo x' 'bob connect' \
            'pass 20' 'ann close' 'bob echo x'
        ends_rest
        # 06 ends its rest behind a batch, the others before they wait.
        [ "$lesson" = 06-selectors-style ] || grep -qx 0 <<<"$waits"
    done
}

@test "common: who left before accept costs nobody a rest, the next is taken at once" {
    waits_of 04-poll/echo_server accept:1-2:ECONNABORTED 'ann connect' 'ann echo x' 'bob connect' 'bob echo x'
    is 'how long it waits' ever "$(grep -vx close <<<"$waits" | sort -u)"
}

@test "common: 05-epoll asks for edges with -e, and for none without" {
    need_narrator
    [ -x 05-epoll/echo_server ] || skip '05-epoll is not built here'
    WRAPPER="common/narrate -o $OUT"
    SERVER='05-epoll/echo_server -p {port}'
    start_server -e
    client 'ann connect' 'ann echo x' 'slow connect-small' 'slow fill' 'slow close'
    stop_server
    # The stop pipe, the listening socket, and a client that is owed to: each kind of interest.
    grep -E 'epoll_ctl\(.*[ |](IN|OUT)[|)]' "$OUT" >"$OUT.watched"
    [ "$(wc -l <"$OUT.watched")" -ge 4 ]
    is 'without ET' '' "$(grep -v '|ET)' "$OUT.watched")"
    start_server
    client 'ann connect' 'ann echo x'
    stop_server
    lacks '|ET)' "$OUT"
}

@test "common: 01-threads with -m 2 loses no place to clients that left before accept" {
    need_narrator
    WRAPPER='common/narrate -n -f accept:1-3:ECONNABORTED'
    SERVER='01-blocking/echo_server_threads -p {port} -m 2'
    start_server
    client 'ann connect' 'bob connect' 'ann echo x' 'bob echo x'
}

@test "common: 01-threads rests while there is no memory for another thread, and serves others" {
    [ -z "${SANITIZER-}" ] || skip 'a sanitizer takes more address space than there is'
    [ "$(uname -s)" = Linux ] || skip 'not every system can limit the address space'
    # Each stack takes 128 KiB of 20 MiB.
    SERVER="sh -c 'ulimit -v 20000; exec 01-blocking/echo_server_threads -p {port}'"
    start_server
    client 'ann connect' 'ann echo x' 'crowd*250 connect' 'crowd send x' 'crowd answered-at-least 10' \
        'mark' 'pass 500' 'cpu-below 20' 'crowd answered-at-most 200' 'ann echo y' \
        'crowd close-answered 10' 'crowd answered-at-least 10'
}

# owed_while_another_leaves SERVER: of the two slow has the higher descriptor.
owed_while_another_leaves() {
    SERVER="$1 -p {port}"
    [ -x "${1%% *}" ] || return 0
    echo "$1"
    start_server
    client 'ann connect' 'ann echo x' 'slow connect-small' 'slow fill' 'ann close' 'pass 50' \
        'slow collect' 'slow half-close' 'slow end'
    stop_server
}

@test "common: who is owed bytes is not forgotten when others leave, 03 to 06" {
    local server backend
    for server in 03-select 04-poll 05-epoll; do
        owed_while_another_leaves "$server/echo_server"
    done
    for backend in $(tests/selector_probe -l); do
        owed_while_another_leaves "06-selectors-style/echo_server -s $backend"
    done
}

# ---- a connection that is no use ----

# lets_go SERVER PLAN...: who is met by this plan.
lets_go() {
    need_narrator
    local plan
    SERVER="$1 -p {port}"
    for plan in "${@:2}"; do
        echo "$plan"
        WRAPPER="common/narrate -n -f $plan"
        start_server
        client 'mark' 'ann connect' 'ann gone' 'descriptors-same' 'bob connect' 'bob echo hello'
        stop_server
        is 'its status' 0 "$STATUS"
        lacks 'never struck' "$BATS_TEST_TMPDIR/stderr"
    done
}

# Of fcntl the first three are for the listening socket, and so is the first of setsockopt.
@test "common: who is gone before its options are set is let go and leaves nothing, the next is served" {
    lets_go 04-poll/echo_server fcntl:4:EBADF fcntl:5:EBADF fcntl:6:EBADF setsockopt:2:EINVAL
}

@test "common: 02-polling lets go who is gone before its options are set, and serves the next" {
    lets_go 02-nonblocking-polling/echo_server fcntl:4:EBADF fcntl:5:EBADF setsockopt:2:EINVAL
}

@test "common: 02-polling keeps no memory for those whose options cannot be set" {
    need_narrator
    SERVER='02-nonblocking-polling/echo_server -p {port} -m 500'
    WRAPPER='common/narrate -n -f setsockopt:2-801:EINVAL'
    start_server
    client 'crowd*400 connect' 'crowd close' 'mark' 'burst*400 connect' 'burst close' \
        'bob connect' 'bob echo hello' "$(memory_below 512)"
}

@test "common: a server that no connection comes through to can be stopped (ECONNABORTED)" {
    need_narrator
    SERVER='04-poll/echo_server -p {port}'
    WRAPPER='common/narrate -n -f accept:*:ECONNABORTED'
    start_server
    client 'ann connect'
    stop_server
    is 'its status' 0 "$STATUS"
}

# changes_fail SERVER PLAN... -- STEP...: these changes of what epoll watches fail, and the clients
# see what the steps say. Of epoll_ctl the first two are for the stop and the listening socket,
# the third for ann.
changes_fail() {
    need_narrator
    [ -x 05-epoll/echo_server ] || skip 'epoll is not here'
    SERVER="$1 -p {port}"
    WRAPPER='common/narrate -n'
    shift
    while [ "$1" != -- ]; do
        WRAPPER="$WRAPPER -f $1"
        shift
    done
    start_server
    client "${@:2}"
    stop_server
    is 'its status' 0 "$STATUS"
    lacks 'never struck' "$BATS_TEST_TMPDIR/stderr"
}

@test "common: a full server that cannot stop to listen at once, does so later, 05-epoll" {
    changes_fail '05-epoll/echo_server -m 2' epoll_ctl:5:ENOMEM -- 'ann connect' 'ann echo a' \
        'bob connect' 'bob echo b' 'cy connect' 'pass 300' 'ann echo a' 'ann close' 'cy echo c'
}

@test "common: a server that cannot listen again at once, does so later, 05 and 06" {
    local server
    # ann, the listening socket no more; without ann; the listening socket.
    for server in 05-epoll/echo_server '06-selectors-style/echo_server -s epoll'; do
        changes_fail "$server -m 1" epoll_ctl:6:ENOMEM -- 'ann connect' 'ann echo a' \
            'bob connect' 'ann close' 'bob echo b'
    done
}

@test "common: a client that cannot be watched is let go, 05 and 06" {
    local server
    for server in 05-epoll/echo_server '06-selectors-style/echo_server -s epoll'; do
        changes_fail "$server" epoll_ctl:4:ENOMEM -- 'ann connect' 'ann echo a' 'mark' \
            'bob connect' 'bob gone' 'descriptors-same' 'ann echo a'
    done
}

@test "common: a client who is owed and cannot be waited for is let go, 05 and 06" {
    local server
    for server in 05-epoll/echo_server '06-selectors-style/echo_server -s epoll'; do
        changes_fail "$server" send:1:EAGAIN epoll_ctl:4:ENOMEM -- 'mark' 'ann connect' \
            'ann send a' 'ann gone' 'descriptors-same' 'bob connect' 'bob echo b'
    done
}

@test "common: a client that rested and cannot be watched again is let go, 05 and 06" {
    changes_fail 05-epoll/echo_server send:1:ENOBUFS epoll_ctl:5:ENOMEM -- \
        'ann connect' 'ann send a' 'ann gone' 'bob connect' 'bob echo b'
    # It takes out what rests, ann and the listening socket, and ann comes in again first.
    changes_fail '06-selectors-style/echo_server -s epoll' send:1:ENOBUFS epoll_ctl:6:ENOMEM -- \
        'ann connect' 'ann send a' 'ann gone' 'bob connect' 'bob echo b'
}

# ---- without memory ----

# short_of_memory SERVER KIB [OPTION...]: starts it with so much more memory than it has when it begins.
short_of_memory() {
    local size
    SERVER="$1/echo_server -p {port}"
    start_server
    size=$(ps -o vsz= -p "$SERVER_PID")
    stop_server
    WRAPPER="sh -c 'ulimit -v $((size + $2)); exec \"\$@\"' sh"
    start_server "${@:3}"
    WRAPPER=
}

@test "common: who is owed more than there is memory for is let go, others are served" {
    [ -z "${SANITIZER-}" ] || skip 'a sanitizer wants more memory than there is'
    (ulimit -v 1000000) 2>/dev/null || skip 'this system does not limit memory'
    local server
    for server in 03-select 04-poll 05-epoll 06-selectors-style; do
        [ -x "$server/echo_server" ] || continue
        short_of_memory "$server" 100
        echo "$server"
        run client 'slow*20 connect-small' 'slow fill'
        [ "$status" -ne 0 ] # one of them was let go
        client 'bob connect' 'bob echo hello'
        stop_server
        [ "$STATUS" -eq 0 ]
    done
}

@test "common: who comes when there is no memory left is let go, and leaves nothing" {
    [ -z "${SANITIZER-}" ] || skip 'a sanitizer wants more memory than there is'
    (ulimit -v 1000000) 2>/dev/null || skip 'this system does not limit memory'
    [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 4096 ] ||
        skip 'too few descriptors are allowed here'
    local server
    for server in 04-poll 06-selectors-style; do
        short_of_memory "$server" 0 -m 4000
        client 'bob connect' 'bob echo x' 'mark' 'crowd*3000 connect' 'crowd send x' \
            'bob echo hello' 'crowd answered-at-most 2900' 'crowd close' 'bob echo hello' \
            'descriptors-same'
        stop_server
        [ "$STATUS" -eq 0 ]
    done
}

# goes_on: the server still serves, and ends well. If it has ended, it was at its set-up, and
# it has said what it could not do. It may have been bob for whom there was no memory: then he
# comes again.
goes_on() {
    if client 'bob connect' 'bob echo hello' >"$OUT" 2>&1 ||
        client 'bob connect' 'bob echo hello' >"$OUT" 2>&1; then
        stop_server
        # Where coverage is measured, what failed may be an allocation of that, at the end.
        [ -n "${COVERAGE-}" ] || is 'its status' 0 "$STATUS"
        return
    fi
    if ! await_end || [ "$STATUS" -eq 0 ]; then cat "$OUT" && return 1; fi
    grep -E '^echo_server(_threads)?: (cannot wait for|selector |.* clients: |(-a: .)?127\.0\.0\.1|cannot make)' \
        "$BATS_TEST_TMPDIR/stderr" && return
    echo "it ended with $(status_in_words "$STATUS"), and said: $(cat "$BATS_TEST_TMPDIR/stderr")"
    return 1
}

# refused SERVER WHICH [STEP...]: this allocation of the server fails: see short_memory.c.
refused() {
    SERVER="$(short_memory "$2") $1 -p {port}"
    echo "SHORT_MEMORY=$2 $1"
    # One client may be let go, but is not left waiting.
    if start_server >"$OUT"; then client "${@:3}" >"$OUT" 2>&1 || lacks within "$OUT"; fi
    goes_on
}

# each_refused SERVER: each of its first allocations fails in turn, and then each of the large
# ones, while the tables grow: they begin with 64 places.
each_refused() {
    need_short_memory
    [ -x "${1%% *}" ] || skip "$1 is not built here"
    local which
    for which in 1 2 3 4 5 6 7 8 9 10 11 12; do refused "$1" "$which" 'ann*3 connect' 'ann echo a'; done
    for which in 1 2 3 4 5 6 7 8 9; do
        refused "$1" "$which,512" 'ann*70 connect' 'ann echo a'
    done
    # What is owed to a client that does not read.
    for which in 1 2; do
        refused "$1" "$which,30000" 'ann connect' 'slow connect-small' 'slow pour 3000000' \
            'ann echo a'
    done
}

@test "common: 01 says so or goes on if it is refused memory, with threads and without" {
    need_short_memory
    local server which
    for server in echo_server echo_server_threads; do
        for which in 1 2 3 4 5 6; do
            refused "01-blocking/$server" "$which" 'ann connect' 'ann echo a'
        done
    done
}

@test "common: 02-polling says so or goes on if it is refused memory" {
    each_refused 02-nonblocking-polling/echo_server
}

@test "common: 03-select says so or goes on if it is refused memory" {
    each_refused 03-select/echo_server
}

@test "common: 04-poll says so or goes on if it is refused memory" {
    each_refused 04-poll/echo_server
}

@test "common: 05-epoll says so or goes on if it is refused memory" {
    each_refused 05-epoll/echo_server
}

@test "common: 06 says so or goes on if it is refused memory, on every backend" {
    local backend
    for backend in $(tests/selector_probe -l); do
        each_refused "06-selectors-style/echo_server -s $backend"
    done
}

# None is for good: some table cannot grow for the hundredth client or the 500th, nor later;
# which of them depends on the server.
@test "common: without memory for more clients the others are served, and a server still ends" {
    need_short_memory
    local server which served
    for server in 04-poll/echo_server 05-epoll/echo_server \
        '06-selectors-style/echo_server -s epoll' '06-selectors-style/echo_server -s poll'; do
        [ -x "${server%% *}" ] || continue
        served=0
        for which in 1 2 3 4; do
            echo "SHORT_MEMORY=$which-,5000 $server"
            SERVER="$(short_memory "$which-,5000") $server -p {port}"
            start_server -m 900 >"$OUT" || continue # it is refused in its set-up: see above
            client 'ann connect' 'ann echo a' 'mark' 'crowd*600 connect' 'crowd send x' \
                'ann echo b' 'crowd answered-at-least 100' 'crowd close' 'ann echo c' \
                'descriptors-same'
            stop_server
            is 'its status' 0 "$STATUS"
            served=$((served + 1))
        done
        [ "$served" -ge 3 ]
    done
}

# The lowest number that is free is given next: the first descriptor of a server is 0 then.
@test "common: every server serves without a stdin" {
    local server
    for server in 01-blocking/echo_server 01-blocking/echo_server_threads \
        02-nonblocking-polling/echo_server 03-select/echo_server 04-poll/echo_server \
        05-epoll/echo_server $(tests/selector_probe -l); do
        case $server in
        */*) [ -x "$server" ] || continue ;;
        *) server="06-selectors-style/echo_server -s $server" ;;
        esac
        echo "$server"
        SERVER="sh -c 'exec $server -p {port} <&-'"
        start_server
        client 'ann connect' 'ann echo hello' 'signal TERM' 'server-gone'
        await_end
        is 'its status' 0 "$STATUS"
    done
}

@test "common: 03-select and the selector with select raise no limit on descriptors" {
    local server
    for server in 03-select/echo_server '06-selectors-style/echo_server -s select'; do
        # The soft limit alone: the hard one would allow more.
        SERVER="sh -c 'ulimit -S -n 20; exec $server -p {port}'"
        start_server
        client 'crowd*30 connect' 'crowd send x' 'crowd answered-at-least 5' 'pass 200' \
            'crowd answered-at-most 17'
        stop_server
    done
}

# ---- what an echo costs ----

# tallied CALLS: how often the server made these calls together.
tallied() {
    awk -v calls=" $1 " 'index(calls, " " $1 " ") { sum += $2 } END { print sum + 0 }' "$OUT"
}

# echoes_cost SERVER COUNT STEP [NARRATE-OPTION...]: so many echoes take as many send, and one
# recv more, for the end.
echoes_cost() {
    need_narrator
    [ -x "${1% -e}/echo_server" ] || return 0
    WRAPPER="common/narrate -n -c -o $OUT ${*:4}"
    SERVER="${1% -e}/echo_server -p {port}${1#"${1% -e}"}"
    start_server
    client 'ann connect' "$3" 'pass 30' 'ann half-close' 'ann end'
    stop_server
    is "recv in $1: the echoes and the end" $(($2 + 1)) "$(tallied 'recv')"
    is "send in $1" "$2" "$(tallied 'send')"
}

@test "common: an echo costs one wait, one recv and one send, in all servers that wait" {
    local server
    for server in 03-select 04-poll 05-epoll '05-epoll -e' 06-selectors-style; do
        echoes_cost "$server" 50 'ann rounds 50 hello'
        # The client, its echoes, its end, and the signal.
        [ "$(tallied 'select poll epoll_wait kevent')" -le 53 ]
    done
}

@test "common: 05-epoll -e waits anew after four reads, however much a client has sent" {
    need_narrator
    [ -x 05-epoll/echo_server ] || skip '05-epoll is not built here'
    WRAPPER="common/narrate -l 1000000 -o $OUT"
    SERVER='05-epoll/echo_server -p {port} -e'
    start_server
    # Once it has taken in a lot, the kernel keeps more for it.
    client 'ann connect' 'ann stream 20000000' 'signal STOP' 'ann pour 1000000' 'signal CONT' \
        'ann collect'
    stop_server
    awk '$2 ~ /^epoll_wait/ || $3 ~ /^epoll_wait/ { reads = 0 }
        $2 ~ /^recv/ || $3 ~ /^recv/ { if (++reads > most) most = reads }
        END { print "the most calls of recv between two waits: " most; exit most < 1 || most > 4 }' \
        "$OUT"
}

@test "common: 02-polling asks for the next client once a round, as it asks every client" {
    need_narrator
    WRAPPER="common/narrate -n -c -o $OUT"
    SERVER='02-nonblocking-polling/echo_server -p {port} -n 5'
    start_server
    client 'ann connect' 'ann echo x' 'pass 200'
    stop_server
    # Of accept there are those before ann came as well.
    echo "accept $(tallied accept), recv $(tallied recv)"
    [ "$(tallied accept)" -le $((2 * $(tallied recv) + 100)) ]
}

@test "common: 02-polling naps for a millisecond if it is told to" {
    [ -z "${SANITIZER-}" ] || skip 'a sanitizer makes each round dearer'
    SERVER='02-nonblocking-polling/echo_server -p {port} -n 1'
    start_server
    client 'ann connect' 'ann echo x' 'mark' 'pass 500' 'cpu-below 60'
}

@test "common: 02-polling naps after no round in which something happened" {
    SERVER='02-nonblocking-polling/echo_server -p {port} -n 1000'
    start_server
    # All that it is to return is there when it goes on: 25 rounds without a pause.
    client -r 10 'ann connect' 'ann echo x' 'signal STOP' 'ann pour 400000' 'signal CONT' 'ann collect'
}

@test "common: a wait that fails costs no other call" {
    local server
    for server in 03-select 04-poll 05-epoll '05-epoll -e' 06-selectors-style; do
        echoes_cost "$server" 50 'ann rounds 50 hello' \
            -f select:1/2:EINTR -f poll:1/2:EINTR -f epoll_wait:1/2:EINTR
    done
    # After this one it naps, but not for so long as ann is silent.
    echoes_cost 03-select 1 'ann echo x' -f select:3-4:ENOMEM
    echoes_cost 04-poll 1 'ann echo x' -f poll:3-4:ENOMEM
}

@test "common: what would block is waited for, and not called again before" {
    need_narrator
    local server
    WRAPPER="common/narrate -l 100000 -o $OUT"
    for server in 03-select 04-poll 05-epoll '05-epoll -e' 06-selectors-style; do
        [ -x "${server% -e}/echo_server" ] || continue
        SERVER="${server% -e}/echo_server -p {port}${server#"${server% -e}"}"
        start_server
        client 'slow*6 connect-small' 'slow fill' 'pass 50' 'slow collect' 'slow half-close' \
            'slow end'
        stop_server
        echo "$server"
        holds 'EAGAIN' "$OUT"
        lacks 'times more the same failures' "$OUT"
        # Nobody rests, so no wait has a limit.
        if grep -E ' (select|poll|epoll_wait|kevent)\(.* ms\)' "$OUT"; then return 1; fi
    done
}

@test "common: each connection sends small pieces at once (TCP_NODELAY), in all servers" {
    need_narrator
    local server
    for server in 0*/echo_server 01-blocking/echo_server_threads; do
        echo "$server"
        WRAPPER="common/narrate -o $OUT"
        SERVER="$server -p {port}"
        start_server
        client 'ann connect' 'ann echo a'
        stop_server
        grep -E ' setsockopt\([0-9]+, IPPROTO_TCP, TCP_NODELAY, 1\) += 0' "$OUT"
    done
}

# ---- the options ----

@test "common: help tells each option with its value and its default" {
    ends 0 06-selectors-style/echo_server -h
    is 'the help of 06' "usage: echo_server [-a ADDRESS] [-p PORT] [-m CLIENTS] [-h] [-s NAME] [-i SECONDS]
  -a ADDRESS       the numeric address to listen on (127.0.0.1)
  -p PORT          the port, 0 for any free one (9006)
  -m CLIENTS       how many clients at once, further ones wait (1000)
  -h               this help
  -s NAME          the backend to wait with, not the best one here
  -i SECONDS       close clients that were silent for so long, 0: never (0)" "$(cat "$OUT")"
}

@test "common: help tells no default where there is none" {
    ends 0 06-selectors-style/apps/ticker_server -h
    holds '  -r SEED          the same prices in every run' "$OUT"
    lacks '-1' "$OUT"
}

@test "common: help tells the values that came before it" {
    ends 0 04-poll/echo_server -a ::1 -p 65535 -m 1000000 -h
    output=$(cat "$OUT")
    says '(::1)'
    says '(65535)'
    says '(1000000)'
    ends 0 04-poll/echo_server -m 1 -p 000000080 -h
    output=$(cat "$OUT")
    says '(1)'
    says '(80)'
}

@test "common: numbers beyond the least and the most are refused, and named" {
    local wrong
    for wrong in '-p 65536' '-m 1000001' '-m 0' '-p 0000000080' '-p 4294967376'; do
        # shellcheck disable=SC2086 # two words
        ends 2 04-poll/echo_server $wrong
        says "echo_server: ${wrong% *}: '${wrong#* }' is not a whole number from "
    done
    ends 2 04-poll/echo_server -m 0
    says 'from 1 to 1000000'
}

@test "common: a server that was found by PATH has the same name" {
    PATH="$ROOT/04-poll:$PATH" ends 2 echo_server -z
    says 'echo_server: -z: there is no such option'
}

@test "common: what is wrong on the command line is told apart" {
    ends 2 04-poll/echo_server -z
    says $'echo_server: -z: there is no such option\n'
    ends 2 04-poll/echo_server -p
    says $'echo_server: -p: its value is missing\n'
    ends 2 04-poll/echo_server stray
    says $'echo_server: \'stray\': unexpected argument\n'
    ends 2 04-poll/echo_server -a 1.2.3.4.5
    says "echo_server: -a: '1.2.3.4.5' is not"
}
