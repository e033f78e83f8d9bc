#!/usr/bin/env bats
# The strict JSON reader and the JSON writer, from outside: json_probe reads texts and
# writes them back, and json.table says what comes out, or why nothing does.

load helper

PROBE="$ROOT/tests/json_probe"
TABLE="$ROOT/tests/json.table"
TAB=$'\t'
LEAST_VALID=200 # the table has no fewer cases of each kind: one not read fails
LEAST_INVALID=364

# cases [KIND]: writes the cases of this kind, or all of them, into a file.
cases() {
    awk -F '\t' -v OFS='\t' -v kind="${1-}" '
        /^(in)?valid\t/ && (kind == "" || $1 == kind) { print NR, $0 }' \
        "$TABLE" >"$BATS_TEST_TMPDIR/cases"
}

# column NUMBER: sets TEXTS to this column of the cases: 3 is what is read, 4 what comes of it.
column() {
    local line
    TEXTS=()
    while IFS= read -r line; do
        TEXTS+=("$line")
    done < <(cut -f "$1" "$BATS_TEST_TMPDIR/cases")
}

# batch [-f] -- TEXT...: reads all texts in one process. Sets STATUS; what is printed is in files.
batch() {
    STATUS=0
    "$PROBE" "$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" || STATUS=$?
}

# came_out LEAST FILE: it has a line a case, LEAST or more, and that is its result, or ends with
# it if the case is invalid.
came_out() {
    paste "$BATS_TEST_TMPDIR/cases" "$2" | LC_ALL=C awk -F '\t' -v least="$1" '
        { seen = $5 }
        $2 == "invalid" { seen = substr(seen, length(seen) - length($4) + 1) }
        $1 == "" || seen "" != $4 "" {
            print "json.table, line " $1 ": " $3 "\n    expected " $4 ", but read " $5
            wrong++
        }
        END { print NR " cases, " wrong + 0 " wrong"; exit wrong > 0 || NR < least }'
}

# repeat TEXT TIMES
repeat() {
    yes "$1" | head -n "$2" | tr -d '\n'
}

# with_small_stack ARGUMENT...: json_probe with 256 KiB of stack. These hold the arguments
# and the environment too, so that the latter is left out.
with_small_stack() {
    # shellcheck disable=SC2016 # the inner shell expands them
    env -i /bin/sh -c 'ulimit -s 256 && exec "$0" "$@"' "$PROBE" "$@"
}

# ---- the table ----

@test "json.table holds cases and comments, nothing else" {
    local line number=0 wrong=0
    while IFS= read -r line; do
        number=$((number + 1))
        case $line in
        '#'* | valid"$TAB"*"$TAB"?* | invalid"$TAB"*"$TAB"?*)
            case $line in
            *"$TAB"*"$TAB"*"$TAB"*) ;;
            *) continue ;;
            esac
            ;;
        esac
        echo "json.table, line $number: $line"
        wrong=$((wrong + 1))
    done <"$TABLE"
    [ "$number" -gt $((LEAST_VALID + LEAST_INVALID)) ]
    [ "$wrong" -eq 0 ]
}

@test "the JSON reader takes every valid text of the table" {
    cases valid
    column 3
    batch -f -- "${TEXTS[@]}"
    came_out "$LEAST_VALID" "$BATS_TEST_TMPDIR/stdout"
    is 'what is refused' '' "$(cat "$BATS_TEST_TMPDIR/stderr")"
    [ "$STATUS" -eq 0 ]
}

@test "the JSON reader refuses every invalid text of the table and says why" {
    cases invalid
    column 3
    batch -f -- "${TEXTS[@]}"
    came_out "$LEAST_INVALID" "$BATS_TEST_TMPDIR/stderr"
    is 'what is taken' '' "$(cat "$BATS_TEST_TMPDIR/stdout")"
    [ "$STATUS" -eq 1 ]
}

@test "the JSON reader reads text after text, whatever stood in the one before" {
    cases
    column 3
    batch -- "${TEXTS[@]}"
    [ "$STATUS" -eq 1 ]
    cases valid
    came_out "$LEAST_VALID" "$BATS_TEST_TMPDIR/stdout"
    cases invalid
    came_out "$LEAST_INVALID" "$BATS_TEST_TMPDIR/stderr"
}

@test "what the JSON writer writes is read again and written the same" {
    cases valid
    column 4
    batch -- "${TEXTS[@]}"
    came_out "$LEAST_VALID" "$BATS_TEST_TMPDIR/stdout"
    cat "$BATS_TEST_TMPDIR/stderr"
    [ "$STATUS" -eq 0 ]
}

# ---- members ----

# member NAME TEXT EXPECTED
member() {
    run "$PROBE" -m "$1" -- "$2"
    echo "member '$1' of $2, expected: $3, status $status: $output"
    [ "$status" -eq 0 ] && [ "$output" = "$3" ]
}

no_member() {
    run "$PROBE" -m "$1" -- "$2"
    echo "member '$1' of $2, status $status: $output"
    [ "$status" -eq 1 ] && [ "$output" = 'no such member' ]
}

@test "the JSON reader finds a member by its name" {
    member a '{"a":1}' 1
    member b '{"a":1,"b":[2,{"c":3}],"d":4}' '[2,{"c":3}]'
    member d '{"a":{"d":1},"b":[2,{"d":3}],"d":4}' 4
    member a '{"ab":1,"a":2,"abc":3}' 2
    member '' '{"a":1,"":2}' 2
    member a '{"\u0061":1}' 1
    member b '{"a":"b","b":"c","d":"b"}' '"c"'
    member a '{"a":null}' null
}

@test "the JSON reader finds no member where there is none" {
    no_member a '{}'
    no_member b '{"a":"b"}'
    no_member a '{"A":1,"ab":2,"":3}'
    no_member ab '{"a":1,"b":2,"abc":3}'
    no_member a '{"a\u0000":1,"\u0000a":2}'
    no_member a '{"b":{"a":1},"c":[{"a":2}]}'
    no_member a '["a",1]'
    no_member a '"a"'
}

@test "the JSON reader: the last of duplicate names counts" {
    member a '{"a":1,"a":2}' 2
    member a '{"a":1,"b":2,"a":[3],"c":4}' '[3]'
    member a '{"a":3,"a":2,"\u0061":1}' 1
    member a '{"a":{"a":1},"a":null}' null
}

# ---- depth ----

@test "the JSON reader costs no stack however deep a text is nested" {
    local arrays objects
    arrays=$(repeat '[' 50000)$(repeat ']' 50000)
    objects=$(repeat '{"":' 20000)0$(repeat '}' 20000)
    [ "${#arrays}" -eq 100000 ]
    [ "${#objects}" -eq 100001 ]
    [ "$(with_small_stack -d 1000000 "$arrays")" = "$arrays" ]
    [ "$(with_small_stack -d 1000000 "$objects")" = "$objects" ]
    run with_small_stack -d 1000000 "$(repeat '[' 100000)"
    [ "$status" -eq 1 ]
    [ "$output" = 'byte 100000: a value is missing' ]
}

@test "the JSON reader refuses what is nested deeper than its limit" {
    run "$PROBE" "$(repeat '[' 50000)$(repeat ']' 50000)"
    [ "$status" -eq 1 ]
    [ "$output" = 'byte 16: nested too deep' ]
    run "$PROBE" -d 2 '[[1]]'
    [ "$output" = '[[1]]' ]
    run "$PROBE" -d 1 '[[1]]'
    [ "$output" = 'byte 1: nested too deep' ]
    run "$PROBE" -d 0 '{}'
    [ "$output" = 'byte 0: nested too deep' ]
    run "$PROBE" -d 0 '1'
    [ "$output" = 1 ]
}

# ---- what is cut or damaged ----

# A text with everything that can be cut.
WHOLE=$' {"a\xc3\xa9\\n":[-1.5e+10,"\\ud83d\\ude00\xe2\x82\xac\xf0\x9f\x98\x80"], "b" : {"":null},'
WHOLE+=$'"c":[true,false,[],{}],"d":"\\u00e9\\"\\\\"}'

@test "the JSON reader reads every prefix of a valid text without a crash" {
    local LC_ALL=C i texts=()
    for ((i = 0; i < ${#WHOLE}; i++)); do
        texts+=("${WHOLE:0:i}")
    done
    echo "${#texts[@]} prefixes"
    [ "${#texts[@]}" -ge 100 ]
    batch -- "${texts[@]}" "$WHOLE"
    [ "$STATUS" -eq 1 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/stdout")" -eq 1 ]
    [ "$(grep -c '^byte [0-9]*: ' "$BATS_TEST_TMPDIR/stderr")" -eq "${#texts[@]}" ]
}

@test "the JSON reader reads a valid text with any byte damaged without a crash" {
    local LC_ALL=C i byte texts=()
    for byte in '\x00' '\x1f' ' ' '"' "\\" '[' ']' '{' '}' ',' ':' 0 - . e u '\x80' '\xe2' '\xf4'; do
        for ((i = 0; i < ${#WHOLE}; i++)); do
            texts+=("${WHOLE:0:i}$byte${WHOLE:i+1}")
        done
    done
    batch -- "${texts[@]}"
    [ "$STATUS" -eq 1 ]
    # Each text is either written or refused, in one line.
    [ "$(grep -c '^{' "$BATS_TEST_TMPDIR/stdout")" -gt 0 ]
    [ "$(grep -vc '^{' "$BATS_TEST_TMPDIR/stdout")" -eq 0 ]
    [ "$(grep -vc '^byte [0-9]*: ' "$BATS_TEST_TMPDIR/stderr")" -eq 0 ]
    [ "$(cat "$BATS_TEST_TMPDIR/stdout" "$BATS_TEST_TMPDIR/stderr" | wc -l)" -eq "${#texts[@]}" ]
}

# It asks for memory at the first value, and again at the first one that finds no place.
@test "the JSON reader says so if it is refused memory, at whatever value" {
    need_short_memory
    local value text sound which refused
    for value in '"a"' 1 true '[]' '{}'; do
        text="[$(repeat "$value," 100)$value]"
        sound=$("$PROBE" -- "$text")
        refused=0
        for which in {1..16}; do
            run env SHORT_MEMORY="$which" LD_PRELOAD="$ROOT/tests/short_memory.so" "$PROBE" -- "$text"
            [ "$output" = "$sound" ] && continue
            echo "$value, allocation $which: $output"
            [[ $output =~ ^(json|byte\ [0-9]+):\ no\ memory$ ]]
            case $output in byte*) refused=$((refused + 1)) ;; esac
        done
        [ "$refused" -ge 2 ]
    done
}

# ---- the probe ----

@test "json_probe refuses wrong arguments with status 2" {
    local wrong
    for wrong in '' '-d' '-d x 1' '-d 4x 1' '-m' '-z 1' '-d 4'; do
        # shellcheck disable=SC2086 # several words
        run "$PROBE" $wrong
        echo "$wrong: $output"
        [ "$status" -eq 2 ]
        says 'usage: json_probe'
    done
}
