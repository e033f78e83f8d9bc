#!/usr/bin/env bats
# The mechanical sweep: what it changes in a source, and what it says about the mutants.

load helper

# small FILE: a source with something of everything that is changed, and of what is not.
small() {
    cat >"$1" <<'C'
#include <stdbool.h>
#include <stdio.h>

enum { MOST = 10 }; /* if (a == b) */

static int twice(int a)
{
    return 2 * a;
}

int main(void)
{
    int sum = 0; // sum == 0
    bool odd = false;
    for (int i = 0; i < MOST; i++)
        sum += i;
    if (sum == 45 && !odd)
        puts("a == b && c < 1");
    if (twice(sum) >= 90 ||
        odd)
        return 0;
    return -1;
}
C
}

# made OPERATOR TEXT REPLACEMENT: there is this mutant, once.
made() {
    local seen
    seen=$(awk -F '\t' -v operator="$1" -v text="$2" \
        '$1 == operator && $2 == text { print $5 }' "$BATS_TEST_TMPDIR/mutants")
    is "$1 in $2" "$3" "${seen#"${seen%%[! ]*}"}"
}

@test "mutation: makes the mutants that it says, in functions alone" {
    small "$BATS_TEST_TMPDIR/small.c"
    awk -f "$ROOT/tests/mutation/mutants.awk" "$BATS_TEST_TMPDIR/small.c" \
        >"$BATS_TEST_TMPDIR/mutants"
    cat "$BATS_TEST_TMPDIR/mutants"
    made 'return 0' 'return 2 * a;' 'return 0;'
    made 'n to n + 1' 'return 2 * a;' 'return 3 * a;'
    made '0 to 1' 'int sum = 0; // sum == 0' 'int sum = 1; // sum == 0'
    made true 'bool odd = false;' 'bool odd = true;'
    made '< to <=' 'for (int i = 0; i < MOST; i++)' 'for (int i = 0; i <= MOST; i++)'
    made '++ to --' 'for (int i = 0; i < MOST; i++)' 'for (int i = 0; i < MOST; i--)'
    made drop 'sum += i;' ';'
    made '+= to -=' 'sum += i;' 'sum -= i;'
    made never 'if (sum == 45 && !odd)' 'if (0)'
    made always 'if (sum == 45 && !odd)' 'if (1)'
    made '== to !=' 'if (sum == 45 && !odd)' 'if (sum != 45 && !odd)'
    made '&& to ||' 'if (sum == 45 && !odd)' 'if (sum == 45 || !odd)'
    made 'no !' 'if (sum == 45 && !odd)' 'if (sum == 45 && odd)'
    made drop 'puts("a == b && c < 1");' ';'
    made never 'if (twice(sum) >= 90 || odd)' 'if (0)'
    made '>= to >' 'if (twice(sum) >= 90 ||' 'if (twice(sum) > 90 ||'
    made 'return 0' 'return -1;' 'return 0;'
    # The rest: 45 and 90 and 1, the 0 of the loop and of return, and ||.
    [ "$(wc -l <"$BATS_TEST_TMPDIR/mutants")" -eq 23 ]
}

# A folder with a source, a suite that runs it, and the sweep, which has been there once. One
# mutant survives: nobody looks at `unused`.
setup_file() {
    make_tree
    JOBS=2 tests/mutation/run >"$BATS_FILE_TMPDIR/said" 3>&- 4>&- || true
}

make_tree() {
    mkdir -p "$BATS_FILE_TMPDIR/tree/tests/mutation"
    cd "$BATS_FILE_TMPDIR/tree" || return 1
    cp "$ROOT"/tests/mutation/run "$ROOT"/tests/mutation/*.awk "$ROOT"/tests/mutation/*.sh \
        tests/mutation
    cat >sum.c <<'C'
int unused;
enum { ONE = 1 };

struct pair {
    int first, second;
};

static struct pair pair_of(int a, int b)
{
    struct pair pair = {a, b};
    return pair;
}

int main(int argc, char **argv)
{
    int idle = 0;
    unused = ONE;
    struct pair pair = pair_of(1, 2);
    (void)idle;
    (void)argv;
    return pair.first + pair.second == argc + 2 ? 0 : ONE;
}
C
    printf '%s\n\t%s\n' 'sum: sum.o' 'cc -o sum sum.o' 'sum.o: sum.c' \
        'cc -O2 -Werror=int-conversion -c -o sum.o sum.c' >Makefile
    cat >tests/run <<'SH'
#!/bin/sh
mkdir -p .build/test
./sum && ! ./sum more && echo 'ok 1 sum' >.build/test/sum.tap && exit
echo 'not ok 1 sum' >.build/test/sum.tap
exit 1
SH
    chmod +x tests/run
    echo 'sum.c | sum | suite:sum' >tests/mutation/plan
    : >tests/mutation/survivors
}

# in_a_tree: goes to a copy of it.
in_a_tree() {
    cp -R "$BATS_FILE_TMPDIR/tree" "$BATS_TEST_TMPDIR/tree"
    cd "$BATS_TEST_TMPDIR/tree" || return 1
}

# with VERDICT: the mutants that it was given to.
with() {
    awk -F '\t' -v verdict="$1" -v OFS='\t' '$4 == verdict { print $2, $3 }' .build/mutation/results
}

# sweep: sets status and output.
sweep() {
    JOBS=2 run tests/mutation/run 3>&- 4>&-
    echo "$output"
}

@test "mutation: tells killed, survived, not compiling and the same object apart" {
    in_a_tree
    output=$(cat "$BATS_FILE_TMPDIR/said")
    echo "$output"
    is 'not compiling' $'return 0\treturn pair;' "$(with 'not compiling')"
    is 'same object' $'0 to 1\tint idle = 0;' "$(with 'same object')"
    is 'survived' $'drop\tunused = ONE;' "$(with survived | head -n 1)"
    with 'killed by suite:sum' | grep -q 'pair_of(1, 2)'
    with 'killed by suite:sum' | grep -q '== argc'
    says $'sum.c\tdrop\tunused = ONE;'
    says '11     11      1      1      0      8      1  88.9 %'
}

@test "mutation: a run goes on where another stopped" {
    in_a_tree
    sed '1,2d' .build/mutation/results >results
    cp results .build/mutation/results
    sweep
    is 'mutants that were left' 2 "$(wc -l <.build/mutation/todo)"
    is 'mutants that are known' "$(wc -l <.build/mutation/all)" "$(wc -l <.build/mutation/results)"
}

@test "mutation: a stage that fails without a mutant, or tries nothing, ends the run" {
    in_a_tree
    rm -r .build
    echo 'sum.c | no | suite:sum' >tests/mutation/plan
    sweep
    [ "$status" -eq 2 ]
    says 'the stage suite:sum fails without a mutant'
    echo 'sum.c | sum | suite:sum' >tests/mutation/plan
    cp tests/run sound
    echo 'exit 1' >tests/run
    sweep
    [ "$status" -eq 2 ]
    says 'the stage suite:sum fails without a mutant'
    is 'what was killed' '' "$(with 'killed by suite:sum')"
    sed 's/ok 1 sum/& # skip/' sound >tests/run
    sweep
    [ "$status" -eq 2 ]
    cp sound tests/run
    sweep
    [ "$status" -eq 1 ]
    says '88.9 %'
}

@test "mutation: SAMPLE tries so many of each file, evenly spread" {
    in_a_tree
    rm -r .build
    export SAMPLE=2
    sweep
    says 'sum.c                                        11      2 '
    cut -f 3 .build/mutation/results | sort >two
    sed -n '6p; 11p' .build/mutation/all | cut -f 3 | sort | cmp - two
    SAMPLE=4
    sweep
    says 'sum.c                                        11      4 '
    says '7 mutants have not been tried'
}

@test "mutation: what survived the quick stages is tried with the suites by the next run" {
    in_a_tree
    rm -r .build
    export QUICK=1
    sweep
    is 'what was killed without a suite' '' "$(with 'killed by suite:sum')"
    QUICK=
    sweep
    with 'killed by suite:sum' | grep -q 'pair_of(1, 2)'
    says '88.9 %'
}

@test "mutation: what is listed with a reason does not count" {
    in_a_tree
    printf 'sum.c\tdrop\tunused = ONE;\tnobody looks at it\n' >tests/mutation/survivors
    sweep
    [ "$status" -eq 0 ]
    says '100.0 % of those that compile and change something were killed'
}

@test "mutation: what is listed meets the suites with AGAIN alone" {
    in_a_tree
    rm -r .build
    printf 'sum.c\t%s\tit is of no use\n' 'drop	unused = ONE;' >tests/mutation/survivors
    sweep
    is 'what was listed' $'drop\tunused = ONE;' "$(with 'survived the quick stages')"
    sweep
    is 'what is left to try' '' "$(cat .build/mutation/todo)"
    export AGAIN=1
    sweep
    is 'what was listed, again' $'drop\tunused = ONE;' "$(with survived)"
}

@test "mutation: a list with a stale line, or one without a reason, fails" {
    local line
    in_a_tree
    for line in 'return 0	return pair.first + pair.second == argc + 2 ? 0 : ONE;	it is killed' 'drop	gone = 1;	it is not there' \
        'drop	unused = ONE;	'; do
        printf 'sum.c\tdrop\tunused = ONE;\tnobody looks at it\nsum.c\t%s\n' "$line" \
            >tests/mutation/survivors
        sweep
        [ "$status" -eq 1 ]
        says 'tests/mutation/survivors: '
    done
}
