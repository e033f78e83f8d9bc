#!/usr/bin/env bats
# The exercises, and what hands them out. Everything is done in a place beside the student's
# own: none of the student's files is touched.

load helper

setup_file() {
    export PLACE="$BATS_FILE_TMPDIR/place"
}

setup() {
    cd "$ROOT" || return 1
    MINE=$PLACE/04-poll/exercise/build.c
    rm -rf "$PLACE/04-poll/exercise" "$PLACE/.progress" "$PLACE/.build/exercises"
    unset FORCE
}

teardown() {
    if [ -n "${LEARN_PID-}" ]; then
        kill "$LEARN_PID" 2>/dev/null || true
        wait "$LEARN_PID" 2>/dev/null || true
    fi
}

# A bats that is started in a test must not take itself for a part of this run.
become() {
    PATH=${PATH//"$BATS_LIBEXEC:"/}
    unset "${!BATS_@}"
    exec "$@"
}

alone() {
    (become "$@")
}

exercise() {
    alone tests/exercises/run "$@"
}

# Puts the solution, which is the lesson's own file, where the student works. It is moved
# there, as many editors do it.
solve() {
    sed 's,"../common,"../../common,' 04-poll/echo_server.c >"$MINE.new"
    mv "$MINE.new" "$MINE"
}

# A whole check takes a minute. Here a bats stands in front of the real one that plays this one
# behaviour of the contract alone: with FILTER nothing is ever solved.
play_one_behaviour() {
    local bin=$BATS_TEST_TMPDIR/bin bats
    bats=$(alone tests/find-bats)
    mkdir "$bin"
    printf '#!/bin/sh\nexec "%s" --filter "echoes any bytes" "$@"\n' "$bats" >"$bin/bats"
    chmod +x "$bin/bats"
    PATH=$bin:$PATH
}

# ---- the exercises ----

# All of them take minutes: that is `tests/exercises/run prove`, for CI.
@test "exercises: those of lesson 04 fail as they are handed out, and their solutions build" {
    local ids
    ids=$(exercise list | sed -n 's/^\(04-[a-z0-9-]*\) .*/\1/p')
    # shellcheck disable=SC2086 # a word an exercise
    PLACE=$BATS_TEST_TMPDIR/proof run exercise prove -q $ids
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq $((2 * $(wc -w <<<"$ids"))) ]
}

@test "exercises: each one has a title, a task in its lesson, and hints of four parts" {
    local folder id lesson
    for folder in tests/exercises/*/exercise; do
        id=$(basename "$(dirname "$folder")")
        echo "$id"
        lesson=$(echo "${id%%-*}"-*)
        grep -q '^title: .' "$folder"
        grep -q "^## ${id#*-}\$" "$lesson/exercise/README.md"
        [ "$(grep -c '^==$' "tests/exercises/$id/hints")" -eq 3 ]
        [ "$(awk 'length > 78' "tests/exercises/$id/hints" | wc -l)" -eq 0 ]
    done
}

@test "exercises: each one is named in its lesson's chapter" {
    local about id
    for about in tests/exercises/*/exercise; do
        id=$(basename "$(dirname "$about")")
        holds "$id" "${id%%-*}"-*/README.md
    done
}

@test "exercises: tests/README.md names each key that one has" {
    local key
    while read -r key; do
        echo "$key"
        holds "\`$key\`" tests/README.md
    done < <(sed -n 's/^\([a-z]*\): .*/\1/p' tests/exercises/*/exercise | sort -u)
}

@test "exercises: a hunt tells nobody which bug it is" {
    local about mutant id
    # shellcheck disable=SC2013 # no name has a space
    for about in $(grep -l '^kind: hunt' tests/exercises/*/exercise); do
        id=$(basename "$(dirname "$about")")
        mutant=$(sed -n 's/^mutant: //p' "$about")
        exercise reset "$id"
        run cat "$PLACE/${id%%-*}"-*/exercise/"${id#*-}".c
        echo "$id"
        [[ $output != *$mutant* ]]
        # Not by a comment either: there are no others than in the lesson.
        grep -E '^ *(/\*|   [A-Z])' <<<"$output" | while IFS= read -r line; do
            grep -qF -- "$line" "$(sed -n 's/^file: //p' "$about")"
        done
    done
}

# ---- what hands them out ----

@test "exercises: the list knows what is open, begun, left for later and solved" {
    run exercise list
    says '04-build     open      build   the set becomes an array'
    says '] 0 of '
    exercise hand-out 04-build
    run exercise list
    says '04-build     begun '
    alone make -s skip EX=04-build
    run exercise list
    says '04-build     for later '
    solve
    play_one_behaviour
    exercise check 04-build
    run exercise list
    says '04-build     solved '
    says '] 1 of '
}

@test "exercises: a wrong name is answered with the right ones" {
    for command in build check hint reset solution skip hand-out; do
        run exercise $command 04-built
        [ "$status" -eq 2 ]
        says "there is no exercise '04-built'. There are:"
        says '04-build'
    done
    run exercise check ../exercises/04-build
    [ "$status" -eq 2 ]
    run exercise dance
    [ "$status" -eq 2 ]
    says 'tests/exercises/run learn'
}

@test "exercises: what is handed out twice stays as the student left it" {
    exercise hand-out 04-build
    echo '/* mine */' >>"$MINE"
    run exercise hand-out 04-build
    says 'is there already'
    grep -q '/\* mine \*/' "$MINE"
}

@test "exercises: what an editor writes during a hand-out stays" {
    local patch
    patch=$(command -v patch)
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\necho "int mine;" >"%s"\nexec "%s" "$@"\n' "$MINE" "$patch" \
        >"$BATS_TEST_TMPDIR/bin/patch"
    chmod +x "$BATS_TEST_TMPDIR/bin/patch"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run exercise build 04-build
    [ "$status" -eq 1 ]
    says "$MINE"
    is 'what was written' 'int mine;' "$(cat "$MINE")"
}

@test "exercises: what was there once is not handed out again by a check" {
    exercise build 04-build
    mv "$MINE" "$MINE~"
    run exercise check 04-build
    [ "$status" -eq 1 ]
    says "$MINE is not there. 'make reset EX=04-build' hands it out anew."
    [ ! -e "$MINE" ]
}

@test "exercises: a reset keeps aside what was written, each time" {
    exercise reset 04-build
    cp "$MINE" "$BATS_TEST_TMPDIR/handed-out"
    echo first >"$MINE"
    run exercise reset 04-build
    says "what you wrote is kept in $MINE.1"
    cmp "$MINE" "$BATS_TEST_TMPDIR/handed-out"
    echo second >"$MINE"
    exercise reset 04-build
    [ "$(cat "$MINE.1" "$MINE.2")" = "$(printf 'first\nsecond')" ]
}

@test "exercises: what does not compile is named where the student wrote it" {
    exercise hand-out 04-build
    echo 'int broken' >>"$MINE"
    run exercise check 04-build
    [ "$status" -eq 1 ]
    says "$MINE does not compile:"
    says "$MINE:$(wc -l <"$MINE" | tr -d ' '):"
    run exercise list
    says '04-build     begun '
}

@test "exercises: what is built answers as the lesson's server with the student's part" {
    exercise hand-out 04-build
    solve
    sed -i.old 's/DEFAULT_PORT = 9004/DEFAULT_PORT = 9104/' "$MINE"
    exercise build 04-build
    "$PLACE/04-poll/exercise/build" -h | grep -q 9104
    04-poll/echo_server -h | grep -q 9004
}

@test "exercises: a check says what failed, and that it is not solved" {
    exercise hand-out 04-build
    FILTER='echoes any bytes' run exercise check 04-build
    [ "$status" -eq 1 ]
    says 'echoes any bytes, NUL too'
    says 'expected 7 bytes, got 0'
    run exercise list
    says '04-build     begun '
}

@test "exercises: what FILTER chooses solves nothing" {
    exercise hand-out 04-build
    solve
    FILTER='echoes any bytes' run exercise check 04-build
    [ "$status" -eq 0 ]
    says "what was chosen by FILTER='echoes any bytes' holds: 1."
    FILTER=nonsense run exercise check 04-build
    [ "$status" -eq 1 ]
    says "nothing was tested, no behaviour is named like nonsense."
    run exercise list
    says '04-build     begun '
}

@test "exercises: the hints come one by one, below those before, the last when it is solved" {
    run exercise hint 04-build
    says 'Hint 1 of 3:'
    run exercise hint 04-build
    says 'Hint 1 of 3:'
    says 'Hint 2 of 3:'
    run exercise hint 04-build
    says 'Hint 3 of 3:'
    says 'interest_remove: '
    run exercise hint 04-build
    says 'There are no more.'
    is 'the hints' '1 2 3' "$(echo "$output" | sed -n 's/^Hint \(.\) of 3:/\1/p' | paste -sd ' ' -)"
    exercise hand-out 04-build
    solve
    play_one_behaviour
    exercise check 04-build
    run exercise hint 04-build
    says 'What others do here:'
}

@test "exercises: the solution waits until it is solved, or for FORCE=1" {
    exercise hand-out 04-build
    run exercise solution 04-build
    [ "$status" -eq 1 ]
    says 'not solved yet'
    FORCE=1 run exercise solution 04-build
    [ "$status" -eq 0 ]
    says '+    int count = poll('
    solve
    play_one_behaviour
    exercise check 04-build
    run exercise solution 04-build
    [ "$status" -eq 0 ]
    says 'letter for letter'
}

# ---- make learn ----

# start_learn [BEFORE AFTER]: starts learn in a terminal of its own, 24 lines of 80, between these
# commands of its shell. What it shows is kept in $SCREEN, and the terminal's settings before and
# after in $PLACE/before and after.
start_learn() {
    command -v script >/dev/null || skip 'script is not installed'
    SCREEN=$BATS_TEST_TMPDIR/screen
    local loop="stty rows 24 columns 80; stty -g >$PLACE/before
        ${1-}
        sh -c 'echo \$\$ >$PLACE/pid; exec tests/exercises/run learn'
        ${2-}
        stty -g >$PLACE/after"
    mkfifo "$BATS_TEST_TMPDIR/keys"
    if script --version 2>/dev/null | grep -q util-linux; then
        set -- -qfc "$loop" "$SCREEN"
    else
        set -- -q "$SCREEN" sh -c "$loop"
    fi
    # This is script itself, so that a test that fails can end it.
    TERM=vt100 become script "$@" <"$BATS_TEST_TMPDIR/keys" >/dev/null 2>&1 3>&- &
    LEARN_PID=$!
    exec 7>"$BATS_TEST_TMPDIR/keys"
}

press() {
    printf '%s' "$1" >&7
}

# shows TEXT: waits until the screen has had it, at most 30 s.
shows() {
    eventually 30 grep -qsF -- "$1" "$SCREEN" && return 0
    tail -c 3000 "$SCREEN"
    return 1
}

# Makes the next that is open 04-build, and lets it not compile.
begin_at_04() {
    exercise list >/dev/null
    sed -n 's/^\(0[123]-[a-z0-9-]*\) .*/solved \1/p' <(exercise list) >"$PLACE/.progress"
    exercise hand-out 04-build
    echo 'int broken' >>"$MINE"
}

@test "exercises: learn shows the next, reacts to a save and to keys, and leaves the terminal be" {
    begin_at_04
    play_one_behaviour
    start_learn
    shows '04-build  the set becomes an array'
    shows "Edit: $MINE"
    shows 'twice a second'
    shows 'does not compile'
    solve
    shows 'Solved.'
    press h
    shows 'What others do here:'
    press l
    shows '04-build     solved '
    press x
    press n
    shows "Edit: $PLACE/04-poll/exercise/hunt-1.c"
    press q
    wait "$LEARN_PID"
    LEARN_PID=
    cmp "$PLACE/before" "$PLACE/after"
    run exercise list
    says '04-build     solved '
}

@test "exercises: learn begins anew what was saved during a check" {
    begin_at_04
    export FILTER='memory|flood|rests while a hundred'
    solve
    start_learn
    shows 'Checking.'
    echo 'int broken' >>"$MINE"
    shows 'does not compile'
    run pgrep -f "$PLACE/04-poll/exercise/build"
    [ "$status" -ne 0 ]
    press q
    wait "$LEARN_PID"
    LEARN_PID=
}

# Each key is answered in a turn, and the file is looked at in the same turn.
@test "exercises: learn waits for a file that an editor has renamed" {
    begin_at_04
    start_learn
    shows 'does not compile'
    mv "$MINE" "$MINE~"
    press h
    shows 'Hint 1 of 3:'
    press h
    shows 'Hint 2 of 3:'
    is 'how often it was checked' 1 "$(grep -c 'Checking\.' "$SCREEN")"
    lacks 'No such file' "$SCREEN"
    lacks 'cannot open' "$SCREEN"
    [ ! -e "$MINE" ]
    echo 'int mine = broken;' >"$MINE"
    shows 'undeclared'
    press q
    wait "$LEARN_PID"
    LEARN_PID=
    is 'what was saved' 'int mine = broken;' "$(cat "$MINE")"
}

@test "exercises: learn leaves a hint on the screen when a check ends" {
    begin_at_04
    start_learn
    shows 'does not compile'
    press h
    shows 'c checks again.'
    echo 'int another = ;' >"$MINE"
    shows 'int another = ;'
    # The last screen, from where the whole of it is cleared.
    awk -v clear="$(printf '\033[2J')" 'index($0, clear) { text = "" } { text = text $0 "\n" }
        END { print text }' "$SCREEN" >"$BATS_TEST_TMPDIR/last"
    holds 'Hint 1 of 3:' "$BATS_TEST_TMPDIR/last"
    holds 'Not yet:' "$BATS_TEST_TMPDIR/last"
    press q
    wait "$LEARN_PID"
    LEARN_PID=
}

# The shell does with a stopped job what one with a prompt does on fg.
@test "exercises: learn reacts to keys after Ctrl-Z and fg" {
    begin_at_04
    start_learn 'set -m' "stty \$(cat $PLACE/before); fg"
    shows 'does not compile'
    press $'\032'
    press h
    shows 'Hint 1 of 3:'
    press q
    await_exit "$LEARN_PID" 20
    LEARN_PID=
    cmp "$PLACE/before" "$PLACE/after"
}

@test "exercises: learn asks before a reset, gives hints, and leaves for later" {
    begin_at_04
    start_learn
    shows 'does not compile'
    press h
    shows 'Hint 1 of 3:'
    press h
    shows 'Hint 2 of 3:'
    press r
    shows 'y or n'
    press n
    press n
    shows "Edit: $PLACE/04-poll/exercise/hunt-1.c"
    grep -q 'int broken' "$MINE"
    press q
    wait "$LEARN_PID"
    LEARN_PID=
    run exercise list
    says '04-build     for later '
}

@test "exercises: learn without a terminal takes lines for keys" {
    begin_at_04
    run exercise learn <<<$'h\nl\nr\ny\nq'
    says 'does not compile'
    says 'Hint 1 of 3:'
    says '04-build     begun '
    says 'what you wrote is kept in'
    [ -f "$MINE.1" ]
    lacks 'int broken' "$MINE"
}

@test "exercises: learn ended by a signal leaves the terminal as it was" {
    begin_at_04
    start_learn
    shows 'does not compile'
    # Not by Ctrl-C: a shell that was started with SIGINT ignored ignores it for ever.
    kill -TERM "$(cat "$PLACE/pid")"
    await_exit "$LEARN_PID" 20
    LEARN_PID=
    cmp "$PLACE/before" "$PLACE/after"
}
