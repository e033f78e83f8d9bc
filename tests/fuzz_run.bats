#!/usr/bin/env bats
# tests/fuzz/run finds what breaks a promise, keeps it, and says so.

load helper

@test "fuzz_run: without libFuzzer nothing is run, and a line says so" {
    CLANG=no-such-clang run "$ROOT/tests/fuzz/run" -t 1 lines
    [ "$status" -eq 0 ]
    is output "fuzz: skipped, there is no no-such-clang with libFuzzer here (Debian: clang and libclang-rt-dev)" "$output"
}

@test "fuzz_run: a wrong time and an unknown target are refused" {
    local arguments
    for arguments in '-t 0' '-t x' '-t' '-z' 'none' 'lines none'; do
        # shellcheck disable=SC2086
        run "$ROOT/tests/fuzz/run" $arguments
        [ "$status" -eq 2 ]
        says 'targets: fault frames http json lines options scene selector'
    done
}

# copy_project: what tests/fuzz/run needs of it, to be changed.
copy_project() {
    mkdir "$BATS_TEST_TMPDIR/copy"
    (cd "$ROOT" && tar -cf - Makefile common/*.[ch] 06-selectors-style/*.[ch] \
        06-selectors-style/apps/*.[ch] 01-blocking/*.h slides/stage/*.h tests/*.h tests/*/*.h tests/files.sh tests/fuzz) |
        tar -xf - -C "$BATS_TEST_TMPDIR/copy"
}

@test "fuzz_run: what breaks a promise is found, kept, told and replayed" {
    echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { (void)d; return n > n; }' \
        >"$BATS_TEST_TMPDIR/empty.c"
    clang -fsanitize=fuzzer,address -o "$BATS_TEST_TMPDIR/empty" "$BATS_TEST_TMPDIR/empty.c" ||
        skip 'there is no clang with libFuzzer'
    copy_project
    cd "$BATS_TEST_TMPDIR/copy"
    # Of a frame that is empty the header stays.
    sed 's/    buffer_take(in, HEADER_SIZE);/    if (size != 7) buffer_take(in, HEADER_SIZE);/' \
        "$ROOT/06-selectors-style/apps/frames.c" >06-selectors-style/apps/frames.c
    run tests/fuzz/run -t 60 frames
    [ "$status" -eq 1 ]
    says 'fuzz: frames: a promise is broken'
    says 'Test unit written to tests/fuzz/crashes/frames/crash-'
    [ "$(tail -n 1 <<<"$output" | awk '{ print $1, $NF }')" = 'frames 1' ]
    make -s tests/fuzz/frames
    run tests/fuzz/frames tests/fuzz/crashes/frames/crash-*
    [ "$status" -ne 0 ]
    says 'a promise is broken'
}
