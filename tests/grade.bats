#!/usr/bin/env bats
# The grader: what its card says, what it costs, and that no submission does any harm.

load helper

setup() {
    cd "$ROOT" || return 1
    FAULTY='tests/grade/faulty'
    # Whatever is left behind is to be found by this name.
    MARK="$BATS_TEST_TMPDIR/marked"
    cp tests/grade/faulty "$MARK"
}

grade() {
    run env TMPDIR="$BATS_TEST_TMPDIR" tests/grade/grade "$@"
    echo "status $status"
    echo "$output"
}

# running TEXT: the processes whose commands hold it.
running() {
    ps -eo args= | awk -v text="$1" 'index($0, text) && !/awk/'
}

is_running() {
    [ -n "$(running "$1")" ]
}

# Nothing of a submission runs, and no temporary file of the grader is there.
nothing_is_left() {
    local left
    left=$(running "$MARK")
    [ -z "$left" ] || { echo "still runs: $left" && return 1; }
    left=$(find "$BATS_TEST_TMPDIR" -name 'grade.*' | head -n 3)
    [ -z "$left" ] || { echo "left behind: $left" && return 1; }
}

# The card names every behaviour, and none is missing.
full_marks() {
    is 'the behaviours on the card' "$(grep -c '^behaviour: ' tests/grade/behaviours)" \
        "$(grep -c -e '^  ✓' -e '^  –' <<<"$output")"
    grep -E '^Score: ([0-9]+) of \1 points[.] ([0-9]+) of \2 behaviours are kept[.]$' <<<"$output"
}

# tests_file NAME: writes a bats file. TEST stands for @test, which bats would take for one of
# the tests here.
tests_file() {
    sed 's/^TEST /@test /' >"$BATS_TEST_TMPDIR/$1.bats"
}

# ---- the table of behaviours ----

# shellcheck disable=SC2016 # $NAME stands in the file
@test "grade: every behaviour has its points, its texts and its page" {
    is 'the behaviours' "$(sed -n 's/^@test "$NAME \(.*\)" {$/\1/p' tests/conformance.bats | sort)" \
        "$(sed -n 's/^behaviour: //p' tests/grade/behaviours | sort)"
    awk '/^behaviour: / { name = $0; n++ }
         /^points: [1-9]$/ { p++ } /^done: ./ { d++ } /^right: ./ { r++ } /^page: ./ { g++ }
         /^$/ && name { if (p != n || d != n || r != n || g != n) { print name; exit 1 } }' tests/grade/behaviours
}

@test "grade: every page that is named has that heading" {
    local page headings
    sed -n 's/^page: //p' tests/grade/behaviours | sort -u | while read -r page; do
        headings=$(sed -n 's/^##* //p' "${page%%#*}" | tr '[:upper:]' '[:lower:]' |
            tr -d '`:,.?' | tr ' ' '-')
        echo "$headings" | grep -qxF -- "${page#*#}" || { echo "$page" && exit 1; }
    done
}

# ---- the card ----

@test "grade: a correct server gets full marks" {
    grade -j "$BATS_TEST_TMPDIR/card.json" '04-poll/echo_server -p {port}'
    [ "$status" -eq 0 ]
    full_marks
    says '✓   2/2   echoes any bytes, NUL too'
    says '–        listens on an IPv6 address (it has no -a)'
    nothing_is_left
    command -v jq >/dev/null || return 0
    jq -e --argjson n "$(grep -c '^behaviour: ' tests/grade/behaviours)" \
        '.score == .of and (.behaviours | length) == $n' "$BATS_TEST_TMPDIR/card.json"
}

@test "grade: a correct server in Python gets full marks" {
    command -v python3 >/dev/null || skip 'there is no Python here'
    grade 'python3 tests/grade/echo_server.py {port}'
    [ "$status" -eq 0 ]
    full_marks
}

@test "grade: what failed is told, with what was done, seen and right, and how to see it again" {
    grade -o 'survives sending to a client that has closed (SIGPIPE)' "$MARK sigpipe {port}"
    [ "$status" -eq 1 ]
    says '✗   0/3   survives sending to a client that has closed (SIGPIPE)'
    says 'done   A client sends 250 kB'
    says 'right  It lives.'
    says 'the server has ended, with status 141: signal SIGPIPE'
    says 'read   04-poll/README.md#break-it'
    says 'Score: 0 of 3 points.'
    if [ -e common/narrator.so ]; then says 'send(5, '; fi
    local again
    again=$(sed -n 's/^ *again *//p' <<<"$output")
    run sh -c "$again"
    [ "$status" -eq 1 ]
    says 'signal SIGPIPE'
    nothing_is_left
}

@test "grade: bytes that come back wrong are told, expected and received" {
    grade -o 'echoes a line' "$MARK wrong {port}"
    [ "$status" -eq 1 ]
    says "expected 'hello', got 'idmmn'"
}

@test "grade: without an echo of one line, what needs an echo is not tried" {
    sed -n 's/^behaviour: /0 /p' tests/grade/behaviours |
        grep -v -e 'NUL too' -e 'SIGTERM while' -e 'with -h' >"$BATS_TEST_TMPDIR/weights"
    grade -w "$BATS_TEST_TMPDIR/weights" "$MARK wrong {port}"
    [ "$status" -eq 1 ]
    says '✗   0/2   echoes any bytes, NUL too (not tried)'
    says 'Not tried: it needs an echo, and the server did not return a line, twice.'
    says '✓   2/2   stops on SIGTERM'
    says '–        explains its options'
    nothing_is_left
}

@test "grade: CPU that is burnt is told" {
    grade -o 'rests while a hundred' "$MARK spins {port}"
    [ "$status" -eq 1 ]
    says '% of a core'
}

@test "grade: a signal that is not obeyed is told" {
    grade -o 'stops on SIGINT' "$MARK deaf {port}"
    [ "$status" -eq 1 ]
    says 'still runs, after 2 seconds'
    nothing_is_left
}

@test "grade: what failed once and was kept twice keeps its points, and is called unsteady" {
    # Each try of this test starts a server more than the last.
    tests_file once <<'END'
load "$TESTS/helper"
# points: 4
# done: It is counted how often this was tried.
TEST "$NAME fails once" {
    start_server
    echo x >>"$COUNTER"
    [ "$(wc -l <"$COUNTER")" -ne 1 ]
}
END
    COUNTER="$BATS_TEST_TMPDIR/counter" grade -o 'fails once' -e "$BATS_TEST_TMPDIR/once.bats" "$MARK none {port}"
    [ "$status" -eq 0 ]
    says '✓   4/4   fails once'
    says 'unsteady'
    is 'the tries' 3 "$(wc -l <"$BATS_TEST_TMPDIR/counter")"
}

@test "grade: of what failed, was kept and failed again, the last failure is told" {
    tests_file twice <<'END'
load "$TESTS/helper"
# points: 4
TEST "$NAME fails twice" {
    start_server
    echo x >>"$COUNTER"
    echo "try $(wc -l <"$COUNTER")"
    [ "$(wc -l <"$COUNTER")" -eq 2 ]
}
END
    COUNTER="$BATS_TEST_TMPDIR/counter" grade -o 'fails twice' -e "$BATS_TEST_TMPDIR/twice.bats" "$MARK none {port}"
    [ "$status" -eq 1 ]
    says 'seen   try 3'
}

@test "grade: a hidden test is explained by what stands above it" {
    tests_file hidden <<'END'
load "$TESTS/helper"

# points: 7
# done: A client asks for nothing.
# right: Nothing comes.
# page: README.md#the-ladder
TEST "$NAME shouts (HELLO)" {
    start_server
    client 'ann connect' 'ann send hello' 'ann expect HELLO'
}
END
    grade -o 'shouts' -e "$BATS_TEST_TMPDIR/hidden.bats" "$MARK none {port}"
    [ "$status" -eq 1 ]
    says '✗   0/7   shouts (HELLO)'
    says 'done   A client asks for nothing.'
    says "expected 'HELLO', got 'hello'"
    says "-e '$BATS_TEST_TMPDIR/hidden.bats'"
}

@test "grade: JSON and JUnit are valid whatever a server says" {
    grade -o 'echoes any' -j "$BATS_TEST_TMPDIR/card.json" -x "$BATS_TEST_TMPDIR/card.xml" \
        "$MARK dies {port}"
    [ "$status" -eq 1 ]
    says 'the server said: '
    case $output in *$'\033'*) return 1 ;; esac
    if command -v jq >/dev/null; then
        jq -e '.behaviours[0] | .result == "no" and (.seen | length) > 1' "$BATS_TEST_TMPDIR/card.json"
    fi
    if command -v xmllint >/dev/null; then
        xmllint --noout "$BATS_TEST_TMPDIR/card.xml"
        is 'the failures' 1 "$(xmllint --xpath 'count(//failure)' "$BATS_TEST_TMPDIR/card.xml")"
    fi
}

@test "grade: weights change the points, and 0 leaves out" {
    printf '# ours\n9 echoes a line that comes a byte at a time\n' >"$BATS_TEST_TMPDIR/weights"
    grade --weights "$BATS_TEST_TMPDIR/weights" -o 'echoes a line' "$MARK none {port}"
    [ "$status" -eq 0 ]
    says 'Score: 9 of 9 points.'
    sed -n 's/^behaviour: /0 /p' tests/grade/behaviours | grep -v 'NUL too' >"$BATS_TEST_TMPDIR/weights"
    grade -w "$BATS_TEST_TMPDIR/weights" "$MARK none {port}"
    says '1 of 1 behaviours'
}

@test "grade: a wrong weight, behaviour or argument is refused in a clear line" {
    echo '3 flies' >"$BATS_TEST_TMPDIR/weights"
    grade -w "$BATS_TEST_TMPDIR/weights" "$MARK none {port}"
    [ "$status" -eq 2 ]
    says 'line 1: there is no behaviour "flies"'
    echo 'many echoes any bytes, NUL too' >"$BATS_TEST_TMPDIR/weights"
    grade -w "$BATS_TEST_TMPDIR/weights" "$MARK none {port}"
    [ "$status" -eq 2 ]
    says 'is not "POINTS BEHAVIOUR"'
    grade -o flies "$MARK none {port}"
    [ "$status" -eq 2 ]
    says 'there is no behaviour "flies"'
    : >"$BATS_TEST_TMPDIR/weights"
    grade -w "$BATS_TEST_TMPDIR/weights" -o flies "$MARK none {port}"
    [ "$status" -eq 2 ]
    says 'there is no behaviour "flies"'
    grade -e nothing.bats "$MARK none {port}"
    [ "$status" -eq 2 ]
    tests_file quotes <<<"TEST 'in other quotes' {"
    grade -e "$BATS_TEST_TMPDIR/quotes.bats" "$MARK none {port}"
    [ "$status" -eq 2 ]
    says 'quotes.bats has no test that is understood'
    grade
    [ "$status" -eq 2 ]
    says 'usage: grade'
}

# ---- servers that do not start ----

@test "grade: a server that ends at once is told once, with its last words" {
    grade "sh -c 'echo no luck >&2; exit 3'"
    [ "$status" -eq 2 ]
    says 'The server could not be started, so nothing was graded'
    says 'no luck'
    [ "${#lines[@]}" -lt 8 ]
    nothing_is_left
}

@test "grade: a server that hangs before its first line is ended" {
    grade "$MARK hangs {port}"
    [ "$status" -eq 2 ]
    says 'it printed no line in time'
    nothing_is_left
}

@test "grade: of a server that does not start course systems are told nothing of the one before" {
    local file
    for file in card.json card.xml; do echo 'Score: 74' >"$BATS_TEST_TMPDIR/$file"; done
    run env TMPDIR="$BATS_TEST_TMPDIR" make -s grade SERVER='false {port}' \
        JSON="$BATS_TEST_TMPDIR/card.json" JUNIT="$BATS_TEST_TMPDIR/card.xml"
    echo "$output"
    [ "$status" -eq 2 ]
    says 'could not be started'
    lacks 'Score: 74' "$BATS_TEST_TMPDIR/card.xml"
    holds '"score":0,"of"' "$BATS_TEST_TMPDIR/card.json"
    holds "\"again\":\"tests/grade/grade 'false {port}'\"" "$BATS_TEST_TMPDIR/card.json"
    grade -x "$BATS_TEST_TMPDIR/nowhere/card.xml" "$MARK none {port}"
    [ "$status" -eq 2 ]
    says 'nowhere/card.xml cannot be written'
}

# ---- servers that misbehave: each costs its points alone ----

@test "grade: a server that prints without end, or closes its output, is served like any other" {
    grade -o 'echoes a line' "$MARK prints {port}"
    [ "$status" -eq 0 ]
    grade -o 'echoes a line' "$MARK closes {port}"
    [ "$status" -eq 0 ]
}

@test "grade: what has left the process group is ended too" {
    [ "$(uname -s)" = Linux ] || skip 'only Linux finds it'
    grade -o 'echoes a line' "$MARK escapes {port}"
    [ "$status" -eq 0 ]
    nothing_is_left
}

# is_struck WHY FAULT OPTION...: in a cage with these options a server with this fault is ended.
is_struck() {
    run tests/grade/cage "${@:3}" -t 20 "$MARK" "$2" "$(tests/client free-port)"
    echo "$status $output"
    [ "$status" -eq 137 ]
    says "$1"
    nothing_is_left
}

@test "grade: a server that eats memory is ended" {
    [ "$(uname -s)" = Linux ] || skip 'only Linux tells how much it uses'
    is_struck 'it took too much memory' grows -m 300
}

@test "grade: a fork bomb is ended" {
    [ "$(uname -s)" = Linux ] || skip 'only Linux finds all of it'
    is_struck 'it started too many processes' bombs -n 300
}

@test "grade: a server whose children spin does not stretch its own limit of time" {
    local began=$SECONDS n
    n=$((20 * $(getconf _NPROCESSORS_ONLN)))
    run tests/grade/cage -t 1 sh -c \
        "i=0; while [ \$i -lt $n ]; do (while :; do :; done) & i=\$((i + 1)); done; wait"
    [ "$status" -eq 137 ]
    says 'its time was over'
    echo "after $((SECONDS - began)) seconds"
    [ $((SECONDS - began)) -le 12 ]
}

@test "grade: a huge file is cut off, and the server with it" {
    run tests/grade/cage -C "$BATS_TEST_TMPDIR" "$MARK" writes "$(tests/client free-port)"
    [ "$status" -eq 153 ] # SIGXFSZ
    nothing_is_left
}

@test "grade: the cage passes on the first line, 64 KiB of stderr and the status" {
    run tests/grade/cage sh -c 'echo one; echo two; exit 7'
    [ "$status" -eq 7 ]
    [ "$output" = one ]
    run bash -c "tests/grade/cage sh -c 'head -c 300000 /dev/zero >&2' 2>&1 | wc -c"
    [ "$output" -eq 65536 ]
    run tests/grade/cage -t 1 sh -c 'trap "" TERM; while :; do sleep 1; done'
    [ "$status" -eq 137 ]
}

@test "grade: an interrupted grading leaves nothing behind" {
    TMPDIR="$BATS_TEST_TMPDIR" tests/grade/grade "$MARK mute {port}" >/dev/null 2>&1 3>&- &
    local grader=$!
    eventually 30 is_running "$MARK mute"
    kill -TERM "$grader"
    STATUS=0
    wait "$grader" || STATUS=$?
    [ "$STATUS" -eq 143 ]
    nothing_is_left
}

# ---- a folder of submissions ----

@test "grade: a folder of submissions becomes a table" {
    local dir="$BATS_TEST_TMPDIR/submissions"
    mkdir -p "$dir/ann" "$dir/bob" "$dir/cy, jr" "$dir/dan (4)"
    cp tests/grade/faulty.c "$dir/ann/"
    printf 'build: cc -o mine faulty.c\nstart: ./mine wrong {port}\n' >"$dir/ann/grade-command"
    echo 'int main(void) { return undeclared; }' >"$dir/bob/server.c"
    cp "$MARK" "$dir/cy, jr/server"
    # shellcheck disable=SC2016 # for make
    printf 'DIR = .\nserver:\n\ttest $(DIR) = .\n' >"$dir/cy, jr/Makefile"
    cp tests/grade/faulty.c "$dir/dan (4)/"
    cp "$MARK" "$dir/eve's"
    printf '#!/bin/sh\nexit 1\n' >"$dir/fay"
    chmod +x "$dir/fay"
    sed -n 's/^behaviour: /0 /p' tests/grade/behaviours | grep -v 'first and flushed' >"$BATS_TEST_TMPDIR/weights"
    run env TMPDIR="$BATS_TEST_TMPDIR" make -s grade-all DIR="$dir" CSV="$BATS_TEST_TMPDIR/out.csv" \
        WEIGHTS="$BATS_TEST_TMPDIR/weights" ARGS="-a 'none {port}'"
    echo "$output"
    [ "$status" -eq 0 ]
    cat "$BATS_TEST_TMPDIR/out.csv"
    is 'the table' "submission,score,out of,\"says where it listens, first and flushed\",note
ann,0,2,no,
bob,0,,-,it could not be built
\"cy, jr\",2,2,yes,
dan (4),2,2,yes,
eve's,2,2,yes,
fay,0,2,no,it could not be started" "$(cat "$BATS_TEST_TMPDIR/out.csv")"
    holds 'undeclared' "$BATS_TEST_TMPDIR/out-cards/bob.txt"
    holds "again  tests/grade/grade -C '$dir/ann' -o 'says where" "$BATS_TEST_TMPDIR/out-cards/ann.txt"
    nothing_is_left
}

@test "grade: a failure of a submission can be seen again with the command on its card" {
    mkdir -p "$BATS_TEST_TMPDIR/those/gus"
    cp tests/grade/faulty.c "$BATS_TEST_TMPDIR/those/gus/"
    tests_file hidden <<'END'
load "$TESTS/helper"
TEST "$NAME echoes a word" {
    start_server
    client 'ann connect' 'ann echo hello'
}
END
    env TMPDIR="$BATS_TEST_TMPDIR" tests/grade/all -a 'wrong {port}' -o "$BATS_TEST_TMPDIR/out.csv" \
        -e "$BATS_TEST_TMPDIR/hidden.bats" "$BATS_TEST_TMPDIR/those" -- -o 'echoes a word'
    holds 'gus,0,1,no,' "$BATS_TEST_TMPDIR/out.csv"
    run env TMPDIR="$BATS_TEST_TMPDIR" \
        sh -c "$(sed -n 's/^ *again  //p' "$BATS_TEST_TMPDIR/out-cards/gus.txt")"
    echo "$output"
    [ "$status" -eq 1 ]
    says '✗   0/1   echoes a word'
}

@test "grade: a wrong option for a whole folder is told once, and nothing is graded" {
    mkdir -p "$BATS_TEST_TMPDIR/those"
    cp "$MARK" "$BATS_TEST_TMPDIR/those/gus"
    echo '3 flies' >"$BATS_TEST_TMPDIR/weights"
    run tests/grade/all -o "$BATS_TEST_TMPDIR/out.csv" -w "$BATS_TEST_TMPDIR/weights" \
        "$BATS_TEST_TMPDIR/those"
    echo "$output"
    [ "$status" -eq 2 ]
    is 'how much is said' 1 "${#lines[@]}"
    says 'line 1: there is no behaviour "flies"'
    [ ! -e "$BATS_TEST_TMPDIR/out.csv" ]
}
