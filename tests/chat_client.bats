#!/usr/bin/env bats
# The person's end of the chat: what is typed, what is sent, what is shown.

load helper

setup() {
    SERVER='06-selectors-style/apps/chat_server -p {port}'
    CHAT=06-selectors-style/apps/chat_client
    OUT=$BATS_TEST_TMPDIR
    cd "$ROOT" || return 1
}

# chat TEXT: lets a client play this input to its end, and keeps what it said.
chat() {
    printf '%b' "$1" >"$OUT/input"
    run "$CHAT" 127.0.0.1 "$PORT" <"$OUT/input"
}

# join: starts a client whose input is descriptor 5, and waits until the server welcomed it.
join() {
    mkfifo "$OUT/keys"
    "$CHAT" 127.0.0.1 "$PORT" <"$OUT/keys" >"$OUT/ann" 2>"$OUT/ann-errors" 3>&- &
    ANN=$!
    exec 5>"$OUT/keys"
    await ann 'you are User_1'
}

# await FILE TEXT: until the file holds the text, ten seconds at most.
await() {
    eventually 10 grep -qsF -- "$2" "$OUT/$1" && return 0
    cat "$OUT/$1"
    return 1
}

# ends PID: sets STATUS once the process has ended, in thirty seconds at most.
ends() {
    if await_exit "$1" 30; then return; fi
    kill -KILL "$1"
    return 1
}

# says_not TEXT: the output of `run` does not hold it.
says_not() {
    case $output in
    *"$1"*) echo "read: $output" && return 1 ;;
    esac
}

# start_stand_in PYTHON: starts a server that does this with the connection c, waits for the
# end of what the client sends, and ends.
start_stand_in() {
    command -v python3 >/dev/null || skip 'python3 is not installed'
    cat >"$OUT/server.py" <<END
import socket, struct
s = socket.create_server(('127.0.0.1', 0))
print('listening on 127.0.0.1:%d' % s.getsockname()[1], flush=True)
c, _ = s.accept()
$1
while c.fileno() != -1 and c.recv(1000): pass
END
    SERVER="python3 '$OUT/server.py'"
    start_server
}

# ---- how it connects ----

@test "chat_client says that it can have no socket" {
    need_narrator
    local plan
    start_server
    for plan in socket:1:EMFILE fcntl:1:EBADF setsockopt:1:ENOBUFS; do
        run "$ROOT/common/narrate" -n -f "$plan" "$CHAT" 127.0.0.1 "$PORT" </dev/null
        echo "$plan: $output"
        [ "$status" -eq 1 ]
        says "chat_client: 127.0.0.1:$PORT: "
        case $plan in # the C libraries have words of their own
        socket:*) grep -E 'open files|file descriptors' <<<"$output" ;;
        fcntl:*) grep -iE 'bad file' <<<"$output" ;;
        *) grep -iE 'buffer space' <<<"$output" ;;
        esac
        case $output in *'never struck'*) return 1 ;; esac
    done
}

# ---- what is typed ----

@test "chat_client sends piped lines, shows every answer and ends with 0" {
    start_server
    chat 'hello\nmore'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [ "${lines[0]}" = '* you are User_1, the rooms are general, gaming, tech' ]
    [[ ${lines[1]} =~ ^'[general] 😀 User_1 '[0-2][0-9]:[0-5][0-9]:[0-6][0-9]': hello'$ ]]
    [[ ${lines[2]} =~ ^'[general] 😀 User_1 '[0-9:]{8}': more'$ ]]
}

@test "chat_client changes the room and the emoji, and tells who is there" {
    start_server
    chat '/join  tech \n/emoji 🦀\n/who\nhello\n'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 5 ]
    [ "${lines[1]}" = '* you are in tech now' ]
    [ "${lines[2]}" = '* your emoji is 🦀 now' ]
    [ "${lines[3]}" = '* in tech: 🦀 User_1' ]
    [[ ${lines[4]} = '[tech] 🦀 User_1 '*': hello' ]]
}

@test "chat_client shows the history like what is said, oldest first" {
    start_server
    chat 'one\ntwo\n'
    chat '/history\n'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 4 ]
    [ "${lines[1]}" = '* history of general:' ]
    [[ ${lines[2]} = '[general] 😀 User_1 '*': one' ]]
    [[ ${lines[3]} = '[general] 😀 User_1 '*': two' ]]
}

@test "chat_client shows a full history of the longest messages" {
    start_server
    awk 'BEGIN { for (i = 0; i < 100; i++) printf "%03d%0997d\n", i, 0 }' >"$OUT/input"
    "$CHAT" 127.0.0.1 "$PORT" <"$OUT/input" >/dev/null
    chat '/history\n'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 102 ]
    [[ ${lines[101]} = *": 099$(printf '%0997d' 0)" ]]
}

@test "chat_client leaves at /quit and does not send what stands behind it" {
    start_server
    chat 'before\n/quit\nbehind\n'
    [ "$status" -eq 0 ]
    says ': before'
    says_not 'behind'
}

@test "chat_client leaves at /quit while its input is still open" {
    start_server
    join
    echo /quit >&5
    ends "$ANN"
    [ "$STATUS" -eq 0 ]
    exec 5>&-
}

@test "chat_client sends a text that begins with a slash" {
    start_server
    chat '//who\n//\n'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[1]} = *': /who' ]]
    [[ ${lines[2]} = *': /' ]]
}

@test "chat_client explains a wrong command itself and goes on" {
    start_server
    chat '/nonsense\n/joint tech\n/join\n/emoji  \n/who all\n/\nhello\n/history\n'
    [ "$status" -eq 0 ]
    [ "$(grep -c 'no such command' <<<"$output")" -eq 3 ]
    says 'like this: /join ROOM'
    says 'like this: /emoji X'
    says 'like this: /who'
    says_not '!'
    # What was said is "hello" alone: once as it was said, once in the history.
    [ "$(grep -cF '[general]' <<<"$output")" -eq 2 ]
}

@test "chat_client lists its commands at /help" {
    start_server
    chat '/help\n'
    [ "$status" -eq 0 ]
    for command in /join /emoji /who /history /quit /help //TEXT; do says "  $command"; done
}

@test "chat_client sends a text of 1000 bytes and refuses one of 1001" {
    start_server
    chat "$(printf '%01000d' 0)\n$(printf '%01001d' 0)\nhello\n"
    [ "$status" -eq 0 ]
    says ": $(printf '%01000d' 0)"
    says 'not sent: the text has 1001 bytes'
    says ': hello'
    says_not '!'
}

@test "chat_client refuses lines that are too long and finds the next one" {
    start_server
    {
        printf '%04097d\none\n' 0
        printf '%0300000d\n\ntwo\n' 0
        printf '%04097d' 0
    } >"$OUT/input"
    run "$CHAT" 127.0.0.1 "$PORT" <"$OUT/input"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'the line is longer than 4096 bytes' <<<"$output")" -eq 3 ]
    [ "$(grep -cF '[general]' <<<"$output")" -eq 2 ]
    says ': one'
    says ': two'
}

@test "chat_client refuses what no line to the server can hold" {
    start_server
    chat "$(printf '%01000d' 0 | sed 's/0/\\001/g')\nhello\n"
    [ "$status" -eq 0 ]
    says 'not sent: too many characters'
    says ': hello'
    says_not '!'
}

@test "chat_client refuses what is not UTF-8" {
    start_server
    chat 'a\377b\n/join \300\200\nhello\n'
    [ "$status" -eq 0 ]
    [ "$(grep -c 'not sent: the text is not UTF-8' <<<"$output")" -eq 2 ]
    says ': hello'
    says_not '!'
}

@test "chat_client sends 20000 piped lines and shows the answer to each, in order" {
    start_server
    awk 'BEGIN { for (i = 0; i < 20000; i++) print i }' >"$OUT/input"
    "$CHAT" 127.0.0.1 "$PORT" <"$OUT/input" >"$OUT/ann" 3>&- &
    ends $!
    [ "$STATUS" -eq 0 ]
    sed -n 's/^\[general\] .*: //p' "$OUT/ann" | cmp - "$OUT/input"
}

@test "chat_client keeps its input waiting while the server does not read" {
    if [ -n "${SANITIZER-}" ]; then skip 'a sanitizer needs more memory than is allowed here'; fi
    (ulimit -v 60000) 2>/dev/null || skip 'memory cannot be limited here'
    start_stand_in 'import time; time.sleep(1)'
    awk 'BEGIN { for (i = 0; i < 100000; i++) printf "%0900d\n", i }' >"$OUT/input"
    (
        ulimit -v 60000
        exec "$CHAT" 127.0.0.1 "$PORT" <"$OUT/input"
    ) 3>&- &
    ends $!
    [ "$STATUS" -eq 0 ]
}

# ---- what is shown ----

@test "chat_client shows what another user says, at once" {
    start_server
    join
    chat 'good morning\n'
    await ann 'User_2'
    await ann ': good morning'
    exec 5>&-
    ends "$ANN"
    [ "$STATUS" -eq 0 ]
}

@test "chat_client shows errors of the server and goes on" {
    start_server
    chat '/join nowhere\nhello\n'
    [ "$status" -eq 0 ]
    [[ ${lines[1]} = '! '* ]]
    [[ ${lines[2]} = *': hello' ]]
}

@test "chat_client shows control characters as question marks" {
    start_server
    chat 'a\033[2Jb\007c\td\177e\302\233f\302\205g\302\240h é 🦀\n/emoji \033[31m\nx\n'
    [ "$status" -eq 0 ]
    says $': a?[2Jb?c?d?e?f?g\302\240h é 🦀'
    says '* your emoji is ?[31m now'
    says '[general] ?[31m User_1'
    [ "$(LC_ALL=C tr -d '\n -~\200-\377' <<<"$output" | wc -c)" -eq 0 ]
}

@test "chat_client writes neither prompt nor escape sequence where there is no terminal" {
    start_server
    chat 'hello\n/who\n'
    says_not $'\r'
    says_not $'\033'
    says_not '> '
}

@test "chat_client on a terminal shows a message on a clean line and keeps a half-typed one" {
    script --version 2>/dev/null | grep -q util-linux || skip 'script of util-linux is not here'
    start_server
    mkfifo "$OUT/keys"
    script -qec "$CHAT 127.0.0.1 $PORT" "$OUT/log" <"$OUT/keys" >"$OUT/screen" 3>&- &
    local terminal=$!
    exec 5>"$OUT/keys"
    await screen $'\r\033[K* you are User_1'
    printf 'half a line' >&5
    await screen '> half a line'
    chat 'good morning\n'
    await screen $'half a line\r\033[K[general] 😀 User_2'
    await screen ': good morning'
    printf ', and the rest\n' >&5
    await screen ': half a line, and the rest'
    await screen $'\r\033[K[general] 😀 User_1'
    echo /quit >&5
    ends "$terminal"
    [ "$STATUS" -eq 0 ]
    exec 5>&-
}

# ---- when things end ----

@test "chat_client says that the server has gone, with status 1" {
    start_server
    join
    stop_server
    ends "$ANN"
    exec 5>&-
    [ "$STATUS" -eq 1 ]
    [ "$(cat "$OUT/ann-errors")" = 'chat_client: the server closed the connection' ]
}

@test "chat_client says that the server reset the connection, with status 1" {
    start_stand_in 'c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
c.recv(1); c.close()'
    chat 'hello\n'
    [ "$status" -eq 1 ]
    says 'chat_client: the server closed the connection'
}

# The server waits, so that the client finds out first that it can send nothing.
@test "chat_client shows what the server said last though nothing can be sent (SIGPIPE)" {
    need_strace
    start_stand_in "import time; time.sleep(0.5)
c.sendall(b'{\"type\":\"error\",\"message\":\"goodbye\"}\\n'); c.shutdown(socket.SHUT_WR)"
    export ASAN_OPTIONS=detect_leaks=0 # a tracer and the leak sanitizer cannot both trace
    run strace -o /dev/null -e trace=sendto -e inject=sendto:error=EPIPE:signal=SIGPIPE:when=1+ \
        "$CHAT" 127.0.0.1 "$PORT" <<<'hello'
    echo "$output"
    [ "$status" -eq 1 ]
    says '! goodbye'
    says 'chat_client: the server closed the connection'
}

@test "chat_client ends with status 1 at what is no message" {
    local line
    for line in 'nonsense' '{"type":"chat"' '[]' '"text"' '{"type":"\xff"}'; do
        start_stand_in "c.sendall(b'$line\\n')"
        chat 'hello\n'
        echo "$line: $output"
        [ "$status" -eq 1 ]
        says 'chat_client: the server sent'
        await_end
    done
}

@test "chat_client does not take a message that is cut off for a good end" {
    start_stand_in "c.sendall(b'{\"type\":\"err')"
    chat ''
    [ "$status" -eq 1 ]
    says 'chat_client: the server closed the connection'
}

@test "chat_client takes no harm from messages with members missing or of other types" {
    start_stand_in "c.sendall(b'{}\\n{\"type\":1}\\n{\"type\":\"news\",\"message\":\"rain\"}\\n')
c.sendall(b'{\"type\":\"chat\",\"timestamp\":\"7\",\"user\":[[]],\"message\":{}}\\n')
c.sendall(b'{\"type\":\"history\",\"messages\":[1,{},{\"message\":\"old\"}]}\\n')"
    chat ''
    [ "$status" -eq 0 ]
    says '* news: rain'
    says ': old'
}

@test "chat_client shows a line of a mebibyte" {
    start_stand_in "c.sendall(b'{\"type\":\"error\",\"message\":\"' + b'x' * 1048000 + b'\"}\\n')"
    chat ''
    [ "$status" -eq 0 ]
    [ "${#output}" -eq 1048002 ]
}

@test "chat_client -k keeps a connection that a server would drop for its silence" {
    start_server -i 2
    mkfifo "$OUT/keys"
    "$CHAT" -k 1 127.0.0.1 "$PORT" <"$OUT/keys" >"$OUT/ann" 2>&1 3>&- &
    local ann=$!
    exec 5>"$OUT/keys"
    await ann 'you are User_1'
    client 'bob connect' 'bob hear {"type":"welcome",*' 'bob gone 5000'
    echo 'still here' >&5
    await ann ': still here'
    exec 5>&-
    ends "$ann"
    [ "$STATUS" -eq 0 ]
}

@test "chat_client says in one line that nobody listens, with status 1" {
    run "$CHAT" 127.0.0.1 "$(tests/client free-port)" </dev/null
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    says 'Connection refused'
}

@test "chat_client says in one line that there is no such host, with status 1" {
    run "$CHAT" 'no such host' </dev/null
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == 'chat_client: no such host:8888: '[A-Za-z]* ]] # each system has its words
    case $output in *'assign'*) return 1 ;; esac # that is an errno
}

@test "chat_client tries all addresses of a name" {
    start_server
    run "$CHAT" localhost "$PORT" <<<'hello'
    [ "$status" -eq 0 ]
    says ': hello'
}

@test "chat_client begins anew with a new socket when its connect is interrupted (EINTR)" {
    need_strace
    start_server
    export ASAN_OPTIONS=detect_leaks=0 # a tracer and the leak sanitizer cannot both trace
    run strace -o "$OUT/calls" -e trace=connect,socket -e inject=connect:error=EINTR:when=1 \
        "$CHAT" 127.0.0.1 "$PORT" <<<'hello'
    [ "$status" -eq 0 ]
    says ': hello'
    [ "$(grep -c "connect(.*sin_port=htons($PORT)" "$OUT/calls")" -eq 2 ]
    [ "$(grep -c 'socket(AF_INET, SOCK_STREAM' "$OUT/calls")" -eq 2 ]
}

@test "chat_client refuses wrong arguments with status 2" {
    local wrong
    for wrong in '-z' '-k' '-k 0' '-k x' 'localhost abc' 'localhost 0' 'localhost 65536' 'a 1 b'; do
        # shellcheck disable=SC2086 # several words
        run "$CHAT" $wrong
        echo "$wrong: $output"
        [ "$status" -eq 2 ]
        says 'usage: chat_client'
    done
}

@test "chat_client -h tells of the commands and of the time zone" {
    run "$CHAT" -h
    [ "$status" -eq 0 ]
    says 'usage: chat_client [-h] [-k SECONDS] [HOST [PORT]]'
    says '/join ROOM'
    says 'UTC'
}
