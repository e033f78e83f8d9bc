#!/usr/bin/env bats
# The mutants: each says what it has to say, and their runner can fail. `make mutants` plants
# them all.

load helper

setup() {
    cd "$ROOT" || return 1
    folder=$BATS_TEST_TMPDIR/patches
    mkdir "$folder"
}

# tests_there: a line a test, after what the name of its suite begins with.
tests_there() {
    local file suite
    for file in tests/*.bats tests/apps/*.bats; do
        case $file in
        tests/conformance.bats) suite=0 ;;
        tests/apps/*) suite=apps- ;;
        *) suite=$(basename "$file" .bats) ;;
        esac
        sed -n "s/^@test \"\(.*\)\" {\$/$suite|\1/p" "$file" | sed 's/|[$]NAME /|/'
    done
}

@test "mutants: each names its bug, what a user sees, and a test that is there" {
    tests_there >"$BATS_TEST_TMPDIR/tests"
    awk '
        function problem(text) { print file ": " text; problems = 1 }
        function check(    kind, same) {
            for (i = 1; i <= 5; i++)
                if (!(keys[i] in header)) problem("it has no " keys[i])
            if (!diff) problem("it holds no diff")
            same = header["Bug"] " in " header["Suite"] ": " header["Name"]
            if (same in seen) problem("it is like " seen[same])
            seen[same] = file
            name = file
            sub(/.*\//, "", name)
            if (index(name, tolower(header["Bug"]) "-") != 1) problem("its bug is " header["Bug"])
            kind = header["Suite"] ~ /^0/ ? "0" : header["Suite"] ~ /^apps-/ ? "apps-" : header["Suite"]
            if (!((kind "|" header["Test"]) in tests))
                problem("no test of " header["Suite"] " is called: " header["Test"])
        }
        BEGIN { split("Bug Name Seen Suite Test", keys) }
        FILENAME == ARGV[1] { tests[$0]; next }
        FNR == 1 {
            if (file) check()
            file = FILENAME
            diff = 0
            split("", header)
        }
        !diff && /^[A-Z][a-z]+: ./ { header[substr($0, 1, index($0, ":") - 1)] = substr($0, index($0, ":") + 2) }
        /^--- a\// { diff = 1 }
        END { if (file) check(); exit problems }
    ' "$BATS_TEST_TMPDIR/tests" tests/mutants/*.patch
}

@test "mutants: each applies as it stands, without fuzz" {
    command -v git >/dev/null || skip 'git is not installed'
    local patch
    for patch in tests/mutants/*.patch; do
        echo "$patch"
        git apply --check -p1 "$patch"
    done
}

# run_mutants ARGUMENT...: without what this bats tells the commands that it starts, and
# without its own folder in the path, whose `bats` is another one.
run_mutants() {
    local path
    path=$(echo "$PATH" | tr : '\n' | grep -v '/libexec/bats-core' | paste -s -d : -)
    run env -i PATH="$path" tests/mutants/run -q -d "$folder" "$@"
    echo "$output"
}

# patch_by NAME SED [TEST]: a patch that makes this change to the server of lesson 04.
patch_by() {
    local file=04-poll/echo_server.c test=${3:-says where it listens, first and flushed}
    sed "$2" "$file" >"$BATS_TEST_TMPDIR/changed"
    {
        printf 'Bug: T0\nName: a mutant of the test\nSeen: nothing\nSuite: 04-poll\n'
        printf 'Test: %s\n\n' "$test"
        diff -u "$file" "$BATS_TEST_TMPDIR/changed" |
            sed "1s,.*,--- a/$file,; 2s,.*,+++ b/$file,"
    } >"$folder/$1.patch"
}

@test "mutants: the run passes if all are caught" {
    patch_by says-nothing 's/^    interest_init();$/    return 3;/'
    run_mutants
    [ "$status" -eq 0 ]
    says '1 mutants: 1 caught, 0 skipped, 0 not; of 1 suites 1 pass untouched'
    run_mutants another
    [ "$status" -eq 2 ]
    says 'no mutant is called another'
}

@test "mutants: the run fails for a mutant that survives, applies to nothing, or tests nothing" {
    patch_by survives 's/= stop_init();/= 0 + stop_init();/'
    patch_by builds-not 's/^int main/int main main/'
    patch_by names-no-test 's/^    interest_init();$/    return 3;/' 'sings'
    patch_by applies-not 's/^    interest_init();$/    return 3;/'
    sed 's/max_clients/most_clients/' "$folder/applies-not.patch" >"$BATS_TEST_TMPDIR/other"
    mv "$BATS_TEST_TMPDIR/other" "$folder/applies-not.patch"
    run_mutants
    [ "$status" -eq 1 ]
    says 'SURVIVES 04-poll'
    says 'DOES NOT BUILD 04-poll'
    says 'NAMES NO TEST 04-poll'
    says 'DOES NOT APPLY 04-poll'
    says '4 mutants: 0 caught, 0 skipped, 4 not'
}
