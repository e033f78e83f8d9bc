#!/usr/bin/env bats
# What of the fresh machine can be seen without making one.

load helper

setup() {
    cd "$ROOT" || return 1
    COPY=$BATS_TEST_TMPDIR/copy
    mkdir -p "$COPY/tests"
    cp README.md "$COPY"
    cp tests/fresh-machine "$COPY/tests"
}

@test "fresh-machine: takes packages and commands from README.md" {
    sed 's/^On Debian or Ubuntu: `apt install gcc/& ed/; s/^make demo$/make tea/' \
        README.md >"$COPY/README.md"
    run "$COPY/tests/fresh-machine" -n
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    says 'apt install gcc ed make'
    says 'make tea'
    says 'make test'
}

@test "fresh-machine: leaves out the package that it is to leave out" {
    WITHOUT=gcc run "$COPY/tests/fresh-machine" -n
    is install 'apt install make bats' "${lines[0]}"
    WITHOUT=bats run "$COPY/tests/fresh-machine" -n
    is install 'apt install gcc make' "${lines[0]}"
}

@test "fresh-machine: a README.md that names nothing is no success" {
    echo 'Install what you like.' >"$COPY/README.md"
    run "$COPY/tests/fresh-machine"
    [ "$status" -eq 1 ]
    says 'README.md names no packages, or no commands'
}

@test "fresh-machine: says why it cannot be done, leaves nothing, and skips" {
    mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/tmp"
    for tool in sh sed awk dirname mktemp rmdir; do
        ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/"
    done
    run env PATH="$BATS_TEST_TMPDIR/bin" TMPDIR="$BATS_TEST_TMPDIR/tmp" "$COPY/tests/fresh-machine"
    [ "$status" -eq 77 ]
    says 'fresh-machine: skipped: '
    [ -z "$(ls "$BATS_TEST_TMPDIR/tmp")" ]
}
