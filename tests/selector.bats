#!/usr/bin/env bats
# The contract of 06-selectors-style/selector.h, a behaviour a test, on every backend that
# is compiled in. selector_probe does the work, and says what it expected and what it saw.

load helper

PROBE="$BATS_TEST_DIRNAME/selector_probe"

# on_every_backend CHECK: fails with the names of the backends that do not keep it.
on_every_backend() {
    local backend backends broken=
    backends=$("$PROBE" -l)
    if [ -z "$backends" ]; then
        echo 'selector_probe -l names no backend'
        return 1
    fi
    for backend in $backends; do
        run "$PROBE" "$backend" "$1"
        if [ "$status" -ne 0 ]; then
            broken="$broken $backend"
            echo "$backend, $1, status $status: $output"
        fi
    done
    [ -z "$broken" ] || echo "broken on:$broken"
    [ -z "$broken" ]
}

@test "selector: refuses a descriptor registered twice on every backend" {
    on_every_backend register-twice-is-EEXIST
}

@test "selector: knows what is not registered on every backend" {
    on_every_backend unknown-fd-is-ENOENT
}

@test "selector: refuses empty and unknown events on every backend" {
    on_every_backend bad-events-is-EINVAL
}

@test "selector: refuses a negative descriptor on every backend" {
    on_every_backend negative-fd-is-EBADF
}

@test "selector: opens by name, and refuses unknown names on every backend" {
    on_every_backend unknown-backend-is-EINVAL
}

@test "selector: reports only what was asked for on every backend" {
    on_every_backend reports-only-interest
}

@test "selector: reports a hang-up as what was asked for on every backend" {
    on_every_backend hangup-counts-as-interest
}

@test "selector: reports each descriptor once on every backend" {
    on_every_backend each-fd-once
}

@test "selector: returns zero when a signal interrupts it on every backend" {
    on_every_backend interrupted-wait-is-zero
}

@test "selector: only looks with timeout 0 on every backend" {
    on_every_backend timeout-zero-returns-at-once
}

@test "selector: never cuts a timeout short on every backend" {
    on_every_backend timeout-is-kept
}

# No test could tell by a clock: a machine under load makes any wait longer.
@test "selector: asks the system for the timeout that it was given, with select, poll and epoll" {
    need_narrator
    local backend calls="$BATS_TEST_TMPDIR/calls"
    cd "$ROOT" || return 1
    for backend in $(tests/selector_probe -l | grep -vx kqueue); do
        echo "$backend"
        common/narrate -o "$calls" tests/selector_probe "$backend" timeout-is-kept
        is 'the waits' '1 7 50 50 1000' "$(waits_in "$calls" | grep -vx close | xargs)"
    done
}

@test "selector: waits without limit below timeout 0 on every backend" {
    on_every_backend timeout-below-zero-waits
}

@test "selector: gives back the data pointer on every backend" {
    on_every_backend data-pointer-comes-back
}

@test "selector: modify changes interest and data on every backend" {
    on_every_backend modify-changes-interest-and-data
}

@test "selector: reports 300 ready descriptors in one call on every backend" {
    on_every_backend ready-has-room-for-every-key
}

@test "selector: keeps a batch while others are registered on every backend" {
    on_every_backend ready-outlives-register
}

@test "selector: lists every key once on every backend" {
    on_every_backend get-map-lists-every-key
}

@test "selector: keeps the others when some in the middle go on every backend" {
    on_every_backend unregister-middle-keeps-others
}

@test "selector: keeps its books when a system call fails on every backend" {
    on_every_backend failed-call-changes-nothing
}

@test "selector: has no stale event for a reused number on every backend" {
    on_every_backend closed-number-reused
}

@test "selector: forgets what was closed before it was unregistered on every backend" {
    on_every_backend closed-first-is-forgotten
}

@test "selector: holds 900 descriptors on every backend" {
    on_every_backend many-descriptors
}

@test "selector: select alone refuses FD_SETSIZE, tried on every backend" {
    on_every_backend select-refuses-FD_SETSIZE
}

@test "selector: select alone lowers the limit, until closed, tried on every backend" {
    on_every_backend select-lowers-the-limit
}

@test "selector: opens nothing that a child would inherit on every backend" {
    on_every_backend own-descriptors-close-on-exec
}

@test "selector: every check of the probe has its test here" {
    local check
    for check in $("$PROBE" -c); do
        if ! grep -q "on_every_backend $check\$" "$BATS_TEST_FILENAME"; then
            echo "no test for $check"
            return 1
        fi
    done
}
