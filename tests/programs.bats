#!/usr/bin/env bats
# The programs beside the echo servers: the two clients, the errno table, 06's own options.

load helper

setup() {
    SERVER='04-poll/echo_server -p {port}'
    cd "$ROOT" || return 1
}

# ends_with STATUS TEXT COMMAND...: it says so, and ends with it. Its stdin and stdout are ours.
ends_with() {
    local status=0
    "${@:3}" 2>"$BATS_TEST_TMPDIR/said" || status=$?
    echo "${*:3}" >&2
    is 'its status' "$1" "$status" >&2
    holds "$2" "$BATS_TEST_TMPDIR/said" >&2
}

fails_with() {
    ends_with 1 "$@"
}

# faulty PLAN... -- COMMAND...: the command with these faults.
faulty() {
    local plans=()
    while [ "$1" != -- ]; do
        plans+=(-f "$1")
        shift
    done
    common/narrate -n "${plans[@]}" "${@:2}"
}

# ---- echo_client ----

@test "echo_client prints the echo of its arguments" {
    start_server
    run 01-blocking/echo_client -p "$PORT" hello small world
    [ "$status" -eq 0 ]
    [ "$output" = 'hello small world' ]
}

@test "echo_client returns a large file unchanged" {
    start_server
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/file"
    01-blocking/echo_client -p "$PORT" <"$BATS_TEST_TMPDIR/file" | cmp - "$BATS_TEST_TMPDIR/file"
}

@test "echo_client reads on until the whole echo has come" {
    need_narrator
    WRAPPER='common/narrate -n -f send:*:short=1000 -f send:2+:delay=20'
    start_server
    run 01-blocking/echo_client -p "$PORT" "$(printf '%04000d' 7)"
    [ "$status" -eq 0 ]
    [ "$output" = "$(printf '%04000d' 7)" ]
}

@test "echo_client says when its time limit struck" {
    SERVER='01-blocking/echo_server -p {port}'
    start_server
    client 'ann connect' 'ann echo x' 'say here' 'pass 3000' >"$BATS_TEST_TMPDIR/ann" &
    local ann=$!
    eventually 10 test -s "$BATS_TEST_TMPDIR/ann"
    run 01-blocking/echo_client -p "$PORT" -w 1 hello
    [ "$status" -eq 1 ]
    [ "$output" = 'echo_client: recv: the time limit of 1 s struck' ]
    wait "$ann"
}

@test "echo_client says when its time limit struck before it was connected" {
    need_narrator
    run common/narrate -n -f connect:1:EINPROGRESS 01-blocking/echo_client -p 9 -w 1 hello
    [ "$status" -eq 1 ]
    [ "$output" = 'echo_client: connect: the time limit of 1 s struck' ]
}

@test "echo_client says that nobody listens" {
    local port
    port=$(tests/client free-port)
    run 01-blocking/echo_client -p "$port" hello
    [ "$status" -eq 1 ]
    [ "$output" = "echo_client: 127.0.0.1:$port: Connection refused" ]
}

@test "echo_client refuses wrong arguments with status 2" {
    local wrong
    for wrong in '-p abc' '-p 0' '-w 0' '-w x' '-z'; do
        # shellcheck disable=SC2086 # two words
        run 01-blocking/echo_client $wrong hello
        echo "$wrong: $output"
        [ "$status" -eq 2 ]
        says 'usage: echo_client'
    done
    # Of the last one, which has no value, getopt has said all.
    case $output in *'in range'*) return 1 ;; esac
}

@test "echo_client says what it could not do, and ends with status 1" {
    need_narrator
    local echo_client
    start_server
    echo_client="01-blocking/echo_client -p $PORT"
    # shellcheck disable=SC2086 # several words
    {
        fails_with 'no.such.host.invalid: ' $echo_client -a no.such.host.invalid hello
        fails_with "127.0.0.1:$PORT: " faulty socket:1:EMFILE -- $echo_client hello
        fails_with 'time limit: ' faulty setsockopt:2:ENOBUFS -- $echo_client -w 1 hello
        fails_with 'time limit: ' faulty setsockopt:3:ENOBUFS -- $echo_client -w 1 hello
        fails_with 'closed the connection, 5 bytes of the echo are missing' \
            faulty recv:1:eof -- $echo_client hello
        fails_with 'echo_client: recv: EBADF (Bad file descriptor): a mistake' \
            faulty recv:1:EBADF -- $echo_client hello
        fails_with 'echo_client: send: EBADF (Bad file descriptor): a mistake' \
            faulty send:1:EBADF -- $echo_client hello
        fails_with 'echo_client: connect: EINVAL (Invalid argument): a mistake' \
            faulty connect:1:EINVAL -- $echo_client hello
        fails_with 'echo_client: recv: Connection reset' faulty recv:1:ECONNRESET -- $echo_client hello
        fails_with 'echo_client: send: Broken pipe' faulty send:1:EPIPE -- $echo_client hello
        fails_with 'stdin: Is a directory' $echo_client </
    }
    [ -c /dev/full ] || return 0
    # shellcheck disable=SC2086
    fails_with 'stdout: ' $echo_client hello >/dev/full
}

@test "the clients tell their options with -h" {
    local client
    for client in 01-blocking/echo_client 04-poll/connect_client; do
        run "$client" -h
        [ "$status" -eq 0 ]
        says "usage: ${client#*/}"
        says '  -w SECONDS ' # a line of its own, besides the usage
    done
}

# ---- connect_client ----

@test "connect_client returns a large file unchanged and ends" {
    start_server
    head -c 8000000 /dev/urandom >"$BATS_TEST_TMPDIR/file"
    04-poll/connect_client 127.0.0.1 "$PORT" <"$BATS_TEST_TMPDIR/file" |
        cmp - "$BATS_TEST_TMPDIR/file"
}

@test "connect_client tells that its connect was pending" {
    start_server
    run 04-poll/connect_client -v 127.0.0.1 "$PORT" </dev/null
    [ "$status" -eq 0 ]
    says 'pending'
    says 'connected'
}

@test "connect_client tells no step without -v" {
    start_server
    run 04-poll/connect_client -w 2 127.0.0.1 "$PORT" <<<hello
    is 'what it printed' hello "$output"
}

@test "connect_client finds out that nobody listens" {
    run 04-poll/connect_client -v 127.0.0.1 "$(tests/client free-port)" </dev/null
    [ "$status" -eq 1 ]
    says 'Connection refused'
    says 'nobody listens there'
    # That the socket is writable is not enough: SO_ERROR is asked before it says so.
    case $output in *': connected'*) echo "it believed: $output" && return 1 ;; esac
}

@test "connect_client tries all addresses of a name" {
    start_server
    run 04-poll/connect_client localhost "$PORT" <<<'hello'
    [ "$status" -eq 0 ]
    [ "$output" = hello ]
}

@test "connect_client gives up on an address in time" {
    need_strace
    # The injected answer leaves a socket that never becomes writable by connecting: strace
    # keeps the call from the kernel, and an unconnected socket only reports a hang-up.
    export ASAN_OPTIONS=detect_leaks=0 # a tracer and the leak sanitizer cannot both trace
    local began=$SECONDS
    strace -D -o /dev/null -e trace=connect,poll,ppoll -e inject=connect:error=EINPROGRESS \
        -e 'inject=?poll,?ppoll:retval=0' 04-poll/connect_client -w 1 127.0.0.1 9 \
        </dev/null >"$BATS_TEST_TMPDIR/stderr" 2>&1 3>&- &
    SERVER_PID=$! # what teardown ends
    await_exit "$SERVER_PID" 3
    SERVER_PID=
    [ "$STATUS" -eq 1 ]
    [ $((SECONDS - began)) -ge 1 ]
    holds 'timed out' "$BATS_TEST_TMPDIR/stderr"
}

@test "connect_client takes an interrupted connect (EINTR) for pending" {
    need_strace
    run strace -o "$BATS_TEST_TMPDIR/log" -e trace=connect \
        -e inject=connect:error=EINTR:when=1 04-poll/connect_client -v 127.0.0.1 9 </dev/null
    says 'pending'
    [ "$(grep -c 'connect(.*sin_port=htons(9)' "$BATS_TEST_TMPDIR/log")" -eq 1 ]
}

@test "connect_client ends when the server does, its stdin still open" {
    start_server
    mkfifo "$BATS_TEST_TMPDIR/stdin"
    exec 5<>"$BATS_TEST_TMPDIR/stdin"
    04-poll/connect_client 127.0.0.1 "$PORT" <&5 >"$BATS_TEST_TMPDIR/out" 3>&- &
    local pid=$!
    echo hello >&5
    eventually 10 test -s "$BATS_TEST_TMPDIR/out"
    stop_server
    exec 5>&-
    wait "$pid"
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = hello ]
}

@test "connect_client refuses wrong arguments with status 2" {
    local wrong
    for wrong in '' 'localhost' 'localhost abc' 'localhost 0' '-w x localhost 1' 'a 1 b'; do
        # shellcheck disable=SC2086 # several words
        run 04-poll/connect_client $wrong
        echo "$wrong: $output"
        [ "$status" -eq 2 ]
        says 'usage: connect_client'
        # Of a wrong number of words nothing more is said.
        case $wrong in '' | localhost | 'a 1 b') [ "${#lines[@]}" -eq 1 ] ;; esac
    done
}

@test "connect_client says what it could not do, and ends with status 1" {
    need_narrator
    local connect_client
    start_server
    connect_client="04-poll/connect_client -v 127.0.0.1 $PORT"
    # Of a file a read gets as much as it asks for, of a pipe what is there.
    head -c 20000 /dev/zero >"$BATS_TEST_TMPDIR/zeros"
    # shellcheck disable=SC2086 # several words
    {
        fails_with 'no.such.host.invalid: ' 04-poll/connect_client no.such.host.invalid 1
        fails_with "127.0.0.1:$PORT: " faulty socket:1:EMFILE -- $connect_client
        lacks 'Bad file' "$BATS_TEST_TMPDIR/said"
        fails_with "127.0.0.1:$PORT: No buffer space" faulty getsockopt:1:ENOBUFS -- $connect_client
        fails_with "127.0.0.1:$PORT: " faulty fcntl:1:EBADF -- $connect_client
        fails_with 'connect_client: connect: EINVAL (Invalid argument): a mistake' \
            faulty connect:1:EINVAL -- $connect_client
        fails_with 'connect_client: recv: Connection reset' faulty recv:1:ECONNRESET -- $connect_client
        fails_with 'connect_client: send: Broken pipe' faulty send:1:EPIPE -- $connect_client <<<hello
        fails_with 'stdin: Is a directory' $connect_client </
        fails_with 'closed the connection, 16374 bytes were not sent' \
            faulty send:1:short=10 send:2+:EAGAIN recv:1:eof -- $connect_client \
            <"$BATS_TEST_TMPDIR/zeros"
    }
    [ -c /dev/full ] || return 0
    # shellcheck disable=SC2086
    fails_with 'stdout: ' $connect_client <<<hello >/dev/full
}

# bytes FILE: in hexadecimal.
bytes() {
    od -An -tx1 "$1" | tr -d ' \n'
}

@test "the clients print each byte that came back, and no other" {
    start_server
    01-blocking/echo_client -p "$PORT" a bc >"$BATS_TEST_TMPDIR/out"
    is 'the echo of two words' 612062630a "$(bytes "$BATS_TEST_TMPDIR/out")"
    printf x | 01-blocking/echo_client -p "$PORT" >"$BATS_TEST_TMPDIR/out"
    is 'the echo of one byte' 78 "$(bytes "$BATS_TEST_TMPDIR/out")"
    printf x | 04-poll/connect_client 127.0.0.1 "$PORT" >"$BATS_TEST_TMPDIR/out"
    is 'the answer to one byte' 78 "$(bytes "$BATS_TEST_TMPDIR/out")"
}

@test "the clients take numbers up to their limits, and name those beyond them" {
    need_narrator
    local number
    for number in 1 65535; do
        fails_with "127.0.0.1:$number: Connection refused" faulty connect:1:ECONNREFUSED -- \
            01-blocking/echo_client -p "$number" hello
        fails_with "127.0.0.1:$number: Connection refused" faulty connect:1:ECONNREFUSED -- \
            04-poll/connect_client 127.0.0.1 "$number"
    done
    for number in 1 86400; do
        fails_with 'Connection refused' faulty connect:1:ECONNREFUSED -- \
            01-blocking/echo_client -w "$number" hello
        fails_with 'Connection refused' faulty connect:1:ECONNREFUSED -- \
            04-poll/connect_client -w "$number" 127.0.0.1 9
    done
    ends_with 2 "echo_client: -p: '65536' is not a number in range" \
        01-blocking/echo_client -p 65536 hello
    ends_with 2 "echo_client: -w: '86401' is not a number in range" \
        01-blocking/echo_client -w 86401 hello
    ends_with 2 "connect_client: '65536' is not a port, 1 to 65535" \
        04-poll/connect_client 127.0.0.1 65536
    ends_with 2 "connect_client: -w: '86401' is not a number of seconds" \
        04-poll/connect_client -w 86401 127.0.0.1 9
}

# A nap takes 10 ms at least: 150 of them more than a second.
@test "the clients nap before they send again when there was no room (ENOBUFS)" {
    need_narrator
    local command began
    start_server
    for command in '01-blocking/echo_client -p' '04-poll/connect_client 127.0.0.1'; do
        began=$SECONDS
        # shellcheck disable=SC2086 # several words
        is 'the echo' hello "$(faulty send:1-150:ENOBUFS -- $command "$PORT" <<<hello)"
        [ $((SECONDS - began)) -ge 1 ]
    done
}

# The narrator watches sockets: so their stdin is one, on which the server echoes, too.
@test "the clients go on when a signal interrupts their waits and their stdin" {
    need_narrator
    local command pid
    for command in "01-blocking/echo_client -p" "04-poll/connect_client 127.0.0.1"; do
        start_server
        exec 5<>"/dev/tcp/127.0.0.1/$PORT"
        echo hello >&5
        : >"$BATS_TEST_TMPDIR/out"
        # shellcheck disable=SC2086 # several words
        faulty poll:1:EINTR poll:3:EINTR read:1:EINTR -- $command "$PORT" <&5 \
            >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/told" 3>&- &
        pid=$!
        eventually 10 test -s "$BATS_TEST_TMPDIR/out"
        stop_server
        exec 5>&-
        wait "$pid"
        is 'what it prints' hello "$(cat "$BATS_TEST_TMPDIR/out")"
        lacks 'read:1:EINTR never' "$BATS_TEST_TMPDIR/told"
    done
}

# ---- errno_table ----

@test "errno_table answers retry, pending and error by call" {
    run common/errno_table recv EINTR
    [ "$status" -eq 0 ]
    says 'retry    now'
    run common/errno_table connect EINTR
    says 'pending'
    run common/errno_table accept ECONNABORTED
    says 'retry    now'
    run common/errno_table recv ECONNRESET
    says 'error    one connection'
    run common/errno_table accept EMFILE
    says 'error    back off'
    run common/errno_table send EBADF
    says 'error    mistake'
    run common/errno_table send ENOBUFS
    says 'retry    later'
    run common/errno_table recv EWOULDBLOCK
    says 'retry    when ready'
}

@test "errno_table knows the relatives of a call" {
    [ "$(common/errno_table accept4 EMFILE)" = "$(common/errno_table accept EMFILE)" ]
    [ "$(common/errno_table read EINTR)" = "$(common/errno_table recv EINTR)" ]
}

@test "errno_table has a careful answer for what no document lists" {
    run common/errno_table accept ECONNRESET
    says 'back off'
    run common/errno_table recv EMFILE
    says 'one connection'
    run common/errno_table poll EMFILE
    says 'mistake'
}

@test "errno_table without arguments prints every call" {
    local call
    run common/errno_table
    [ "$status" -eq 0 ]
    for call in accept connect recv send select poll epoll_wait epoll_ctl kevent close; do
        says "
$call "
    done
    [ "${#lines[@]}" -gt 120 ]
}

@test "errno_table refuses what it does not know with status 2" {
    run common/errno_table nonsense
    [ "$status" -eq 2 ]
    says "'nonsense'"
    run common/errno_table recv ENONSENSE
    [ "$status" -eq 2 ]
    says "'ENONSENSE'"
    run common/errno_table recv EINTR more
    [ "$status" -eq 2 ]
}

@test "errno_table prints one call, and how it is used" {
    run common/errno_table close
    [ "$status" -eq 0 ]
    says 'close       EINTR'
    lacks 'recv ' <(echo "$output")
    run common/errno_table -h
    [ "$status" -eq 0 ]
    is 'its help' 'usage: errno_table [CALL [ERRNO]]' "$output"
    [ -c /dev/full ] || return 0
    fails_with 'stdout: ' common/errno_table >/dev/full
}

# ---- decisions of the servers, seen from outside ----

# inject CALLS ERROR WHEN: for start_server, the calls fail so often.
inject() {
    need_strace
    WRAPPER="strace -D -f -o /dev/null -e trace=$1 -e inject=$1:error=$2:when=$3"
}

@test "a server stops loudly at a mistake of its own, naming call and errno" {
    inject recvfrom EBADF 1
    start_server
    client 'ann connect' 'ann send x' 'ann gone'
    await_end
    [ "$STATUS" -eq 1 ]
    output=$(cat "$BATS_TEST_TMPDIR/stderr")
    says 'echo_server: recv: EBADF (Bad file descriptor): a mistake in the program'
}

@test "a server stops at once when it closes what is not open, and not at the next client" {
    need_narrator
    local server
    WRAPPER='common/narrate -n -f close:1:EBADF'
    for server in 0*/echo_server 01-blocking/echo_server_threads; do
        [ -x "$server" ] || continue
        SERVER="$server -p {port}"
        start_server
        client 'ann connect' 'ann echo a' 'ann half-close' 'ann gone'
        echo "$server"
        await_end
        is 'its status' 1 "$STATUS"
        holds 'close: EBADF' "$BATS_TEST_TMPDIR/stderr"
    done
}

@test "a server that runs out of memory in recv or send loses no byte" {
    local server error
    for server in 03-select 04-poll 05-epoll 06-selectors-style; do
        [ -x "$server/echo_server" ] || continue
        for error in recvfrom:ENOMEM sendto:ENOBUFS sendto:ENOMEM; do
            SERVER="$server/echo_server -p {port}"
            inject "${error%:*}" "${error#*:}" 2..4
            start_server
            echo "$server $error"
            client 'ann connect' 'bob connect' 'ann echo a' 'mark' 'ann stream 1000' \
                'bob echo b' 'cpu-below 20'
            stop_server
        done
    done
}

@test "a server ends one connection on an errno that concerns it alone" {
    inject recvfrom ETIMEDOUT 2
    start_server
    client 'bob connect' 'bob echo b' 'ann connect' 'ann send a' 'ann gone' 'bob echo b'
}

# each_server COMMAND: starts the server of each lesson with WRAPPER before it, and runs the
# command.
each_server() {
    local lesson
    need_narrator
    for lesson in 01-blocking 02-nonblocking-polling 03-select 04-poll 05-epoll '05-epoll -e' \
        06-selectors-style; do
        SERVER="${lesson%% *}/echo_server -p {port} ${lesson#"${lesson%% *}"}"
        [ -x "${lesson%% *}/echo_server" ] || continue
        echo "$SERVER"
        start_server
        "$@"
        stop_server
        [ "$STATUS" -eq 0 ]
    done
}

closes_once() {
    client 'ann connect' 'ann echo a' 'ann close' 'bob connect' 'bob echo b' 'bob close' \
        'cy connect' 'cy echo c' 'cy close' 'dan connect' 'dan echo d'
    lacks EBADF "$BATS_TEST_TMPDIR/log"
}

@test "a server closes once, and not again when a signal interrupts it (EINTR)" {
    WRAPPER="common/narrate -o $BATS_TEST_TMPDIR/log -f close:1/2:EINTR"
    each_server closes_once
}

@test "a server stops on a signal that comes between its look at the flag and its wait" {
    local call
    WRAPPER='common/narrate -n'
    for call in select poll epoll_wait kevent; do WRAPPER="$WRAPPER -f $call:1:delay=500"; done
    each_server true
}

serves_both() {
    [ "$SERVER" != '01-blocking/echo_server -p {port} ' ] || return 0
    client 'ann connect' 'ann flood' 'pass 300' 'bob connect' 'bob echo hello' 'bob echo again'
}

@test "a server serves others while one sends faster than it can read" {
    WRAPPER='common/narrate -n -f recv:*:delay=20'
    each_server serves_both
}

# ---- the options of 06 ----

# Fifty at once: a sweep that passes over some would need several, and take too long for ann.
@test "06 with -i closes clients that are silent for so long, and no other" {
    SERVER='06-selectors-style/echo_server -p {port} -i 1'
    start_server
    client 'quiet*50 connect' 'ann connect' 'quiet echo x' 'ann echo a' 'pass 600' \
        'ann echo a' 'pass 600' 'ann echo a' 'quiet end' 'ann echo a' 'ann gone 2000'
}

# The first look comes after two seconds, when ann has talked: the next is due when she has not.
@test "06 with -i rests between its looks at the clients" {
    SERVER='06-selectors-style/echo_server -p {port}'
    start_server -i 2
    client 'ann connect' 'ann echo x' 'pass 700' 'ann echo x' 'pass 700' 'ann echo x' 'pass 700' \
        'ann echo x' 'mark' 'pass 700' 'cpu-below 20' 'ann echo x'
}

# The first look comes after three seconds. Ann is due half a second after it, the others later:
# not at the time of another, nor as late as the next look at all, nor with those who are new.
@test "06 with -i closes each client when it is due" {
    SERVER='06-selectors-style/echo_server -p {port}'
    start_server -i 3
    client 'bob connect' 'bob echo x' 'pass 500' 'ann connect' 'ann echo x' 'pass 2000' \
        'bob echo x' 'cy connect' 'ann gone 2000' 'cy echo x' 'bob echo x'
}

@test "06 with -i closes the silent ones also when it comes late to it" {
    need_narrator
    SERVER='06-selectors-style/echo_server -p {port} -i 1'
    WRAPPER='common/narrate -n -f recv:2:delay=1500'
    start_server
    client 'quiet connect' 'quiet echo x' 'ann connect' 'ann echo a' 'quiet gone 4000' \
        'bob connect' 'bob echo b'
}

@test "06 refuses a backend that is not there and names those that are" {
    run 06-selectors-style/echo_server -s nonsense
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    says "but: $(tests/selector_probe -l | paste -sd ' ' -)"
}

# ---- the probe of the applications ----

@test "probe refuses wrong arguments with status 2" {
    local wrong
    for wrong in '' '-p' '-p 0 crowd 1 1' '-p 65536 crowd 1 1' '-p 1' '-p 1 dance' '-z' \
        '-p 1 cuts' '-p 1 cuts chat' '-p 1 cuts attic 1' '-p 1 cuts chat x' '-p 1 crowd 1' \
        '-p 1 crowd 0 1' '-p 1 crowd -1 1' '-p 1 drift 50 101'; do
        # shellcheck disable=SC2086 # several words
        run tests/apps/probe $wrong
        echo "$wrong: status $status: $output"
        [ "$status" -eq 2 ]
        says 'usage: probe'
    done
}
