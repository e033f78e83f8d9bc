#!/usr/bin/env bats
# What the fuzzers begin with, and what was found in the past, is played to each harness without
# libFuzzer. `make fuzz` looks for more.

load helper

# replays TARGET LEAST: its seeds, LEAST of them or more, and its past crashes break no promise.
replays() {
    local files
    shopt -s nullglob
    files=("$ROOT/tests/fuzz/seeds/$1"/* "$ROOT/tests/fuzz/crashes/$1"/*)
    echo "${#files[@]} files for $1; the last one named is that which breaks a promise"
    [ "${#files[@]}" -ge "$2" ] && "$ROOT/tests/fuzz/$1" "${files[@]}"
}

@test "fuzz: plans of failures are understood, and mean the same when they are written anew" {
    replays fault 10
}

@test "fuzz: frames are the same wherever their bytes are cut" {
    replays frames 6
}

@test "fuzz: a request is judged the same wherever its bytes are cut" {
    replays http 11
}

@test "fuzz: JSON that is read and written is read again as the same" {
    replays json 8
}

@test "fuzz: lines are the same wherever their bytes are cut" {
    replays lines 6
}

@test "fuzz: a command line is understood as POSIX says" {
    replays options 9
}

@test "fuzz: a scene is the same with comments and blanks, and can be played" {
    replays scene 8
}

@test "fuzz: every backend of the selector does what a plain model does" {
    replays selector 7
}

@test "fuzz: every harness has seeds, and is replayed here" {
    local target
    for target in "$ROOT"/tests/fuzz/seeds/*/; do
        target=$(basename "$target")
        [ -x "$ROOT/tests/fuzz/$target" ]
        grep -qx "    replays $target [1-9][0-9]*" "$BATS_TEST_FILENAME"
    done
    for target in "$ROOT"/tests/fuzz/*.c; do
        grep -q LLVMFuzzerTestOneInput "$target" || continue
        target=$(basename "$target" .c)
        [ "$target" = replay ] || [ -d "$ROOT/tests/fuzz/seeds/$target" ]
    done
}

@test "fuzz: a replay without a file, or of one that is not there, fails" {
    run "$ROOT/tests/fuzz/lines"
    [ "$status" -eq 2 ]
    says 'usage:'
    run "$ROOT/tests/fuzz/lines" "$BATS_TEST_TMPDIR/none"
    [ "$status" -eq 1 ]
    says 'No such file'
}
