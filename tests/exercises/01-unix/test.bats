#!/usr/bin/env bats
# -u PATH: the contract is in 01-blocking/exercise/README.md, "unix".

load ../extend

# The helper takes what stands behind the last colon of the first line for the port. Here
# that is the path, which the test client takes as well; so its name ends in a digit.
setup() {
    SOCKET=$BATS_TEST_TMPDIR/echo.1
    MORE="-u '$SOCKET'"
}

start_unix() {
    start_server "$MORE"
    is 'the first line' "listening on unix:$SOCKET" "$FIRST_LINE"
}

# refused STATUS: the server does not start, and says why in one line with the path.
refused() {
    refuses "$1" 1 -u "'$SOCKET'" && says "$SOCKET"
}

# long_path SIZE: sets SOCKET to a path of so many bytes, or skips.
long_path() {
    local pad=$(($1 - ${#BATS_TEST_TMPDIR} - 3))
    [ "$pad" -ge 0 ] || skip 'the folder for the test has too long a name'
    SOCKET=$BATS_TEST_TMPDIR/$(printf "%0${pad}d" 0).1
    MORE="-u '$SOCKET'"
}

# The longest path that sun_path holds with its NUL.
longest() { if [ "$(uname -s)" = Linux ]; then echo 107; else echo 103; fi; }

@test "$NAME -u echoes on a Unix-domain socket" {
    start_unix
    [ -S "$SOCKET" ]
    client 'ann connect' 'ann echo a\0b\xff' 'ann stream 3000000' 'ann half-close' 'ann end' \
        'bob connect' 'bob pour 100000' 'bob half-close' 'bob collect' 'bob end'
}

@test "$NAME -u serves one client after another, also after one that leaves in mid-stream" {
    start_unix
    client 'ann connect' 'ann echo hi' 'bob connect' 'bob send hello' 'bob silent 200' \
        'ann pour 100000' 'ann close' 'bob expect hello' 'bob half-close' 'bob end'
}

@test "$NAME -u opens no port" {
    FIXED_PORT=$("$ROOT/tests/client" free-port)
    start_unix
    run "$ROOT/tests/client" -p "$FIXED_PORT" 'ann connect' 'ann echo x'
    [ "$status" -eq 1 ]
    says 'Connection refused'
}

@test "$NAME without -u listens on its port, as before" {
    start_server
    is 'the first line' "listening on 127.0.0.1:$PORT" "$FIRST_LINE"
    client 'ann connect' 'ann echo hello'
}

@test "$NAME -u lets its owner alone connect, whatever the mask says" {
    umask 000
    start_unix
    [ -n "$(find "$SOCKET" -perm 0600)" ]
}

@test "$NAME -u removes its file on SIGTERM, in the midst of a stream" {
    start_unix
    client 'ann connect' 'ann pour 100000' 'signal TERM' 'server-gone'
    await_end
    [ "$STATUS" -eq 0 ]
    [ ! -e "$SOCKET" ]
}

@test "$NAME -u removes its file on SIGINT while nobody talks" {
    start_unix
    stop_server INT
    [ "$STATUS" -eq 0 ]
    [ ! -e "$SOCKET" ]
}

@test "$NAME -u replaces the socket that a server left which was killed" {
    start_unix
    stop_server KILL
    [ -S "$SOCKET" ]
    start_unix
    client 'ann connect' 'ann echo hello'
    stop_server TERM
    [ ! -e "$SOCKET" ]
}

@test "$NAME -u leaves the socket to a server that listens on it" {
    start_unix
    refused 1
    [ -S "$SOCKET" ]
    client 'ann connect' 'ann echo hello' 'ann half-close' 'ann end'
}

@test "$NAME -u leaves a file that is no socket alone" {
    local target=$BATS_TEST_TMPDIR/echo.2
    echo precious >"$SOCKET"
    refused 1
    is 'the file' precious "$(cat "$SOCKET")"
    rm "$SOCKET"
    echo precious >"$target"
    ln -s "$target" "$SOCKET"
    refused 1
    is 'the file behind the link' precious "$(cat "$SOCKET")"
    rm "$SOCKET"
    mkdir "$SOCKET"
    refused 1
    [ -d "$SOCKET" ]
}

@test "$NAME -u takes a path as long as the system allows" {
    long_path "$(longest)"
    start_unix
    [ -S "$SOCKET" ]
    client 'ann connect' 'ann echo hello'
    stop_server TERM
    [ ! -e "$SOCKET" ]
}

@test "$NAME -u refuses a longer path with status 2, and makes no other" {
    long_path $(($(longest) + 1))
    refused 2
    is 'what is in the folder' '' "$(find "$BATS_TEST_TMPDIR" -type s)"
    SOCKET=$BATS_TEST_TMPDIR/$(printf '%0240d' 0)
    refused 2
    is 'what is in the folder' '' "$(find "$BATS_TEST_TMPDIR" -type s)"
}

@test "$NAME -u refuses an empty path with status 2" {
    SOCKET=
    refused 2
}

@test "$NAME -u says with status 1 that a folder is not there" {
    SOCKET=$BATS_TEST_TMPDIR/nowhere/echo.1
    refused 1
}
