# What the slides and the chapters quote is still true: the recorded runs, and the commands
# that are marked to be run, print what is written there.

load helper

# A run has a limit of its own, and a few of them make a test.
export BATS_TEST_TIMEOUT=600

setup() {
    cd "$ROOT" || return 1
    SERVER_PIDS=
}

# normal [FILE.run]: makes equal what may differ from run to run. A run says of itself what
# else varies: each of its lines "# varies: COMMAND" is a command for sed.
normal() {
    {
        [ -z "${1-}" ] || sed -n 's/^# varies: //p' "$1"
        cat <<'END'
# What the stage adds on a busy machine, and its marks, which compare the figures of a row.
/^  This was played under load/,/^$/d
/^  [0-9]+-[a-z]+ /s/ [+!]( |$)/ /g
# Whether a call slept, and how long, as the narrator tells it.
s/(^| )[+][0-9]+[.][0-9]+ / /
# Numbers, and the columns that they are set in.
s/[0-9]+([.][0-9]+)?/#/g
s/ +/ /g
s/^ | $//g
END
    } >"$BATS_TEST_TMPDIR/normal.sed"
    sed -E -f "$BATS_TEST_TMPDIR/normal.sed"
}

# ---- the recorded runs ----

# prints_as_recorded DECK: each run of this deck. On a machine with other work to do a run may
# miss a moment, so one that differs has a second chance.
prints_as_recorded() {
    local run name expected seen count=0
    for run in "slides/records/$1"-*.run; do
        [ -e "$run" ] || skip 'nothing was recorded for it'
        name=$(basename "$run" .run)
        count=$((count + 1))
        expected=$(normal "$run" <"slides/records/$name.txt")
        seen=$(slides/record -p "$name" 3>&- | normal "$run")
        [ "$seen" = "$expected" ] || seen=$(slides/record -p "$name" 3>&- | normal "$run")
        is "$name" "$expected" "$seen" || return 1
    done
    echo "$count runs"
}

@test "the runs of deck 00 print what the slides say" {
    prints_as_recorded 00
}

@test "the runs of deck 01 print what the slides say" {
    prints_as_recorded 01
}

@test "the runs of deck 02 print what the slides say" {
    prints_as_recorded 02
}

@test "the runs of deck 03 print what the slides say" {
    prints_as_recorded 03
}

@test "the runs of deck 04 print what the slides say" {
    prints_as_recorded 04
}

@test "the runs of deck 05 print what the slides say" {
    prints_as_recorded 05
}

@test "the runs of deck 06 print what the slides say" {
    prints_as_recorded 06
}

@test "the runs of deck 07 print what the slides say" {
    prints_as_recorded 07
}

@test "a run that outlasts its time is ended, and nothing of it is kept" {
    mkdir -p "$BATS_TEST_TMPDIR/slides/records"
    cp slides/record "$BATS_TEST_TMPDIR/slides"
    cd "$BATS_TEST_TMPDIR/slides/records" || return 1
    printf 'echo $$ >pid\necho early\nsleep 100\n' >long.run
    TIME_LIMIT=1 run ../record long 3>&-
    is status 1 "$status"
    says 'long.run failed or took over 1 s'
    says early
    [ ! -e long.txt ]
    run kill -0 "$(cat ../../pid)"
    is 'status of kill' 1 "$status"
}

@test "of a run that fails nothing is kept" {
    mkdir -p "$BATS_TEST_TMPDIR/slides/records"
    cp slides/record "$BATS_TEST_TMPDIR/slides"
    cd "$BATS_TEST_TMPDIR/slides/records" || return 1
    printf 'echo half\nexit 3\n' >bad.run
    echo whole >bad.txt
    run ../record bad 3>&-
    is status 1 "$status"
    is 'what is kept' whole "$(cat bad.txt)"
}

# ---- the commands that are marked to be run ----

# blocks FILE: each block of code behind a line "<!-- run -->" becomes a file, N.block.
blocks() {
    rm -f "$BATS_TEST_TMPDIR"/*.block
    awk -v folder="$BATS_TEST_TMPDIR" '
        /^<!-- run -->$/        { marked = 1; next }
        marked && /^```/        { marked = 0; inside = 1; file = folder "/" ++n ".block"; next }
        inside && /^```/        { inside = 0; close(file) }
        inside                  { print >file }' "$1"
}

# play FILE: types what stands behind "$ " there. A server in the background gets a port of
# its own, also where a command after it names the lesson's, and has said where it listens
# before that command.
play() {
    local line port
    port=$(tests/client free-port)
    while IFS= read -r line; do
        case $line in '$ '*) ;; *) continue ;; esac
        echo "$line"
        line=$(echo "${line#??}" | sed -E "s/(^|[^0-9])900[1-6]/\\1$port/g")
        case $line in
        *' &') in_background "${line% &} -p $port" ;;
        *) eval "$line" 2>&1 3>&- </dev/null ;;
        esac
    done <"$1"
}

# in_background COMMAND: until it has printed a line, 10 seconds at most.
in_background() {
    local said=$BATS_TEST_TMPDIR/said
    : >"$said"
    eval "exec $1" >"$said" 2>&1 3>&- </dev/null &
    SERVER_PIDS="$SERVER_PIDS $!"
    eventually 10 test -s "$said" >/dev/null || true # what is missing fails in what reads it
    cat "$said"
}

end_servers() {
    # shellcheck disable=SC2086
    [ -z "$SERVER_PIDS" ] || { kill $SERVER_PIDS && wait $SERVER_PIDS; } 2>/dev/null || true
    SERVER_PIDS=
}

teardown() {
    end_servers
}

@test "the commands that are marked in the chapters and decks print what stands there" {
    local file block count=0
    for file in README.md 0*/README.md 06*/apps/README.md slides/*.md slides/stage/README.md; do
        blocks "$file"
        for block in "$BATS_TEST_TMPDIR"/*.block; do
            [ -e "$block" ] || continue
            count=$((count + 1))
            play "$block" >"$block.seen"
            end_servers
            is "$file" "$(normal <"$block")" "$(normal <"$block.seen")" || return 1
        done
    done
    echo "$count blocks"
    [ "$count" -gt 0 ]
}
