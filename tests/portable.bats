#!/usr/bin/env bats
# What can be seen from here of whether the sources and scripts are read elsewhere. What takes
# minutes is for tests/portable itself.

load helper

setup() {
    cd "$ROOT" || return 1
}

# homes FILE LINE: looks at a source that holds this line, as if it stood there.
homes() {
    mkdir -p "$BATS_TEST_TMPDIR/${1%/*}"
    printf '%s\n' "$2" >"$BATS_TEST_TMPDIR/$1"
    cp tests/homes tests/homes.awk "$BATS_TEST_TMPDIR"
    # Alone, nearly every home is without its words: what counts is what is said of this file.
    run sh -c "cd '$BATS_TEST_TMPDIR' && awk -f homes.awk homes '$1' | grep '^$1:[0-9]'"
}

@test "portable: what differs between systems stands in its home alone" {
    run tests/portable homes
    is 'the status' 0 "$status"
    is 'what is said' '' "$output"
}

@test "portable: sees what is for one system outside its home" {
    local line
    for line in '#include <sys/epoll.h>' 'fd = accept4(a, NULL, NULL, 0);' 'int k = kqueue();' \
        'pipe2(ends, O_CLOEXEC);' 'send(fd, b, n, MSG_NOSIGNAL);' '#ifdef __APPLE__' \
        'fopen("/proc/self/stat", "r");' 'fd = accept(s, NULL, NULL);' 'x = a.sa + INADDR_LOOPBACK;' '#define _GNU_SOURCE 1' \
        'type = SOCK_STREAM|SOCK_NONBLOCK; /* a */' '/* a */ int fd = eventfd(0, 0);'; do
        homes 04-poll/echo_server.c "$line"
        says 'is not for this file'
    done
}

@test "portable: takes what a comment or a sentence says for what it is" {
    local line
    for line in '/* accept4 and /proc */' 'puts("kqueue and epoll_wait");' "c = '\"'; /* kqueue */" \
        'struct my_kqueue *k;'; do
        homes 04-poll/echo_server.c "$line"
        is "what is said of: $line" '' "$output"
    done
}

@test "portable: sees a home that has nothing of its words any more" {
    run awk -f tests/homes.awk tests/homes 04-poll/echo_server.c
    is 'the status' 1 "$status"
    says '05-epoll/echo_server.c: has nothing of sys/epoll.h'
}

@test "portable: every shell here reads every script" {
    run tests/portable scripts
    is 'the status' 0 "$status"
    says 'reads all'
}

@test "portable: every awk here reads every program" {
    run tests/portable programs
    is 'the status' 0 "$status"
    says 'reads all'
}
