#!/usr/bin/env bats
# The stage, from outside: what it prints, with which status it ends, and what is left of it.
# tests/stage_web.bats has the page's server.
#
# The scenes of slides/stage/scenes are played once, before the first test, and the tests
# read what was kept of that. Scenes of the tests' own are played in a tree of links to the
# servers, which has a folder of scenes of its own.

load helper

STAGE="$ROOT/slides/stage/stage"
SHIPPED='silent idle crowd limit slow-reader flood vanish dribble full chat'
ESCAPE=$(printf '\033') # begins what moves a terminal's cursor or colours its text

# ---- what is played for many tests ----

setup_file() {
    local scene
    export KEPT="$BATS_FILE_TMPDIR"
    make_tree "$KEPT/tree"
    write_kept_scenes
    # At most five scenes at once: in each, the server of lesson 02 keeps a core busy.
    keep_events "$ROOT" idle silent chat vanish
    keep_events "$ROOT" slow-reader dribble full
    keep_events "$ROOT" flood
    keep_events "$ROOT" crowd limit
    # shellcheck disable=SC2046 # several names
    keep_events "$KEPT/tree" $(ls "$KEPT/tree/slides/stage/scenes")
    for scene in $SHIPPED $(ls "$KEPT/tree/slides/stage/scenes"); do
        eventually 60 test -s "$KEPT/$scene.status" || break # the tests will miss it
    done
    # As text they are played while the other tests run.
    cd "$ROOT" || return 1
    keep_text together silent idle slow-reader vanish dribble full chat
    keep_text by-turns flood crowd limit
}

# Whatever is still played is asked to end, and is ended.
teardown_file() {
    local file
    touch "$KEPT/no-more"
    for file in "$KEPT"/*.pid; do
        [ -s "${file%.pid}.status" ] || kill -TERM "$(cat "$file")" 2>/dev/null || true
    done
    for file in "$KEPT"/*.pid; do
        eventually 10 test -s "${file%.pid}.status" || kill -KILL "$(cat "$file")" 2>/dev/null || true
    done
}

# keep FILE ARGUMENT...: keeps what the stage prints. Sets STATUS.
keep() {
    STATUS=0
    [ ! -e "$KEPT/no-more" ] || return 0
    "$STAGE" "${@:2}" >"$KEPT/$1" 2>"$KEPT/${1%.*}.err" </dev/null &
    echo $! >"$KEPT/${1%.*}.pid"
    wait $! || STATUS=$?
}

# keep_text NAME SCENE...: begins to play them, and keeps their status at last.
keep_text() {
    (
        keep "$1.txt" "${@:2}"
        echo "$STATUS" >"$KEPT/$1.status"
    ) 3>&- 4>&- >/dev/null 2>&1 &
}

# keep_events TREE SCENE...: begins to play them there, one after the other. What did not come
# out while other programs used the machine, as the stage itself says, is played again.
keep_events() {
    (
        cd "$1" || exit 1
        for scene in "${@:2}"; do
            for try in 1 2 3; do
                keep "$scene.json" -j -c "$scene"
                if [ "$STATUS" -ne 1 ] || [ "$1" != "$ROOT" ]; then break; fi
                events load "$KEPT/$scene.json" | grep -q '"text":"[^"]' || break
                echo "$try" >"$KEPT/$scene.again"
            done
            echo "$STATUS" >"$KEPT/$scene.status"
        done
    ) 3>&- 4>&- >/dev/null 2>&1 &
}

# ---- a tree of links ----

# make_tree DIRECTORY: all programs, as links; what a server would write beside them is here.
make_tree() {
    local path
    mkdir -p "$1/slides/stage/scenes"
    ln -s "$ROOT/slides/stage/page" "$1/slides/stage/page"
    for path in "$ROOT"/0*/echo_server "$ROOT"/06-*/apps/chat_server \
        "$ROOT"/common/narrate "$ROOT"/common/narrator.so; do
        [ -e "$path" ] || continue
        mkdir -p "$1/$(dirname "${path#"$ROOT"/}")"
        ln -s "$path" "$1/${path#"$ROOT"/}"
    done
}

# tree: makes one for this test and goes there.
tree() {
    TREE="$BATS_TEST_TMPDIR/tree"
    SCENES="$TREE/slides/stage/scenes"
    make_tree "$TREE"
    cd "$TREE" || return 1
}

HEAD='title "A title"
question "A question?"
look "Look there."'
TAIL='column "lives" alive
conclude alive over 0
all "It lives everywhere."
some "It lives at {those}."
none "It lives nowhere."'
POLL='lane "poll" "04-poll/echo_server -p {port}"'
CHAT='lane "chat" "06-selectors-style/apps/chat_server -p {port}"'
# lane a and lane b serve Ann in spite of Zoe, and lane c does not.
THREE='lane "a" "04-poll/echo_server -p {port}"
lane "b" "03-select/echo_server -p {port}"
lane "c" "01-blocking/echo_server -p {port}"
0.0 zoe connects
0.1 ann connects
0.1 ann says "hello"
0.6 end
column "answers" answers of ann'

# scene NAME [TAIL]: writes a scene; what stands between its head and its tail is on stdin.
scene() {
    { echo "$HEAD" && cat && echo "${2-$TAIL}"; } >"$SCENES/$1"
}

# short NAME [SETTING]: a scene of less than half a second with one lane.
short() {
    scene "$1" <<END
${2-$POLL}
0.0 ann connects
0.1 ann says "hello"
0.4 end
column "answers" answers of ann
END
}

write_kept_scenes() {
    SCENES="$KEPT/tree/slides/stage/scenes"
    scene verbs <<END
$POLL
0   ann connects
0   bob connects
0   cy connects
0   dan connects
0   eve connects
0   fay connects
0   gus connects
0   hal connects
0   ian connects
0   joe connects
0   lea connects
0   mia connects
0.1 ann says "hello there"
0.1 bob sends 300k
0.1 cy pings 50
0.1 dan dribbles "abcd" every 0.02
0.1 eve talks every 0.05
0.1 fay floods for 0.2
0.1 gus stops reading
0.1 gus sends 100k
0.1 hal says 'a "quoted\n" word'
0.1 lea sends 1M
0.1 lea says "the end"
0.1 lea finishes
0.1 mia sends 1M
0.1 mia finishes
0.3 hal finishes
0.3 ian closes
0.3 joe resets
0.3 kit*3 connects
0.4 kit says "all of us"
0.7 gus reads again
0.7 fay closes
1.3 end
column "cy" answers of cy
column "dan" answers of dan
column "eve" answers of eve
column "kit" served of kit
column "cost" cost of cy
END
    scene measures "$(tail -n 4 <<<"$TAIL")" <<END
$POLL
patience 10
0   ann connects
0   bob connects
+0.1 ann says "hello"
then bob stops reading
+0 bob sends 20M
+0.5 end
column "wait" wait of ann
column "kept" kept of bob
column "cpu" cpu
column "calls" calls
column "wasted" wasted
column "descriptors" descriptors
END
    scene losses <<END
unnarrated
lane "loses" "common/narrate -n -f recv:1:ECONNRESET 04-poll/echo_server -p {port}"
$POLL
0   ann connects
0   dan*4 connects
0.1 ann says "hello"
0.3 dan says "hello"
0.8 end
column "ended" ended of ann
column "served" served of dan
column "memory" memory
column "lives too" alive
column "calls" calls
END
    scene times <<END
$POLL
0.2 ann connects
+0.3 ann says "one"
then ann says "two"
+0.1 end
column "answers" answers of ann
END
    scene patience "conclude wait of bob over 5000
all 'It was long.'
some 'It was long at {those}.'
none 'It was over.'" <<END
patience 0.5
$POLL
lane "blocking" "01-blocking/echo_server -p {port}"
0 ann connects
then bob connects
then bob says "hello"
then end
column "wait" wait of bob
column "never asked" wait of ann
END
    scene by-sizes "${TAIL/column \"lives\" alive/column \"growth\" growth of cost of ann}" <<END
servers one by one
unnarrated
sizes 2 3
lane "one" "04-poll/echo_server -p {port}"
lane "two" "03-select/echo_server -p {port}"
0 crowd*n connects
then crowd says "hello"
then ann connects
then ann pings 20
then end
column "of {n}" served of crowd
END
    scene sum-some "conclude answers of ann over 0
all all
some '{those}; {others}; {least} {most} {rest}; {nothing} {'
none none" <<<"$THREE"
    scene sum-all "conclude answers of ann under 2
all '{those}; {others}; {least} {most} {rest}'
some some
none none" <<<"$THREE"
    scene sum-none "conclude answers of ann over 5
all all
some some
none '{those}; {others}; {least} {most} {rest}; {range}'" <<<"$THREE"
    scene wrong-hopes <<END
$THREE
expect answers of ann over 0 at a
expect answers of ann under 1 elsewhere
expect alive over 0 everywhere
END
}

# ---- playing ----

setup() {
    cd "$ROOT" || return 1
    OUT="$BATS_TEST_TMPDIR/out"
    ERR="$BATS_TEST_TMPDIR/stderr"
    PID=
    GROUPS_LEFT=
    HOGS=
    unset NO_COLOR NARRATE_LIMIT NARRATE_OUT NARRATE_QUIET NARRATE_SEED
}

teardown() {
    local pid
    for pid in $HOGS; do end_at_once "$pid"; done
    if [ -n "$PID" ]; then
        kill -TERM "$PID" 2>/dev/null || true
        await_exit "$PID" 10 || end_at_once "$PID"
    fi
    for pid in $GROUPS_LEFT; do kill -KILL -- "-$pid" 2>/dev/null || true; done
    if grep -E -A 20 'Sanitizer|runtime error' "$ERR" 2>/dev/null; then
        return 1
    fi
}

end_at_once() {
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# play ARGUMENT...: keeps what the stage prints in $OUT, and sets STATUS.
play() {
    STATUS=0
    "$STAGE" "$@" >"$OUT" 2>"$ERR" </dev/null 3>&- 4>&- || STATUS=$?
}

# has_status STATUS: the stage has ended with it.
has_status() {
    [ "$STATUS" -eq "$1" ] && return 0
    echo "the stage ended with status $STATUS and not $1; on stderr: $(head -n 5 "$ERR")"
    return 1
}

# begin ARGUMENT...: the same in the background. Sets PID.
begin() {
    "$STAGE" "$@" >"$OUT" 2>"$ERR" </dev/null 3>&- 4>&- &
    PID=$!
}

# The stage ends within thirty seconds. Sets STATUS.
ends() {
    await_exit "$PID" 30
    PID=
}

# await_line TEXT [FILE]: until a file holds it, thirty seconds at most.
await_line() {
    eventually 30 grep -qsF -- "$1" "${2-$OUT}" && return 0
    echo "stderr: $(cat "$ERR")"
    return 1
}

# processes: the servers of the stage that runs, and their groups: "PID GROUP" each.
processes() {
    ps -A -o pid= -o ppid= -o pgid= | awk -v stage="$PID" '$2 == stage { print $1, $3 }'
}

# note_groups: remembers the groups of the servers that run now.
note_groups() {
    GROUPS_LEFT="$GROUPS_LEFT $(processes | awk '$1 == $2 { printf "%s ", $1 }')"
}

# groups_are_gone: sets left to what runs of the groups that were noted. A process that has
# ended and that nobody has asked for yet is none.
groups_are_gone() {
    left=$(ps -A -o pgid= -o stat= -o args= | awk -v groups=" $GROUPS_LEFT " \
        '$2 !~ /^Z/ && index(groups, " " $1 " ")')
    [ -z "$left" ]
}

# Nothing of the groups that were noted runs after two seconds at most.
nothing_left() {
    local left
    [ -n "${GROUPS_LEFT// /}" ] || { echo 'no server was seen' && return 1; }
    eventually 2 groups_are_gone || { echo "still there: $left" && return 1; }
    GROUPS_LEFT=
}

is_closed() {
    ! "$ROOT/tests/client" -p "$1" 'ann connect' >/dev/null 2>&1
}

# Nobody listens on any port that was told.
no_port_left() {
    local port
    events server "$OUT" | grep '"listening"' | sed 's/.*"port":\([0-9]*\).*/\1/' >"$OUT.ports"
    [ -s "$OUT.ports" ]
    # A server of another test may have got the number meanwhile: it does not live for long.
    while read -r port; do
        eventually 10 is_closed "$port" || { echo "port $port is open" && return 1; }
    done <"$OUT.ports"
}

# begin_to_play ARGUMENT...: begins, waits until clients act, and notes the servers.
begin_to_play() {
    begin -j "$@"
    await_line '{"e":"act"'
    note_groups
}

# ---- reading what was played ----

# events KIND FILE
events() {
    grep "^{\"e\":\"$1\"" "$2"
}

# Every line of a file is a whole JSON text. A backslash is \x5c to json_probe wherever an x
# could follow it.
is_json() {
    [ -s "$1" ] || return 1
    LC_ALL=C sed 's/\\/\\x5c/g' "$1" | tr '\n' '\0' |
        xargs -0 -n 200 "$ROOT/tests/json_probe" -- >/dev/null
}

# Names of lanes: in the scene's event, and in its table.
lanes() {
    events scene "$1" | sed 's/.*"lanes":\[\(.*\)\],"clients".*/\1/' |
        grep -o '"name":"[^"]*"' | cut -d '"' -f 4 | xargs
}

rows() {
    events table "$1" | grep -o '"lane":"[^"]*"' | cut -d '"' -f 4 | xargs
}

# cell FILE LANE NUMBER MEMBER: text, value or mark of a cell of the table.
cell() {
    events table "$1" | awk -v lane="$2" -v number="$3" -v member="$4" '{
        at = index($0, "{\"lane\":\"" lane "\",\"cells\":[")
        if (!at) exit
        row = substr($0, at)
        sub(/\]\}.*/, "", row)
        split(row, cells, /"text":/)
        text = cells[number + 1]
        if (member == "text") { sub(/^"/, "", text); sub(/".*/, "", text) }
        if (member == "value") { sub(/.*"value":/, "", text); sub(/,.*/, "", text) }
        if (member == "mark") { sub(/.*"mark":"/, "", text); sub(/".*/, "", text) }
        print text
    }'
}

# between LEAST VALUE MOST
between() {
    awk -v least="$1" -v value="$2" -v most="$3" \
        'BEGIN { exit !(value ~ /^[0-9.e+-]+$/ && value + 0 >= least && value + 0 <= most) }' &&
        return 0
    echo "expected from $1 to $3, but saw '$2'"
    return 1
}

# value FILE LANE NUMBER LEAST MOST: a cell's value lies between these.
value() {
    between "$4" "$(cell "$1" "$2" "$3" value)" "$5"
}

conclusion() {
    events conclusion "$1" | sed 's/.*"text":"\(.*\)"}$/\1/; s/\\"/"/g'
}

# concludes SCENE WHICH [THOSE]: its conclusion is the sentence all, some or none of its text,
# about those lanes.
concludes() {
    local sentence pattern
    plain_figures
    sentence=$(conclusion "$KEPT/$1.json")
    pattern=$(sed -n "s/^$2 *\"\(.*\)\"\$/\1/p" "$ROOT/slides/stage/scenes/$1" |
        sed "s/{those}/${3-}/g; s/{[a-z]*}/*/g")
    # What stands behind it is about lanes that have no figure.
    # shellcheck disable=SC2053 # a pattern
    [[ -n $pattern && $sentence == $pattern* ]] && return 0
    echo "it concludes: $sentence"
    return 1
}

# client_states FILE CLIENT: "connecting connected waiting served".
client_states() {
    events client "$1" | grep "\"client\":\"$2\"" | sed 's/.*"state":"\([a-z]*\)".*/\1/' | xargs
}

# ends_whole FILE: the last event says that the scene was played to its end.
ends_whole() {
    tail -n 1 "$1" | grep -q '^{"e":"end",.*"text":""}$' && return 0
    echo "the last event: $(tail -n 1 "$1" | cut -c 1-400)"
    return 1
}

# line_of FILE PATTERN: the number of the first line that matches.
line_of() {
    grep -n -m 1 -- "$2" "$1" | cut -d : -f 1
}

# columns FILE: how many columns its widest line takes.
columns() {
    LC_ALL=C tr -d '\200-\277' <"$1" | LC_ALL=C awk '{ if (length > most) most = length }
        END { print most + 0 }'
}

# ---- what this system and this build have ----

plain_figures() {
    [ -z "${SANITIZER-}" ] || skip "a sanitizer's servers have other figures"
}

need_proc() {
    [ -r /proc/self/statm ] || skip 'this system shows no figures of a process'
}

# The lanes that a scene without lanes of its own has.
SIX='01-blocking 02-polling 03-select 04-poll 05-epoll 06-selector'
if [ ! -x "$ROOT/05-epoll/echo_server" ]; then SIX=${SIX/05-epoll /}; fi

# ---- the scenes that come with the stage ----

@test "the stage plays every scene of its folder, and each comes out as it expects" {
    local scene
    plain_figures
    is 'the scenes' "$(xargs -n 1 <<<"$SHIPPED")" "$("$STAGE" -l)"
    for scene in $SHIPPED; do
        events check "$KEPT/$scene.json" | grep '"held":false' || true
        cat "$KEPT/$scene.err"
        echo "$scene: status $(cat "$KEPT/$scene.status")"
        [ "$(cat "$KEPT/$scene.status")" -eq 0 ]
        [ ! -s "$KEPT/$scene.err" ]
        [ "$(events check "$KEPT/$scene.json" | grep -c '"held":true')" -gt 0 ]
    done
}

@test "the stage's events are a JSON object a line, from scene to end" {
    local scene
    for scene in $SHIPPED verbs by-sizes sum-some; do
        echo "$scene"
        is_json "$KEPT/$scene.json"
        is 'other lines' '' "$(grep -v '^{"e":"[a-z]*","t":[0-9.e-]*,.*}$' "$KEPT/$scene.json" | cut -c 1-200)"
        head -n 1 "$KEPT/$scene.json" | grep -q "^{\"e\":\"scene\",\"t\":0,\"name\":\"$scene\","
        ends_whole "$KEPT/$scene.json"
        [ "$(events scene "$KEPT/$scene.json" | wc -l)" -eq 1 ]
        [ "$(events end "$KEPT/$scene.json" | wc -l)" -eq 1 ]
        [ "$(events conclusion "$KEPT/$scene.json" | wc -l)" -eq 1 ]
        [ "$(events load "$KEPT/$scene.json" | wc -l)" -eq 1 ]
    done
}

@test "the stage's events and clients' states are those that EVENTS.md names, and no others" {
    local word
    cat "$KEPT"/*.json >"$OUT"
    grep -o '^{"e":"[a-z]*"' "$OUT" | cut -d '"' -f 4 | sort -u >"$OUT.kinds"
    if [ ! -e "$ROOT/common/narrator.so" ]; then echo call >>"$OUT.kinds"; fi
    # shellcheck disable=SC2016 # these are the quotes of Markdown
    is 'the events' "$(sed -n 's/^| `\([a-z]*\)` | .*/\1/p' slides/stage/EVENTS.md | grep -vx e | sort -u)" \
        "$(sort -u "$OUT.kinds")"
    # shellcheck disable=SC2016
    grep '^| `client` |' slides/stage/EVENTS.md >"$OUT.row"
    events client "$OUT" | sed 's/.*"state":"\([a-z]*\)".*/\1/' | sort -u >"$OUT.states"
    while read -r word; do holds "\`$word\`" "$OUT.row"; done <"$OUT.states"
}

@test "the stage tells a lane's events in the order of their time" {
    local scene
    for scene in $SHIPPED verbs by-sizes; do
        echo "$scene"
        grep -v '^{"e":"call"' "$KEPT/$scene.json" | awk '
            match($0, /"lane":"[^"]*"/) && match($0, /"t":[0-9.]+/) {
                t = substr($0, RSTART + 4, RLENGTH - 4) + 0
                match($0, /"lane":"[^"]*"/)
                lane = substr($0, RSTART, RLENGTH)
                if (t < last[lane]) { print "too late: " $0; bad = 1 }
                last[lane] = t
            } END { exit bad }'
    done
}

@test "the stage's table has a row for each lane, in their order" {
    local scene
    for scene in $SHIPPED; do
        echo "$scene: $(lanes "$KEPT/$scene.json")"
        [ -n "$(lanes "$KEPT/$scene.json")" ]
        is "the rows of $scene" "$(lanes "$KEPT/$scene.json")" "$(rows "$KEPT/$scene.json")"
        [ "$scene" = chat ] || is "the lanes of $scene" "$SIX" "$(lanes "$KEPT/$scene.json")"
    done
}

@test "the stage plays silent, and in lane 01 alone Bob waits for Ann" {
    local lane
    concludes silent some 01-blocking
    value "$KEPT/silent.json" 01-blocking 1 1000 10000
    is 'the mark' worst "$(cell "$KEPT/silent.json" 01-blocking 1 mark)"
    for lane in ${SIX#* }; do value "$KEPT/silent.json" "$lane" 1 0 800; done
}

@test "the stage plays idle, and lane 02 alone burns a core to hear nothing" {
    local lane
    concludes idle some 02-polling
    need_narrator
    value "$KEPT/idle.json" 02-polling 3 1000 1e9
    for lane in ${SIX/02-polling/}; do value "$KEPT/idle.json" "$lane" 2 0 100; done
}

@test "the stage plays crowd, and a round trip gets dearer in lanes 02, 03 and 04, and not in 05" {
    [ -x 05-epoll/echo_server ] || skip 'lesson 05 is not built here'
    concludes crowd some '02-polling, 03-select and 04-poll' >"$OUT" ||
        concludes crowd some '03-select and 04-poll'
    # What lane 02 costs at rest is in its figures too, so the scene has more slack for it.
    [ "$(cell "$KEPT/crowd.json" 02-polling 4 text)" = never ] ||
        value "$KEPT/crowd.json" 02-polling 4 3 10000
    is 'the columns' '"10 silent, µs","100 silent, µs","900 silent, µs","growth"' \
        "$(events table "$KEPT/crowd.json" | sed 's/.*"columns":\[\([^]]*\)\].*/\1/')"
    # A lane's time goes on from size to size, and each lane has all three.
    is 'the sizes' "$(yes '10 100 900' | head -n 6)" \
        "$(events size "$KEPT/crowd.json" | sed 's/.*"size":\([0-9]*\).*/\1/' | xargs -n 3)"
}

@test "the stage plays limit, and select ends under 1024 where poll and epoll serve all 1100" {
    local lane
    concludes limit some '01-blocking and 03-select'
    value "$KEPT/limit.json" 01-blocking 1 0 1
    value "$KEPT/limit.json" 03-select 1 900 1023
    for lane in 04-poll 05-epoll; do
        case " $SIX " in *" $lane "*) value "$KEPT/limit.json" "$lane" 1 1100 1100 ;; esac
    done
    is 'the longest wait at select' never "$(cell "$KEPT/limit.json" 03-select 2 text)"
}

@test "the stage plays slow-reader, and in lane 01 alone Bob waits for who does not read" {
    concludes slow-reader some 01-blocking
}

@test "the stage plays flood, and in lane 01 alone Bob waits for who never pauses" {
    concludes flood some 01-blocking
}

@test "the stage plays vanish, and every server lives" {
    local lane
    concludes vanish none
    for lane in $SIX; do is "$lane" yes "$(cell "$KEPT/vanish.json" "$lane" 1 text)"; done
}

@test "the stage plays dribble, and in lane 01 alone Bob waits for Ann's last byte" {
    concludes dribble some 01-blocking
}

@test "the stage plays full, and no server opens more descriptors than it may" {
    local lane
    # How busy lane 02 is depends on the machine. Nobody else may be.
    concludes full some 02-polling >"$OUT" || concludes full none
    need_proc
    for lane in $SIX; do
        value "$KEPT/full.json" "$lane" 2 4 20
        value "$KEPT/full.json" "$lane" 3 0 39
    done
}

@test "the stage plays chat, and nobody in general hears what is said in tech" {
    local lane
    concludes chat none
    events hears "$KEPT/chat.json" >"$OUT"
    for lane in $(lanes "$KEPT/chat.json"); do
        echo "$lane"
        grep "\"lane\":\"$lane\",\"client\":\"cy\"" "$OUT" | grep -q 'Anybody here?'
        [ "$(grep "\"lane\":\"$lane\"" "$OUT" | grep -c 'Anybody here?')" -eq 1 ]
        [ "$(grep "\"lane\":\"$lane\",\"client\":\"cy\"" "$OUT" | grep -c 'Where is Cy?')" -eq 0 ]
        grep "\"lane\":\"$lane\",\"client\":\"bob\"" "$OUT" | grep -q 'Where is Cy?'
        is 'Cy to Ann' never "$(cell "$KEPT/chat.json" "$lane" 3 text)"
        is 'its value' null "$(cell "$KEPT/chat.json" "$lane" 3 value)"
    done
    lacks 'I shall never' "$OUT"
    grep '"client":"mallory"' "$OUT" | grep -q 'bad_message'
}

# ---- the scene language ----

@test "the stage's clients say, send, ping, dribble, talk and flood, and get all of it back" {
    local out="$KEPT/verbs.json"
    is 'its status' 0 "$(cat "$KEPT/verbs.status")"
    is 'who says' 'connecting connected waiting served' "$(client_states "$out" ann)"
    is 'who sends' 'connecting connected waiting served' "$(client_states "$out" bob)"
    events bytes "$out" | grep '"client":"bob"' | tail -n 1 | grep -q '"sent":307200,"heard":307200'
    value "$out" poll 1 50 50 # pings
    value "$out" poll 2 1 4   # dribbles: two bytes may have one echo
    value "$out" poll 3 2 30  # talks
    value "$out" poll 4 3 3   # a group
    value "$out" poll 5 0 1e6 # what a ping costs
    events bytes "$out" | grep '"client":"fay"' | tail -n 1 | sed 's/.*"sent":\([0-9]*\).*/\1/' >"$OUT"
    between 65537 "$(cat "$OUT")" 1e12
    events group "$out" | tail -n 1 | grep -q '"client":"kit","connecting":0,"connected":3,"waiting":0,"left":0,"ended":0,"answers":3}'
    events bytes "$out" | grep '"client":"dan"' | tail -n 1 | grep -q '"sent":4,"heard":4'
    # The quotes and the newline of what hal says came back as they were sent: 16 bytes.
    is 'who quotes' 'connecting connected waiting served left' "$(client_states "$out" hal)"
    events bytes "$out" | grep '"client":"hal"' | tail -n 1 | grep -q '"sent":16,"heard":16'
}

@test "the stage's clients say and finish when all is sent of what they sent before" {
    local out="$KEPT/verbs.json" client
    for client in lea mia; do
        is "$client" 'connecting connected waiting served left' "$(client_states "$out" $client)"
        events bytes "$out" | grep "\"client\":\"$client\"" | tail -n 1 >"$OUT.$client"
    done
    grep -q '"sent":1048583,"heard":1048583' "$OUT.lea"
    grep -q '"sent":1048576,"heard":1048576' "$OUT.mia"
}

@test "the stage's clients stop reading, read again, finish, close and reset" {
    local out="$KEPT/verbs.json"
    events client "$out" | grep '"client":"gus"' | tail -n 1 | sed 's/.*"ms":\([0-9.]*\).*/\1/' >"$OUT"
    between 550 "$(cat "$OUT")" 10000
    is 'who stops reading' silent "$(client_states "$out" gus | cut -d ' ' -f 3)"
    is 'who closes' 'connecting connected left' "$(client_states "$out" ian)"
    is 'who resets' 'connecting connected left' "$(client_states "$out" joe)"
    is 'the flood' left "$(client_states "$out" fay | awk '{ print $NF }')"
    is 'alive' yes "$(cell "$out" poll 6 text)"
    # Each is told in the words of the scene.
    grep -q '"e":"act",.*"client":"dan","text":"dribbles \\"abcd\\" every 0.02"}' "$out"
    grep -q '"e":"act",.*"client":"gus","text":"stops reading"}' "$out"
}

@test "the stage's steps come at a time, after the one before, or when what was begun is done" {
    local out="$KEPT/times.json" two
    is 'the acts' 'connects,says \"one\",says \"two\",' \
        "$(events act "$out" | sed 's/.*"text":"\(.*\)"}$/\1/' | tr '\n' ,)"
    events act "$out" | sed 's/.*"t":\([0-9.]*\),.*/\1/' | xargs >"$OUT"
    read -r first second third <"$OUT"
    between 200 "$first" 1e5
    between 500 "$second" 1e5
    between "$second" "$third" 1e5
    between "$third" "$(events end "$out" | sed 's/.*"t":\([0-9.]*\),.*/\1/')" 1e5
    # The second is said when the first was heard.
    two=$(line_of "$out" 'says ."two')
    [ "$(line_of "$out" '"served"')" -lt "$two" ]
    value "$out" poll 1 2 2
}

@test "the stage's patience ends a wait for what never comes" {
    local out="$KEPT/patience.json"
    is 'its status' 0 "$(cat "$KEPT/patience.status")"
    between 500 "$(events end "$out" | sed 's/.*"t":\([0-9.]*\),.*/\1/')" 1e5
    is 'Bob waits' never "$(cell "$out" blocking 1 text)"
    is 'the value of never' null "$(cell "$out" blocking 1 value)"
    is 'Ann, who never asked' - "$(cell "$out" blocking 2 text)"
}

@test "the stage plays servers one by one, a size after the other, each from time 0" {
    local out="$KEPT/by-sizes.json"
    is 'its columns' '"of 2","of 3","growth"' \
        "$(events table "$out" | sed 's/.*"columns":\[\([^]]*\)\].*/\1/')"
    is 'its sizes' 'one 2 one 3 two 2 two 3' \
        "$(events size "$out" | sed 's/.*"lane":"\([a-z]*\)","size":\([0-9]*\).*/\1 \2/' | xargs)"
    value "$out" one 1 2 2
    value "$out" two 2 3 3
    [[ $(cell "$out" one 3 text) =~ ^[0-9.]+x$ ]]
    # The first lane is over when the second begins, whose time begins then.
    [ "$(grep -n '"lane":"one"' "$out" | grep -v '"table"' | tail -n 1 | cut -d : -f 1)" -lt \
        "$(grep -n '"lane":"two"' "$out" | grep -v '"table"' | head -n 1 | cut -d : -f 1)" ]
    grep -m 1 '"lane":"two"' "$out" | grep -q '"t":0,'
    grep -q '"sizes":\[2,3\]' <<<"$(events scene "$out")"
    grep -q '{"name":"crowd","count":0}' <<<"$(events scene "$out")"
    grep -q '"together":false,"narrated":false' <<<"$(events scene "$out")"
    lacks '{"e":"call"' "$out"
}

@test "the stage's measures have plausible values" {
    local out="$KEPT/measures.json" losses="$KEPT/losses.json"
    is 'their units' '"wait, ms","kept, KiB","cpu, %","calls","wasted","descriptors"' \
        "$(events table "$out" | sed 's/.*"columns":\[\([^]]*\)\].*/\1/')"
    value "$out" poll 1 0 10000
    value "$out" poll 2 1 20480
    value "$out" poll 3 0 100
    if [ "$(events scene "$out" | grep -c '"narrated":true')" -eq 1 ]; then
        value "$out" poll 4 5 100000
        value "$out" poll 5 1 100000
    fi
    if [ -e "$ROOT/common/narrator.so" ]; then # it makes that server lose a client
        value "$losses" loses 1 1 1
        value "$losses" poll 1 0 0
        value "$losses" loses 2 4 4
        is 'alive' yes "$(cell "$losses" loses 4 text)"
    fi
    is 'what is not narrated' - "$(cell "$losses" poll 5 text)"
    need_proc
    value "$out" poll 6 6 30
    value "$losses" poll 3 0 10000
}

@test "the stage's sentence names who it is about, and how much" {
    is 'who has no figure' 'It was over. At blocking: never.' "$(conclusion "$KEPT/patience.json")"
    is 'some' 'a and b; c; 1 1 0; {nothing} {' "$(conclusion "$KEPT/sum-some.json")"
    is 'all' 'a, b and c; ; 0 1 1' "$(conclusion "$KEPT/sum-all.json")"
    is 'none' '; a, b and c; 0 1 1; 0 to 1' "$(conclusion "$KEPT/sum-none.json")"
}

@test "the stage with -c ends with 1 if an expectation does not come out, and names it" {
    local out="$KEPT/wrong-hopes.json"
    is 'its status' 1 "$(cat "$KEPT/wrong-hopes.status")"
    # Elsewhere is where no expectation before has named a lane for the same measure.
    is 'the checks' "a true
b false
c true
a true
b true
c true" "$(events check "$out" | sed 's/.*"lane":"\([abc]\)".*"held":\([a-z]*\).*/\1 \2/')"
    tree
    cp "$KEPT/tree/slides/stage/scenes/wrong-hopes" "$SCENES/wrong-hopes"
    play wrong-hopes
    has_status 0
    holds 'Not as expected: answers of ann under 1 elsewhere. b had 1.' "$OUT"
    [ "$(grep -c 'Not as expected' "$OUT")" -eq 1 ]
}

@test "the stage takes CRLF, blanks and comments in a scene, and shows none of them" {
    tree
    {
        printf '# A comment.\r\n\r\n   \t \r\n'
        printf '%s\r\n' "${HEAD//$'\n'/$'\r\n'}" "$POLL"
        printf '\t0.0\tann   connects\r\n0.1 ann says "a # b" # more\r\n   0.3 end#not a comment\r\n'
        printf '%s\r\n' "${TAIL//$'\n'/$'\r\n'}"
    } | sed 's/end#not a comment/end # a comment/' >"$SCENES/crlf"
    play -j crlf
    has_status 0
    [ ! -s "$ERR" ]
    ends_whole "$OUT"
    events act "$OUT" | sed 's/.*"text":\(.*\)}$/\1/' >"$OUT.acts"
    is 'the acts' '"connects"
"says \"a # b\""' "$(cat "$OUT.acts")"
}

@test "the stage lists scenes by their place, then by their names, and no hidden or backup file" {
    tree
    short zebra
    short ape
    short second "place 2
$POLL"
    short first "place 1
$POLL"
    cp "$SCENES/ape" "$SCENES/.hidden"
    cp "$SCENES/ape" "$SCENES/ape~"
    play -l
    has_status 0
    is 'the scenes' 'first second ape zebra' "$(xargs <"$OUT")"
    [ ! -s "$ERR" ]
}

# wrong WORDS LINES: a scene whose last line is wrong, and what has to be said of it.
wrong() {
    NWRONG=$((NWRONG + 1))
    printf '%s\n%b\n%s\n' "$HEAD" "$2" "$TAIL" >"$SCENES/wrong$NWRONG"
    local lines
    lines=$(printf '%b\n' "$2" | wc -l)
    printf 'stage: slides/stage/scenes/wrong%d:%d: \t%s\n' "$NWRONG" $((lines + 3)) "$1" >>"$WRONG"
}

# repeat TIMES FORMAT: the format with the numbers 1, 2, ...
repeat() {
    local i
    # shellcheck disable=SC2059 # it is a format
    for ((i = 1; i <= $1; i++)); do printf "$2" "$i"; done
}

LONG=abcdefghijklmnopqrstuvwxyzabcdef # 32 letters

write_wrong_scenes() {
    wrong "a line does not begin with 'foo'" 'foo bar'
    wrong "a line does not begin with 'Title'" 'Title "x"'
    wrong 'the title, in quotes is missing' 'title'
    wrong 'the question, in quotes is missing' 'question'
    wrong 'what to look for, in quotes is missing' 'look'
    wrong "'words' is too much here" 'title two words'
    wrong 'a quote does not end' 'title "open'
    wrong 'a quote does not end' "title 'open"
    wrong 'there has to be a space behind a quote' 'title "a"b'
    wrong 'the place is missing' 'place'
    wrong 'a whole number from 1 to 1000' 'place 0'
    wrong 'a whole number from 1 to 1000' 'place 1001'
    wrong 'a whole number from 1 to 1000' 'place first'
    wrong "'lines' is missing" 'protocol'
    wrong "expected 'lines' and not 'bytes'" 'protocol bytes'
    wrong "'one' is missing" 'servers'
    wrong "expected 'one' and not 'two'" 'servers one by two'
    wrong "'now' is too much here" 'unnarrated now'
    wrong 'is missing' 'descriptors'
    wrong 'a whole number from 12 to 100000' 'descriptors 11'
    wrong 'a whole number from 12 to 100000' 'descriptors 100001'
    wrong 'the patience is missing' 'patience'
    wrong "a number, not 'soon'" 'patience soon'
    wrong "a number, not '-1'" 'patience -1'
    wrong 'is 3600 seconds at most' 'patience 3601'
    wrong 'sizes are missing' 'sizes'
    wrong 'a whole number from 1 to 2000' 'sizes 0'
    wrong 'a whole number from 1 to 2000' 'sizes 10 2001'
    wrong "'5' is too much here" 'sizes 1 2 3 4 5'
    wrong "the lane's name is missing" 'lane'
    wrong "the server's command, in quotes is missing" 'lane "x"'
    wrong 'names of under 32 letters' "lane $LONG \"x\""
    wrong 'at most 12 lanes' "$(repeat 12 'lane x%d "y"\\n')lane more \"y\""
    wrong "the column's head is missing" 'column'
    wrong 'a measure is missing' 'column "c"'
    wrong "there is no measure 'speed'" 'column "c" speed'
    wrong "'of' is missing" 'column "c" wait'
    wrong "a client's name is missing" 'column "c" wait of'
    wrong "'zoe' has not connected" 'column "c" wait of zoe'
    wrong 'what is heard is missing' '0 ann connects\ncolumn "c" hears of ann'
    wrong "growth needs a line 'sizes'" 'column "c" growth of cpu'
    wrong 'with two sizes or more' 'sizes 5\ncolumn "c" growth of cpu'
    wrong 'over 6 columns' "$(repeat 6 'column x%d cpu\\n')column x cpu"
    wrong 'a measure is missing' 'conclude'
    wrong "'under' is missing" 'conclude cpu'
    wrong "expected 'under' and not 'above'" 'conclude cpu above 3'
    wrong 'the limit is missing' 'conclude cpu over'
    wrong "the limit is a number, not 'much'" 'conclude cpu over much'
    wrong 'the sentence, in quotes is missing' 'all'
    wrong 'the sentence, in quotes is missing' 'some'
    wrong 'the sentence, in quotes is missing' 'none'
    wrong "'at' is missing" 'expect cpu over 3'
    wrong "expected 'at' and not 'in'" 'expect cpu over 3 in x'
    wrong 'a lane is missing' 'expect cpu over 3 at'
    wrong 'over 16 expectations' "$(repeat 16 'expect cpu over %d everywhere\\n')expect cpu over 0 everywhere"
    wrong "a client's name is missing" '0'
    wrong "a client's name is missing" 'then'
    wrong "'ann' has not connected" '0 ann says "x"'
    wrong "what the client does is missing" '0 ann connects\n0 ann'
    wrong "no client can do 'jumps'" '0 ann connects\n0 ann jumps'
    wrong "'again' is too much here" '0 ann connects again'
    wrong 'a text is missing' '0 ann connects\n0 ann says'
    wrong 'the text is empty' '0 ann connects\n0 ann says ""'
    wrong "'till' is too much here" '0 ann connects\n0 ann says "x" till "y"'
    wrong 'the text to wait for is missing' '0 ann connects\n0 ann says "x" until'
    wrong 'a text is missing' '0 ann connects\n0 ann begins'
    wrong 'a number of bytes is missing' '0 ann connects\n0 ann sends'
    wrong 'a number of bytes is 300, 64k or 8M' '0 ann connects\n0 ann sends 0'
    wrong 'a number of bytes is 300, 64k or 8M' '0 ann connects\n0 ann sends 65M'
    wrong 'a number of bytes is 300, 64k or 8M' '0 ann connects\n0 ann sends 1G'
    wrong 'a number of bytes is 300, 64k or 8M' '0 ann connects\n0 ann sends M'
    wrong 'the number of round trips is a whole number' '0 ann connects\n0 ann pings 0'
    wrong 'the number of round trips is a whole number' '0 ann connects\n0 ann pings 100001'
    wrong "'every' is missing" '0 ann connects\n0 ann dribbles "x"'
    wrong 'a thousandth of a second at least' '0 ann connects\n0 ann dribbles "x" every 0'
    wrong "'every' is missing" '0 ann connects\n0 ann talks'
    wrong "expected 'for' and not '1'" '0 ann connects\n0 ann floods 1'
    wrong "'reading' is missing" '0 ann connects\n0 ann stops'
    wrong "'again' is missing" '0 ann connects\n0 ann reads'
    wrong "'now' is too much here" '0 ann connects\n0 ann closes now'
    wrong 'this comes before the step that stands in front of it' '1 ann connects\n0.9 ann closes'
    wrong "after 'then' or '+' the steps begin with" '0 ann connects\nthen ann closes\n1 end'
    wrong "after 'then' or '+' the steps begin with" '0 ann connects\n+1 ann closes\n1 end'
    wrong 'the scene has ended before' '0 ann connects\n1 end\n1 ann closes'
    wrong "the time is a number, not '0.x'" '0.x ann connects'
    wrong "the time is a number, not ''" '+ ann connects'
    wrong "the time is a number, not ''" '"" ann connects'
    wrong 'the time is 3600 seconds at most' '3601 ann connects'
    wrong 'a group is of 1 to 2000 clients' '0 crowd*0 connects'
    wrong 'a group is of 1 to 2000 clients' '0 crowd*2001 connects'
    wrong 'a group is of 1 to 2000 clients' '0 crowd*many connects'
    wrong 'a group is of 1 to 2000 clients' '0 crowd* connects'
    wrong "'crowd*n' needs a line 'sizes' before it" '0 crowd*n connects'
    wrong 'with names of under 32 letters' "0 $LONG connects"
    wrong 'with names of under 32 letters' '0 *5 connects'
    wrong 'at most 16 clients' "$(repeat 16 '0 c%d connects\\n')0 more connects"
    wrong 'over 128 steps' "0 ann connects\n$(repeat 127 '0 ann says x%d\\n')0 ann closes"
    wrong 'over 24 words' "expect cpu over 3 at $(repeat 20 'lane%d ')"
}

@test "the stage names file, line and mistake of a wrong scene, and plays the others" {
    local place words line i=0
    tree
    WRONG="$BATS_TEST_TMPDIR/wrong"
    NWRONG=0
    short right
    write_wrong_scenes
    [ "$NWRONG" -gt 90 ]
    play -l
    has_status 0
    is 'the scenes' right "$(cat "$OUT")"
    [ "$(wc -l <"$ERR")" -eq "$NWRONG" ]
    while IFS=$'\t' read -r place words; do
        i=$((i + 1))
        line=$(grep -aF -- "$place" "$ERR") || { echo "nothing about wrong$i: $words" && return 1; }
        case $line in
        "$place"*"$words"*) ;;
        *) echo "wrong$i: expected '$words' but read: $line" && return 1 ;;
        esac
    done <"$WRONG"
    play -j -c right
    has_status 0
    ends_whole "$OUT"
    play -j wrong1
    has_status 2
    holds "slides/stage/scenes/wrong1:" "$ERR"
    lacks 'no scene is called' "$ERR"
}

# unfinished NAME WORDS: the scene on stdin is wrong as a whole.
unfinished() {
    cat >"$SCENES/$1"
    printf 'stage: slides/stage/scenes/%s: %s\n' "$1" "$2" >>"$WRONG"
}

@test "the stage says what a scene lacks, and refuses what is no text" {
    local steps='0 ann connects
1 end'
    tree
    WRONG="$BATS_TEST_TMPDIR/wrong"
    unfinished no-head "it needs a line 'title'" <<<"$steps
$TAIL"
    unfinished no-look "it needs a line 'look'" <<<"$(head -n 2 <<<"$HEAD")
$steps
$TAIL"
    unfinished empty "it needs a line 'title'" </dev/null
    unfinished no-steps 'its last step has to be an end' <<<"$HEAD
$TAIL"
    unfinished no-end 'its last step has to be an end' <<<"$HEAD
0 ann connects
$TAIL"
    unfinished no-column 'it has no column: nothing would come of it' <<<"$HEAD
$steps
$(tail -n 4 <<<"$TAIL")"
    for word in all some none; do
        unfinished "no-$word" "it needs a line 'conclude', and the sentences 'all', 'some' and 'none'" <<<"$HEAD
$steps
$(grep -v "^$word" <<<"$TAIL")"
    done
    unfinished sizes "with sizes it needs the line 'servers one by one'" <<<"$HEAD
sizes 1 2
$steps
$TAIL"
    printf '%s\n%s\n%s\n\0' "$HEAD" "$steps" "$TAIL" | unfinished binary 'this is no text in UTF-8'
    printf '%s\n\300\257\n%s\n%s\n' "$HEAD" "$steps" "$TAIL" | unfinished latin 'this is no text in UTF-8'
    printf '%s\n# \033[31m\n%s\n%s\n' "$HEAD" "$steps" "$TAIL" | unfinished control 'this is no text in UTF-8'
    printf '%s\n%s\n# so\rso\n%s\n' "$HEAD" "$steps" "$TAIL" | unfinished return 'this is no text in UTF-8'
    { echo "$HEAD" && echo "$steps" && echo "$TAIL" && yes '# comment' | head -n 9000; } >"$BATS_TEST_TMPDIR/long"
    head -c 65537 "$BATS_TEST_TMPDIR/long" | unfinished long 'over 65536 bytes'
    mkdir "$SCENES/folder"
    echo 'stage: slides/stage/scenes/folder: cannot be read' >>"$WRONG"
    head -c 65536 "$BATS_TEST_TMPDIR/long" >"$SCENES/just-short-enough"
    play -l
    has_status 0
    is 'the scenes' just-short-enough "$(cat "$OUT")"
    is 'what is wrong' "$(sort "$WRONG")" "$(sort "$ERR")"
}

@test "the stage complains in one line, whatever a wrong word holds" {
    tree
    scene newline <<<'"two\nlines" here'
    scene client <<<'0 "two\nlines" closes'
    play -l
    has_status 0
    cat -v "$ERR"
    [ "$(wc -l <"$ERR")" -eq 2 ]
}

@test "the stage refuses a group that is too large for any number" {
    tree
    scene huge <<<'0 crowd*4294967297 connects
0.1 end'
    play -l
    holds 'slides/stage/scenes/huge:4: a group is of 1 to 2000 clients' "$ERR"
}

@test "the stage refuses a scene that concludes from nothing" {
    tree
    scene nothing "$(grep -v conclude <<<"$TAIL")" <<<'0 ann connects
0.1 end'
    play -l
    holds "slides/stage/scenes/nothing: it needs a line 'conclude'" "$ERR"
}

@test "the stage refuses an expectation about a lane that the scene does not have" {
    tree
    short typo "$POLL
expect alive over 0 at pol"
    short right "$POLL
expect alive over 0 at poll"
    short six 'expect alive over 0 at 01-blocking 05-epoll'
    play -l
    is 'the scenes' 'right six' "$(xargs <"$OUT")"
    grep 'slides/stage/scenes/typo:' "$ERR" | grep -q "'pol'"
}

@test "the stage names a scene that it leaves out for its name's length" {
    tree
    short right
    cp "$SCENES/right" "$SCENES/$LONG"
    play -l
    has_status 0
    is 'the scenes' right "$(cat "$OUT")"
    holds "$LONG" "$ERR"
}

@test "the stage counts no answer and no wait for what a client only begins" {
    tree
    scene begins <<END
$POLL
0.0 ann connects
0.1 ann begins "half a mes"
0.4 end
column "wait" wait of ann
END
    play -j begins
    has_status 0
    echo "the wait: $(cell "$OUT" poll 1 text)"
    [ "$(cell "$OUT" poll 1 value)" = null ] || value "$OUT" poll 1 0 1000
}

@test "the stage's client that only begins, while it connects still, waits for nothing" {
    tree
    scene early <<END
$POLL
0.0 ann connects
0.0 ann begins "half a mes"
then bob connects
then end
END
    play -j early
    has_status 0
    is 'who begins' 'connecting connected' "$(client_states "$OUT" ann)"
    # Nobody is waited for until the patience of two seconds is over.
    between 0 "$(events end "$OUT" | sed 's/.*"t":\([0-9.]*\),.*/\1/')" 1999
}

@test "the stage lives through a client that connects twice" {
    tree
    scene twice <<END
$POLL
0.0 ann connects
0.1 ann connects
0.2 ann says "hello"
0.4 end
END
    begin -j twice
    until grep -q '"act"' "$OUT" || ! kill -0 "$PID" 2>/dev/null; do sleep 0.02; done
    note_groups
    ends
    cat "$ERR"
    lacks 'mistake' "$ERR"
    # It may play the scene, or refuse it and say where it is wrong.
    [ "$STATUS" -eq 2 ] || { [ "$STATUS" -eq 0 ] && ends_whole "$OUT"; }
}

@test "the stage's client that comes again after a reset begins anew" {
    tree
    scene again <<END
$POLL
0.0 ann connects
0.1 ann stops reading
0.1 ann sends 40M
0.4 ann resets
0.5 ann connects
0.5 ann reads again
0.7 ann says "hi"
1.1 end
column "answers" answers of ann
END
    play -j again
    has_status 0
    events bytes "$OUT" | sed 's/.*"sent":\([0-9]*\).*/\1/' | xargs >"$OUT.sent"
    echo "sent in all: $(cat "$OUT.sent")"
    [ "$(grep -c '"ended"' "$OUT")" -eq 0 ]
    value "$OUT" poll 1 1 1
    events client "$OUT" | tail -n 1 | sed 's/.*"ms":\([0-9.]*\).*/\1/' >"$OUT.ms"
    between 0 "$(cat "$OUT.ms")" 390
}

@test "the stage never counts less than nothing as kept" {
    tree
    scene kept <<END
protocol lines
$CHAT
0.0 ann connects
0.3 end
column "kept" kept of ann
END
    play -j kept
    has_status 0
    value "$OUT" chat 1 0 1000
}

@test "the stage's README shows the scene silent as it is, and names each verb and each measure" {
    local word
    sed -n '/^## Write a scene/,/^### Steps/p' slides/stage/README.md >"$OUT"
    is 'the scene' "$(cat slides/stage/scenes/silent)" "$(sed -n '/^place/,/^```/p' "$OUT" | sed '$d')"
    for word in connects says sends pings talks dribbles floods 'stops reading' 'reads again' \
        finishes closes resets begins until; do
        holds " $word" slides/stage/README.md || holds "\`$word" slides/stage/README.md
    done
    sed -n '/^### Figures/,/^### Settings/p' slides/stage/README.md >"$OUT"
    for word in wait answers served ended kept cost hears cpu calls wasted descriptors memory alive; do
        holds "\`$word" "$OUT"
    done
}

# ---- the command line ----

@test "the stage refuses a scene that it does not know, with status 2, and lists the others" {
    play silent nonsense
    has_status 2
    [ ! -s "$OUT" ]
    is 'what it says' "stage: no scene is called 'nonsense'; there are:
  $SHIPPED" "$(cat "$ERR")"
    play ''
    has_status 2
}

@test "the stage refuses wrong arguments with status 2" {
    local wrong
    for wrong in '-z' '-p x' '-p 65536' '-p -1' '-p' '-r' '-s' '-w silent' '-w -j' '-w -r file'; do
        # shellcheck disable=SC2086 # several words
        play $wrong
        echo "$wrong: $STATUS $(cat "$ERR")"
        has_status 2
        [ ! -s "$OUT" ]
        [ -s "$ERR" ]
    done
}

@test "the stage explains its options and lists its scenes with status 0" {
    play -h
    has_status 0
    [ ! -s "$ERR" ]
    for option in -c -h -j -l '-p PORT' '-r FILE' '-s COMMAND' -w; do holds "  $option" "$OUT"; done
    play -l
    has_status 0
    is 'the scenes' "$SHIPPED" "$(xargs <"$OUT")"
}

@test "the stage says that it is not where the scenes are" {
    cd "$BATS_TEST_TMPDIR"
    play silent
    has_status 1
    [ ! -s "$OUT" ]
    is 'what it says' 1 "$(wc -l <"$ERR" | xargs)"
    holds 'slides/stage/scenes is not here: run it in the folder of the Makefile' "$ERR"
}

# ---- a server of one's own ----

@test "the stage plays a server of yours in a seventh lane, on a port that it is given" {
    tree
    short six ''
    play -j -s '04-poll/echo_server -p {port}' six
    has_status 0
    ends_whole "$OUT"
    is 'the lanes' "$SIX yours" "$(lanes "$OUT")"
    is 'the rows' "$SIX yours" "$(rows "$OUT")"
    value "$OUT" yours 1 1 1
    holds '{"name":"yours","command":"04-poll/echo_server -p {port}"}' "$OUT"
    # A scene of another protocol is not for it.
    scene talk <<END
protocol lines
$CHAT
0.0 ann connects
0.2 end
END
    play -j -s '04-poll/echo_server -p {port}' talk
    is 'the lanes of another protocol' chat "$(lanes "$OUT")"
}

@test "the stage takes a command of several words, with quotes" {
    tree
    short one
    play -j -s "common/narrate -n -f 'send:*:short=1' 04-poll/echo_server -p {port}" one
    need_narrator
    has_status 0
    value "$OUT" yours 1 1 1
}

@test "the stage replaces every {port} in a command" {
    tree
    short one
    play -j -s "sh -c 'echo the port is {port} >&2; exec 04-poll/echo_server -p {port}'" one
    value "$OUT" yours 1 1 1
    lacks 'the port is {port}' <(events server "$OUT")
}

# fails_alone WORDS COMMAND: this server does not come, which its lane says; the other plays.
fails_alone() {
    local OUT="$OUT.$BASHPID" ERR="$ERR.$BASHPID"
    play -j -s "$2" one
    echo "$2: status $STATUS"
    has_status 0
    ends_whole "$OUT"
    events server "$OUT" | grep '"lane":"yours"' >"$OUT.yours"
    holds "$1" "$OUT.yours"
    value "$OUT" poll 1 1 1
    is 'the cells of the lane' '- null' "$(cell "$OUT" yours 1 text) $(cell "$OUT" yours 1 value)"
    is 'the other lane lives' yes "$(cell "$OUT" poll 2 text)"
}

# all_of PID...: every one of these has ended with status 0.
all_of() {
    local pid failed=0
    for pid in "$@"; do wait "$pid" || failed=1; done
    return "$failed"
}

@test "the stage goes on without a server that ends at once" {
    local pids=()
    tree
    short one
    fails_alone '"crashed","text":"ended with status 3"' "sh -c 'exit 3'" 3>&- &
    pids+=("$!")
    fails_alone '"crashed","text":"ended with status 0"' 'true' 3>&- &
    pids+=("$!")
    fails_alone '"crashed","text":"cannot be run"' './no-such-server -p {port}' 3>&- &
    pids+=("$!")
    fails_alone '"crashed","text":"ended by signal 9' "sh -c 'kill -9 \$\$'" 3>&- &
    all_of "${pids[@]}" "$!"
}

@test "the stage goes on without a server whose first line is another" {
    local pids=() other="but its first line has to be 'listening on 127.0.0.1:PORT'"
    tree
    short one
    fails_alone "$other" "sh -c 'echo hello; sleep 100'" 3>&- &
    pids+=("$!")
    fails_alone "$other" 'echo listening on 127.0.0.1:65536' 3>&- &
    pids+=("$!")
    fails_alone "$other" 'echo listening on 127.0.0.1:0' 3>&- &
    all_of "${pids[@]}" "$!"
}

@test "the stage gives up a server that never says that it listens, and plays the others" {
    tree
    short one
    fails_alone "nothing: its first line has to be 'listening on 127.0.0.1:PORT'" 'sleep 100'
}

@test "the stage does not take for held what an absent server was expected to do" {
    tree
    short absent "lane \"echo\" \"echo hello\"
$POLL
expect alive over 0 everywhere"
    play -j -c absent
    cut -c 1-200 <(events check "$OUT")
    ends_whole "$OUT"
    has_status 1
}

@test "the stage tells some of what a server says on stderr, and reads the rest" {
    tree
    short one
    play -j -s "sh -c 'yes junk | head -c 1000000 >&2; exec 04-poll/echo_server -p {port}'" one
    has_status 0
    value "$OUT" yours 1 1 1
    is 'what was told' 20 "$(grep -c '"says","text":"junk"' "$OUT")"
    play -j -s "sh -c 'head -c 1000000 /dev/zero >&2; exec 04-poll/echo_server -p {port}'" one
    value "$OUT" yours 1 1 1
    between 0 "$(wc -c <"$OUT" | xargs)" 200000
}

@test "the stage's events stay JSON whatever bytes a server writes" {
    tree
    short one
    # shellcheck disable=SC1003 # the backslashes are for printf
    play -j -s 'sh -c '\''printf "\033[31m \\377\\376 \\001 {\"e\":\"end\"} \\\\ \"\n{\"call\":\n{\"left_out\":{}}\n\\300\\200\n" >&2; exec 04-poll/echo_server -p {port}'\''' one
    has_status 0
    is_json "$OUT"
    value "$OUT" yours 1 1 1
    grep '"says"' "$OUT" | cut -c 1-300
    [ "$(grep -c '"lane":"yours","state":"says"' "$OUT")" -ge 2 ]
}

@test "the stage disconnects from a server that echoes something else" {
    tree
    scene wrong-echo <<END
$POLL
0.0 ann connects
0.1 ann says "hello\n"
0.5 end
column "answers" answers of ann
column "ended" ended of ann
column "kept" kept of ann
END
    play -j -s '06-selectors-style/apps/chat_server -p {port}' wrong-echo
    has_status 0
    events client "$OUT" | grep '"lane":"yours"' | grep -q '"ended","text":"what came back is not what was sent"'
    value "$OUT" poll 1 1 1
    value "$OUT" yours 1 0 0
    value "$OUT" yours 2 1 1
    value "$OUT" yours 3 0 1000
}

@test "the stage ends what a server has started, too" {
    tree
    short one
    begin_to_play -s "sh -c '04-poll/echo_server -p {port} & wait'" one
    ends
    has_status 0
    value "$OUT" yours 1 1 1
    nothing_left
    no_port_left
}

@test "the stage ends a server that does not want to end" {
    tree
    short one
    begin_to_play -s "sh -c 'trap \"\" TERM; 04-poll/echo_server -p {port}; sleep 100; sleep 100'" one
    ends
    has_status 0
    ends_whole "$OUT"
    value "$OUT" yours 1 1 1
    holds '"lane":"yours","state":"stopped","text":"ended by signal 9' "$OUT"
    nothing_left
}

@test "the stage gives its servers no descriptor of its own, and no input" {
    local few
    need_proc
    tree
    scene open <<END
unnarrated
$POLL
0.3 end
column "descriptors" descriptors
END
    sed -i.bak 's/^0.3 end/0 ann connects\n0.3 end/' "$SCENES/open"
    rm "$SCENES/open.bak"
    play -j open
    few=$(cell "$OUT" poll 1 value)
    exec 20</dev/null 21</dev/null 22</dev/null 33</dev/null
    play -j open
    exec 20<&- 21<&- 22<&- 33<&-
    is 'with more descriptors' "$few" "$(cell "$OUT" poll 1 value)"
    between 4 "$few" 12
    # What the stage has on stdin is not for a server.
    "$STAGE" -j -s "sh -c 'wc -c >&2; exec 04-poll/echo_server -p {port}'" open >"$OUT" 2>"$ERR" \
        3>&- 4>&- <<<'some words'
    events server "$OUT" | grep '"lane":"yours","state":"says"' | grep -Eq '"text":" *0"'
}

# ---- a crash in the middle ----

@test "the stage plays a scene to its end though a server crashes in its middle" {
    need_narrator
    tree
    scene crash <<END
$POLL
0.0 ann connects
0.1 ann says "one"
0.3 ann says "two"
0.5 bob connects
0.5 bob says "three"
0.7 end
column "Ann's" answers of ann
column "Bob's" answers of bob
expect answers of ann over 1 everywhere
END
    play -j -c -s 'common/narrate -n -f recv:2:EBADF 04-poll/echo_server -p {port}' crash
    has_status 0
    ends_whole "$OUT"
    holds '"lane":"yours","state":"crashed","text":"ended with status 1"' "$OUT"
    [ "$(line_of "$OUT" '"crashed"')" -lt "$(line_of "$OUT" '"lane":"yours","client":"bob","text":"says')" ]
    is 'it lives' no "$(cell "$OUT" yours 3 text)"
    value "$OUT" poll 1 2 2
    value "$OUT" poll 2 1 1
    is 'the other lives' yes "$(cell "$OUT" poll 3 text)"
    events client "$OUT" | grep '"lane":"yours","client":"bob"' | grep -q '"failed"'
    # As text the crash stands below the table.
    play -s 'common/narrate -n -f recv:2:EBADF 04-poll/echo_server -p {port}' crash
    holds '  yours crashed: ended with status 1' "$OUT"
}

@test "the stage tells by which signal a server was ended, and the check of its lane fails" {
    local pid
    need_narrator
    tree
    scene killed <<END
lane "other" "03-select/echo_server -p {port}"
$POLL
0.0 ann connects
0.1 ann says "one"
1.2 end
column "answers" answers of ann
expect alive over 0 everywhere
END
    ulimit -c 0
    begin -j -c killed
    await_line '{"e":"act"'
    await_line '"client":"ann","text":"says'
    pid=$(events call "$OUT" | grep -m 1 '"lane":"poll"' | sed 's/.*"pid":\([0-9]*\).*/\1/')
    [ "$(processes | grep -c "^$pid ")" -eq 1 ]
    kill -SEGV "$pid"
    ends
    has_status 1
    ends_whole "$OUT"
    grep -q '"lane":"poll","state":"crashed","text":"ended by signal 11 (' "$OUT"
    events check "$OUT" | grep '"lane":"poll"' | grep -q '"held":false,"saw":"no"'
    events check "$OUT" | grep '"lane":"other"' | grep -q '"held":true,"saw":"yes"'
    value "$OUT" other 1 1 1
}

# ---- nothing is left behind ----

# long TREE: two scenes that last, one of each kind.
write_long_scenes() {
    scene together <<END
0.0 ann connects
0.0 crowd*5 connects
0.1 crowd talks every 0.05
0.1 ann floods for 20
20 end
END
    scene by-turns <<END
servers one by one
0.0 ann connects
0.1 ann talks every 0.05
5 end
END
}

@test "the stage leaves nothing behind when its scenes are over" {
    tree
    short one ''
    short turns "servers one by one
$POLL
lane \"select\" \"03-select/echo_server -p {port}\""
    touch "$BATS_TEST_TMPDIR/before"
    begin_to_play one turns
    # The later servers are seen when they run.
    while kill -0 "$PID" 2>/dev/null; do
        note_groups
        sleep 0.1
    done
    ends
    has_status 0
    [ ! -s "$ERR" ]
    nothing_left
    no_port_left
    is 'new files' '' "$(find . -newer "$BATS_TEST_TMPDIR/before" ! -type d)"
}

@test "the stage breaks off at SIGINT and SIGTERM with status 0, and leaves nothing behind" {
    local signal scene
    tree
    write_long_scenes
    touch "$BATS_TEST_TMPDIR/before"
    for signal in INT TERM; do
        for scene in together by-turns; do
            echo "$signal in $scene"
            begin_to_play "$scene" together
            kill "-$signal" "$PID"
            ends
            has_status 0
            [ ! -s "$ERR" ]
            is 'the scenes that were begun' 1 "$(events scene "$OUT" | wc -l | xargs)"
            is 'the last event' '"text":"broken off"}' "$(tail -n 1 "$OUT" | grep -o '"text":.*')"
            nothing_left
            no_port_left
        done
    done
    is 'new files' '' "$(find . -newer "$BATS_TEST_TMPDIR/before" ! -type d)"
}

@test "the stage breaks off while it waits for a server to listen" {
    tree
    short one
    begin -j -s 'sleep 100' one
    await_line '"listening"'
    note_groups
    kill -TERM "$PID"
    ends
    has_status 0
    nothing_left
    no_port_left
}

@test "the stage that is broken off has failures for -c" {
    tree
    write_long_scenes
    begin -j -c together
    await_line '{"e":"act"'
    note_groups
    kill -INT "$PID"
    ends
    has_status 1
    nothing_left
}

@test "the stage leaves nothing behind when its terminal is closed (SIGHUP)" {
    tree
    write_long_scenes
    begin_to_play together
    kill -HUP "$PID"
    await_exit "$PID" 30
    PID=
    nothing_left
    no_port_left
}

@test "the stage ends, and leaves nothing behind, when nobody reads what it prints" {
    local line
    tree
    write_long_scenes
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    "$STAGE" -j together together together >"$BATS_TEST_TMPDIR/pipe" 2>"$ERR" </dev/null 3>&- 4>&- &
    PID=$!
    exec 5<"$BATS_TEST_TMPDIR/pipe"
    while read -r -t 30 line <&5; do
        echo "$line"
        [[ $line != '{"e":"act"'* ]] || break
    done >"$OUT"
    note_groups
    exec 5<&-
    ends # long before the minute that the scenes take
    has_status 1
    is 'what it says' 'stage: stdout cannot be written to' "$(cat "$ERR")"
    nothing_left
    no_port_left
}

@test "the stage says that it cannot print, with status 1" {
    [ -w /dev/full ] || skip 'this system has no /dev/full'
    tree
    short one
    STATUS=0
    "$STAGE" one >/dev/full 2>"$ERR" </dev/null 3>&- 4>&- || STATUS=$?
    has_status 1
    is 'what it says' 'stage: stdout cannot be written to' "$(cat "$ERR")"
}

@test "the stage's servers have groups of their own, and an alarm in case it is killed" {
    local left
    tree
    write_long_scenes
    begin_to_play together
    processes >"$BATS_TEST_TMPDIR/servers"
    is 'the servers' "$(wc -w <<<"$SIX" | xargs)" "$(wc -l <"$BATS_TEST_TMPDIR/servers" | xargs)"
    is 'who leads a group' "$(cat "$BATS_TEST_TMPDIR/servers")" \
        "$(awk '{ print $1, $1 }' "$BATS_TEST_TMPDIR/servers")"
    kill -TERM "$PID"
    ends
    nothing_left
    command -v perl >/dev/null || skip 'only perl would tell how long an alarm still has'
    short one
    play -j -s "perl -e 'print STDERR \"alarm \", alarm(0), \"\\n\"; exec \"04-poll/echo_server\", \"-p\", \"{port}\"'" one
    value "$OUT" yours 1 1 1
    left=$(events server "$OUT" | grep '"lane":"yours"' | sed -n 's/.*"text":"alarm \([0-9]*\)".*/\1/p')
    between 10 "$left" 70
}

# ---- as text ----

# await_text NAME: waits until these scenes are played.
await_text() {
    eventually 120 test -s "$KEPT/$1.status" || { echo "$1 is still played" && return 1; }
    is 'the status' 0 "$(cat "$KEPT/$1.status")"
    is 'stderr' '' "$(cat "$KEPT/$1.err")"
}

@test "the stage prints no escape where there is no terminal" {
    local name
    for name in together by-turns; do
        await_text "$name"
        lacks "$ESCAPE" "$KEPT/$name.txt"
    done
}

@test "the stage prints no line of more than 79 columns where there is no terminal" {
    local name
    for name in together by-turns; do
        await_text "$name"
        LC_ALL=C tr -d '\200-\277' <"$KEPT/$name.txt" | LC_ALL=C awk 'length > 79'
        between 20 "$(columns "$KEPT/$name.txt")" 79
    done
}

@test "the stage prints every scene with its question, its table and its sentence" {
    local scene lane
    await_text together
    await_text by-turns
    cat "$KEPT/together.txt" "$KEPT/by-turns.txt" >"$OUT"
    for scene in $SHIPPED; do
        grep -q "^$scene: " "$OUT"
        # The first words of the question stand at the beginning of a line.
        grep -qF -- "$(sed -n 's/^question "\(.\{20\}\).*/\1/p' "slides/stage/scenes/$scene")" "$OUT"
    done
    for lane in $SIX; do is "the rows of $lane" 9 "$(grep -c "^  $lane  " "$OUT")"; done
    for scene in 'Until Ann left' 'To hear nothing' 'With the largest crowd' 'Not all 1100'; do
        holds "  $scene" "$OUT"
    done
    # Of the chat, what is said and heard in one lane.
    grep -Eq '^  +[0-9.]+ bob +> says ' "$OUT"
    grep -Eq '^  +[0-9.]+ bob +< .*Good morning!' "$OUT"
}

@test "the stage shows a server's strange words without their escapes, and within 79 columns" {
    tree
    short one
    # shellcheck disable=SC1003 # the backslash is for printf
    play -s 'sh -c '\''printf "\033[31mred\033[0m\r\b\n" >&2; exec 04-poll/echo_server -p {port}'\''' one
    has_status 0
    cat -v "$OUT"
    holds 'yours says: ' "$OUT"
    [ "$(LC_ALL=C tr -d '\n\040-\377' <"$OUT" | wc -c)" -eq 0 ]
    play -s "sh -c 'yes x | head -n 300 | tr -d \"\\n\" >&2; echo >&2; exec 04-poll/echo_server -p {port}'" one
    holds 'yours says' "$OUT"
    between 20 "$(columns "$OUT")" 79
}

@test "the stage cuts no character in two where a text is too long" {
    local long
    long=$(repeat 151 é)
    tree
    scene long <<END
title "$long"
$POLL
0.0 ann connects
0.2 end
column "$long" wait of ann
END
    play -j -s "sh -c 'echo $long >&2; exec 04-poll/echo_server -p {port}'" long
    has_status 0
    is_json "$OUT"
    play -s "sh -c 'echo $long$long >&2; exec 04-poll/echo_server -p {port}'" long
    has_status 0
    # As a text of a JSON object it is read as UTF-8.
    sed 's/.*/{"line":"&"}/' "$OUT" >"$OUT.json"
    is_json "$OUT.json"
}

# in_terminal COMMAND: runs it with a terminal, and keeps what that gets in $OUT.
in_terminal() {
    script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip 'there is no script that runs a command'
    STATUS=0
    script -qec "$1" /dev/null >"$OUT" </dev/null 3>&- 4>&- || STATUS=$?
}

# kinds of escapes in $OUT: colours, and what moves the cursor or clears a line.
count_colours() {
    tr '\r' '\n' <"$OUT" | grep -oE "$ESCAPE\\[[0-9;]*m" | wc -l | xargs
}

count_movements() {
    tr '\r' '\n' <"$OUT" | grep -oE "$ESCAPE\\[[0-9]*[A-HJK]" | wc -l | xargs
}

@test "the stage draws the lanes in a terminal, in colours unless NO_COLOR is set" {
    local lane
    tree
    scene drawn <<END
0.0 ann connects
0.1 bob connects
0.1 bob says "hello"
0.5 ann closes
0.7 end
column "wait" wait of bob
END
    in_terminal "'$STAGE' drawn"
    has_status 0
    holds '- connected   w waits   # is served   x has gone   ? connects' "$OUT"
    for lane in $SIX; do [ "$(grep -c "$lane" "$OUT")" -ge 3 ]; done
    grep -q 'wwww' "$OUT"
    between 1 "$(count_colours)" 1e6
    between 2 "$(count_movements)" 1e6
    in_terminal "NO_COLOR=1 '$STAGE' drawn"
    has_status 0
    grep -q 'wwww' "$OUT"
    is 'the colours' 0 "$(count_colours)"
    between 2 "$(count_movements)" 1e6
    # Nor do they appear in a file, whatever the terminal.
    in_terminal "'$STAGE' drawn >'$OUT.file'"
    lacks "$ESCAPE" "$OUT.file"
}

# ---- limits ----

# limited SOFT HARD SCENE...: plays them with so many descriptors.
limited() {
    STATUS=0
    (
        ulimit -Sn "$1"
        ulimit -Hn "$2"
        exec "$STAGE" -j -c "${@:3}" >"$OUT" 2>"$ERR" </dev/null 3>&- 4>&-
    ) || STATUS=$?
}

@test "the stage skips a scene that needs more descriptors than there may be, and plays the others" {
    tree
    cp "$ROOT/slides/stage/scenes/crowd" "$SCENES/crowd"
    short one
    limited 200 200 crowd one
    has_status 0
    [ ! -s "$ERR" ]
    is_json "$OUT"
    events end "$OUT" | grep '"name":"crowd"' | grep -Eq '"text":"skipped: it needs [0-9]+ descriptors, and only 200 are allowed here \(ulimit -Hn\)"'
    is 'what crowd tells' 'scene end' "$(sed '/"name":"one"/,$d' "$OUT" | cut -d '"' -f 4 | xargs)"
    value "$OUT" poll 1 1 1
    ends_whole "$OUT"
}

@test "the stage tells the limit by which a scene cannot be played" {
    tree
    cp "$ROOT/slides/stage/scenes/crowd" "$SCENES/crowd"
    limited 100 200 crowd
    has_status 0
    holds 'only 200 are allowed here (ulimit -Hn)' "$OUT"
}

@test "the stage raises its own limit of descriptors, and not its servers'" {
    tree
    scene raised <<END
unnarrated
$POLL
0.0 crowd*100 connects
0.1 crowd says "hello"
0.8 end
column "served" served of crowd
column "descriptors" descriptors
END
    limited 64 4096 raised
    has_status 0
    ends_whole "$OUT"
    value "$OUT" poll 1 20 63
    need_proc
    value "$OUT" poll 2 20 64
}

@test "the stage plays without the narrator, and then no calls are counted" {
    tree
    short one ''
    sed -i.bak 's/^column "answers".*/&\ncolumn "calls" calls\ncolumn "wasted" wasted/' "$SCENES/one"
    rm -f "$SCENES/one.bak" common/narrator.so
    play -j -c one
    has_status 0
    ends_whole "$OUT"
    lacks '{"e":"call"' "$OUT"
    holds '"narrated":false' "$OUT"
    value "$OUT" 04-poll 1 1 1
    is 'the calls' '- null' "$(cell "$OUT" 04-poll 2 text) $(cell "$OUT" 04-poll 2 value)"
    is 'the wasted' '- null' "$(cell "$OUT" 04-poll 3 text) $(cell "$OUT" 04-poll 3 value)"
    is 'lives' yes "$(cell "$OUT" 04-poll 4 text)"
}

@test "the stage plays in a folder whose name has a blank" {
    need_narrator
    TREE="$BATS_TEST_TMPDIR/with a blank"
    SCENES="$TREE/slides/stage/scenes"
    make_tree "$TREE"
    cd "$TREE"
    rm common/narrate common/narrator.so
    cp "$ROOT/common/narrate" "$ROOT/common/narrator.so" common
    short one
    play -j -c one
    events server "$OUT" | cut -c 1-300
    has_status 0
    value "$OUT" poll 1 1 1
}

@test "the stage passes over what is not built here" {
    tree
    short one ''
    rm 04-poll/echo_server
    play -j -c one
    has_status 0
    is 'the lanes' "${SIX/04-poll /}" "$(lanes "$OUT")"
    rm 0*/echo_server
    play -j -c one
    has_status 1
    is 'no lane' '' "$(lanes "$OUT")"
    holds '"text":"no server of this scene is built here: make builds them"' "$OUT"
}

# ---- the report ----

@test "the stage writes its scenes into one file that needs no other" {
    tree
    short one
    short two ''
    play -r "$BATS_TEST_TMPDIR/show.html" one two
    has_status 0
    [ ! -s "$ERR" ]
    holds 'one: A title' "$OUT"
    cp "$BATS_TEST_TMPDIR/show.html" "$OUT"
    head -n 1 "$OUT" | grep -qi '^<!doctype html>$'
    is 'the scenes' 'one two' "$(grep -o '^{"e":"scene","t":0,"name":"[a-z]*"' "$OUT" | cut -d '"' -f 10 | xargs)"
    is 'their ends' 2 "$(grep -c '^{"e":"end".*"text":""}' "$OUT")"
    grep '^{"e":"' "$OUT" | sed 's/,$//' >"$OUT.events"
    is_json "$OUT.events"
    # Nothing is fetched: no element and no style refers to a file.
    if grep -nE '<(script|img|iframe|source|object|embed)[^>]* (src|data)=|<link[^>]* href=|@import|url\(' "$OUT" | grep -v 'data:'; then
        return 1
    fi
    is 'elements that are closed' "$(grep -o '<script' "$OUT" | wc -l | xargs)" "$(grep -o '</script>' "$OUT" | wc -l | xargs)"
    is 'styles that are closed' "$(grep -o '<style' "$OUT" | wc -l | xargs)" "$(grep -o '</style>' "$OUT" | wc -l | xargs)"
    between 1 "$(grep -c '<style' "$OUT")" 10
    grep -q '</html>' "$OUT"
}

@test "the stage's report does not let a server's words out of their element" {
    tree
    short one
    play -r "$BATS_TEST_TMPDIR/show.html" -s "sh -c 'echo \"</script><script>alert(1)</script><!--\" >&2; exec 04-poll/echo_server -p {port}'" one
    has_status 0
    grep '^{"e":"' "$BATS_TEST_TMPDIR/show.html" | sed 's/,$//' >"$OUT"
    is_json "$OUT"
    [ "$(grep -c 'alert(1)' "$OUT")" -ge 1 ]
    lacks '<' "$OUT"
    holds '\u003c/script>\u003cscript>alert(1)\u003c/script>\u003c!--' "$OUT"
}

@test "the stage says that it cannot write its report, with status 1" {
    tree
    short one
    play -r "$BATS_TEST_TMPDIR/no such folder/show.html" one
    has_status 1
    is 'what it says' "stage: $BATS_TEST_TMPDIR/no such folder/show.html: No such file or directory" "$(cat "$ERR")"
}

# ---- the machine ----

@test "the stage says that it was played under load" {
    local i
    [ -r /proc/stat ] || skip 'this system does not tell how busy it is'
    tree
    short one
    for ((i = 0; i < $(getconf _NPROCESSORS_ONLN); i++)); do
        yes >/dev/null 3>&- 4>&- &
        HOGS="$HOGS $!"
    done
    play -j one
    has_status 0
    events load "$OUT" | grep -q '"text":"This was played under load: other programs used [0-9.]* [a-z0-9 ]*processors'
    events load "$OUT" | sed 's/.*"others":\([0-9.]*\).*/\1/' >"$OUT.others"
    between 0.3 "$(cat "$OUT.others")" 10000
    # What the servers use themselves is no load.
    play one
    holds 'This was played under load' "$OUT"
}

@test "the stage's servers end with it when it dies of a mistake" {
    need_narrator
    tree
    short one
    run common/narrate -n -f recv:1:EFAULT "$STAGE" -j one
    echo "$output" >"$OUT"
    [ "$status" -eq 1 ]
    says 'recv: EFAULT'
    no_port_left
}

@test "the stage divides the cost of pings by the round trips of these pings" {
    tree
    scene pings <<END
servers one by one
unnarrated
$POLL
0.0 ann connects
then ann pings 2000
then ann pings 2000
then ann pings 2000
then ann pings 2000
then ann pings 2000
then bob connects
then bob pings 2000
then end
column "ann" cost of ann
column "bob" cost of bob
END
    play -j pings
    has_status 0
    awk -v a="$(cell "$OUT" poll 1 value)" -v b="$(cell "$OUT" poll 2 value)" \
        'BEGIN { print a, b; exit !(a > b / 2.2 && b > a / 2.2) }'
}

@test "the stage's client finishes though it says so while it connects" {
    tree
    scene early <<END
$POLL
0.0 ann connects
0.0 ann finishes
0.3 end
column "lives" alive
END
    play -j early
    has_status 0
    grep -q '"client":"ann","state":"left"' "$OUT"
}
