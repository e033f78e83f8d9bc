#!/usr/bin/env bats
# A short soak, `make soak` is the long one. And that it finds what a server does wrong.

load helper

setup() {
    cd "$ROOT" || return 1
    [ -z "${SANITIZER-}" ] || skip 'a sanitizer keeps memory, and no narrator can be loaded'
    [ -d /proc/self/fd ] || skip 'this system shows no descriptors of a process'
    export TMPDIR=$BATS_TEST_TMPDIR SEED=7
}

# soak SECONDS NAME...: sets status and output.
soak() {
    local seconds=$1
    shift
    run tests/soak/run -t "$seconds" "$@"
    echo "$output"
}

# finds FAULT TEXT...: the server with this fault fails for this reason.
finds() {
    export SERVER="tests/grade/faulty $1 {port}"
    soak 3
    [ "$status" -eq 1 ]
    shift
    for text in "$@"; do says "$text"; done
    says "    SEED=7 SERVER='$SERVER' tests/soak/run -t 3"
}

@test "soak: of hundreds of clients nothing stays" {
    soak 4 04-poll
    [ "$status" -eq 0 ]
    echo "$output" | awk '
        $1 == "04-poll" { seen = $2 > 100 && $4 > 10 && $5 > 10 && $7 == $8 && $NF == "held" }
        END { exit !seen }'
}

@test "soak: a server for one client at a time is soaked by a few" {
    soak 2 01-blocking
    [ "$status" -eq 0 ]
    says held
}

@test "soak: a server without a fault that is not ours holds" {
    export SERVER='tests/grade/faulty none {port}'
    soak 3
    [ "$status" -eq 0 ]
}

@test "soak: finds a descriptor that stays open after a reset" {
    finds leaks 'descriptors are open, and nobody is there'
}

@test "soak: finds some memory that each client leaves" {
    finds keeps 'its memory has grown by' 'bytes a client'
}

@test "soak: finds the byte that is lost after a short send" {
    finds loses 'was sent,' 'came back'
}

@test "soak: finds a server that goes on working when nobody is there" {
    finds stays-busy 'it goes on working, and nobody is there'
}

@test "soak: finds a server that ends after a reset" {
    finds resets 'the server ended with status 1'
}

@test "soak: finds a byte that is another" {
    finds wrong 'was sent,' 'came back'
}

@test "soak: a server that does not start is no success" {
    export SERVER='tests/grade/faulty exits {port}'
    soak 2
    [ "$status" -eq 1 ]
    says 'the server ended with status 3'
}

@test "soak: says what it cannot do" {
    run tests/soak/run -z
    [ "$status" -eq 2 ]
    run tests/soak/soak -p 9003
    [ "$status" -eq 2 ]
    says 'usage: soak'
    soak 2 04-nothing
    [ "$status" -ne 0 ]
}

@test "soak: what is no whole number, no option and no server is refused with status 2" {
    local words
    for words in '-t x' '-t -3' '-q' 'no_such_server'; do
        # shellcheck disable=SC2086 # several words
        run tests/soak/run $words
        echo "$words: $output"
        [ "$status" -eq 2 ]
    done
    MINUTES=ten run tests/soak/run
    [ "$status" -eq 2 ]
    says 'whole numbers'
}
