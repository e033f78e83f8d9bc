#!/usr/bin/env bats
# The fault matrix, a few rows of it: `make faults` plays them all. And that it can fail.

load helper

setup() {
    cd "$ROOT" || return 1
    [ "$(uname -s)" = Linux ] || skip 'the matrix is for Linux'
    [ -z "${SANITIZER-}" ] || skip 'a sanitizer wants to be loaded first'
    export TMPDIR=$BATS_TEST_TMPDIR
}

# matrix ARGUMENT...: sets status and output.
matrix() {
    run tests/faults/matrix "$@"
}

# holds PLAN PROGRAM...
holds() {
    matrix -f "$@"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "faults: nobody notices what is to be called again" {
    holds recv:2:EINTR '*'
    holds accept:2-21:ECONNABORTED '0*'
    holds send:2:EAGAIN '0*' chat game binary
    holds send:2:ENOBUFS '0*' chat game binary
    holds poll:1/2:EINTR 04-poll 06-poll connect-client chat-client
    holds connect:1:EINTR '*-client'
}

@test "faults: one connection ends, all others are served" {
    holds recv:2:ECONNRESET '*'
    holds send:3:EPIPE '0*' chat game ticker binary
}

@test "faults: a server that is short of something rests and goes on" {
    holds accept:2:EMFILE '0*' chat game ticker binary
    holds recv:2:ENOMEM '0*' chat game
    holds poll:1:ENOMEM 04-poll 06-poll chat-poll
}

@test "faults: a mistake ends the program with its name" {
    holds recv:1:EFAULT '0*' chat game ticker binary
    holds epoll_wait:2:EBADF 05-epoll 05-edge 06-epoll chat
}

@test "faults: a stream of short reads and writes is unchanged" {
    holds send:1/2:short=100 '0*' binary
    holds send:2-21:short=3 '0*' binary
}

@test "faults: an end that no verdict allows is a deviation" {
    matrix -f recv:2:eof 04-poll
    [ "$status" -eq 1 ]
    says 'ann (connection 0) is ended, expected to be served'
    says '    tests/faults/matrix -v -f recv:2:eof 04-poll'
    matrix -f recv:2:ECONNRESET -f accept:1:EINTR chat
    [ "$status" -eq 1 ]
    says 'DEVIATES     chat '
}

@test "faults: a plan that never struck is no success" {
    matrix -f recv:100000:EINTR 03-select
    [ "$status" -eq 1 ]
    says 'recv:100000:EINTR never struck'
    matrix -f recv:100000:EBADF 03-select
    [ "$status" -eq 1 ]
    says '0 deviate, 1 never struck'
}

@test "faults: a plan that the narrator refuses is no success" {
    matrix -f recv:2:EMFILE 03-select
    [ "$status" -eq 1 ]
    matrix -f recv:2 03-select
    [ "$status" -eq 2 ]
    matrix 03-nothing
    [ "$status" -eq 1 ]
}

has_servers() {
    grep -qsz "NARRATE_OUT=$TMPDIR" /proc/[0-9]*/environ
}

has_no_servers() {
    ! has_servers
}

@test "faults: whoever ends the matrix ends its servers" {
    # Each of these waits for a minute.
    tests/faults/matrix -j 8 -f accept:1:delay=60000 '0*' 3>&- >/dev/null &
    local pid=$!
    eventually 30 has_servers
    kill "$pid"
    wait "$pid" || true
    eventually 2 has_no_servers
    [ -z "$(find "$TMPDIR" -name 'faults.*')" ]
}
