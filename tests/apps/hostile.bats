#!/usr/bin/env bats
# The four applications in bad company: conversations cut anywhere, garbage, clients that
# vanish, crowds and floods. probe plays them; each failure says how to see it again.

load apps

PROBE="$ROOT/tests/apps/probe"
SEED=${SEED:-20261121}

# A sanitizer takes its time, and finds what it looks for in fewer rounds.
rounds() {
    if [ -n "${SANITIZER-}" ]; then echo $((($1 + 4) / 5)); else echo "$1"; fi
}

# probe SUBCOMMAND [ARGUMENT...]: plays it, and shows what the server said if that fails.
probe() {
    local status=0
    "$PROBE" -p "$PORT" -s "$SERVER_PID" "$@" 3>&- || status=$?
    if [ "$status" -ne 0 ] && [ -s "$BATS_TEST_TMPDIR/stderr" ]; then
        echo "the server said: $(head -n 5 "$BATS_TEST_TMPDIR/stderr")"
    fi
    return "$status"
}

# The number of the server's descriptors, and nothing where the system does not show them.
descriptors() {
    [ ! -d "/proc/$SERVER_PID/fd" ] || find "/proc/$SERVER_PID/fd" -type l | wc -l
}

# Asked to stop, the server ends with status 0 and has said nothing.
ends_well() {
    stop_server TERM
    [ "$STATUS" -eq 0 ]
    cat "$BATS_TEST_TMPDIR/stderr"
    [ ! -s "$BATS_TEST_TMPDIR/stderr" ]
}

has_descriptors() {
    [ "$(descriptors)" = "$1" ]
}

# vanish APP [OPTION...]: no descriptor is left of those who vanished.
vanish() {
    start_app "$@"
    local before
    before=$(descriptors)
    probe vanish "$1" "$SEED" "$(rounds 400)"
    eventually 3 has_descriptors "$before"
    ends_well
}

# cuts APP [OPTION...]: -l 256 makes the conversation's last line too long.
cuts() {
    start_app "$@"
    probe cuts "$1" "$SEED"
    ends_well
}

garbage() {
    start_app "$@"
    probe garbage "$1" "$SEED" "$(rounds 4000)"
    ends_well
}

# ---- wherever TCP cuts ----

@test "$NAME chat: answers the same wherever TCP cuts the conversation" {
    cuts chat -l 256
}

@test "$NAME game: answers the same wherever TCP cuts the conversation" {
    cuts game -l 256
}

@test "$NAME ticker: answers the same wherever TCP cuts the conversation" {
    cuts ticker -l 256 -t 86400000
}

@test "$NAME binary: answers the same wherever TCP cuts the conversation" {
    cuts binary
}

# ---- garbage ----

@test "$NAME chat: answers each line of garbage once, and nobody else notices" {
    garbage chat
}

@test "$NAME game: answers each line of garbage once, and states stay well-formed" {
    garbage game
}

@test "$NAME ticker: answers each line of garbage once, and nobody else notices" {
    garbage ticker -t 86400000
}

@test "$NAME binary: answers frames of any bytes exactly, and ends at a bad length" {
    garbage binary
}

# ---- clients that vanish ----

@test "$NAME chat: keeps nothing of clients that vanish in mid-conversation" {
    vanish chat
}

@test "$NAME game: keeps nothing of clients that vanish in mid-conversation" {
    vanish game
}

@test "$NAME ticker: keeps nothing of clients that vanish in mid-conversation" {
    vanish ticker -t 20
}

@test "$NAME binary: keeps nothing of clients that vanish in mid-conversation" {
    vanish binary
}

# ---- without memory ----

# A text for which what is long enough for a welcome has to grow.
talk_chat() {
    local text
    text=$(repeat 100 'hello ')
    play 'ann bob' "ann tell {\"type\":\"chat\",\"text\":\"$text\"}" \
        "ann hear $(said User_1 "$text")" "bob hear $(said User_1 "$text")" \
        'bob tell {"type":"history"}' 'bob hear {"type":"history",*}' "bob tell $WHO" \
        "bob hear $(in_general User_1 User_2)" 'bob half-close' 'bob end'
}

talk_game() {
    play_game ann 'ann tell {"type":"move","dx":1,"dy":-1}' \
        "ann hear $(state Player_1 1 -1 0)" 'ann half-close' 'ann end'
}

talk_ticker() {
    play 'ann bob' 'ann tell {"type":"subscribe","symbols":["AAPL"]}' \
        'ann hear {"type":"snapshot","prices":{"AAPL":*}}' \
        'bob tell {"type":"history","symbol":"AAPL","count":1}' \
        'bob hear {"type":"history","symbol":"AAPL",*}' 'bob half-close' 'bob end'
}

talk_binary() {
    client 'ann connect' 'ann send \0\0\0\x05\0\x01hello' \
        'ann expect \0\0\0\x10\0\x01🚀 Echo: hello' 'ann half-close' 'ann end'
}

# served_anew APP: a new client is served.
served_anew() {
    if [ "$1" = binary ]; then talk_binary; else play zoe; fi
}

# A client was told that there is no memory, or let go, with no half message before.
lacked_memory() {
    cat "$OUT"
    grep -qE 'the end after 0 bytes|got 0 and then the end|no memory|Connection reset' "$OUT"
}

# refused APP [OPTION...]: each of its first allocations fails in turn. Who needed the memory is
# told so, or let go, and nobody hears half a message or a wrong one; and others are served.
refused() {
    need_short_memory
    [ "${BACKEND-}" = "$(tests/selector_probe -l | head -n 1)" ] || skip 'on the first backend'
    local which served=0 OUT="$BATS_TEST_TMPDIR/out"
    for which in {1..45}; do
        echo "SHORT_MEMORY=$which"
        WRAPPER=$(short_memory "$which")
        if ! start_app "$@" >"$OUT" ||
            ! { "talk_$1" >"$OUT" 2>&1 || lacked_memory; }; then
            await_end # it was for its set-up
            [ "$STATUS" -eq 1 ] || [ "$STATUS" -eq 2 ]
            [ -s "$BATS_TEST_TMPDIR/stderr" ]
            continue
        fi
        served_anew "$1" || served_anew "$1" # it may be this one
        ends_well
        served=$((served + 1))
    done
    [ "$served" -ge 30 ]
}

@test "$NAME chat: goes on if it is refused memory, and says nothing wrong" {
    refused chat
}

@test "$NAME game: goes on if it is refused memory, and says nothing wrong" {
    refused game
}

@test "$NAME ticker: goes on if it is refused memory, and says nothing wrong" {
    refused ticker -t 60000
}

@test "$NAME binary: goes on if it is refused memory, and says nothing wrong" {
    refused binary
}

# A text for which the rest of a message, of which five bytes were sent, needs 1024 bytes.
talk_in_parts() {
    local text
    text=$(repeat 500 x)
    play 'ann bob' "ann tell {\"type\":\"chat\",\"text\":\"$text\"}" \
        "ann hear $(said User_1 "$text")" 'cy connect' "cy hear $WELCOME" \
        'cy tell {"type":"chat","text":"hi"}' 'cy hear *' \
        "bob hear $(said User_1 "$text")" "bob hear $(said User_3 hi)"
}

hears_half() {
    grep -q 'the end after 5 bytes' "$OUT"
}

@test "$NAME chat: nobody hears half a message and then another for want of memory" {
    need_short_memory
    need_narrator
    [ "${BACKEND-}" = "$(tests/selector_probe -l | head -n 1)" ] || skip 'on the first backend'
    local which halves=0 OUT="$BATS_TEST_TMPDIR/out"
    for which in {5..16}; do
        WRAPPER=$(short_memory "$which,512" send:3-4:short=5)
        if ! start_chat >"$OUT" || ! { talk_in_parts >"$OUT" 2>&1 || lacked_memory || hears_half; }; then
            await_end # it was for its set-up
            is 'its status' 1 "$STATUS"
            continue
        fi
        ! hears_half || halves=$((halves + 1))
        stop_server
        is 'its status' 0 "$STATUS"
    done
    echo "$halves times somebody was let go with half a message"
    [ "$halves" -ge 1 ]
}

# Of epoll_ctl the first two are for the stop and the listening socket, the third for ann.
@test "$NAME chat: a client that cannot be watched is let go, others stay" {
    [ "${BACKEND-}" = epoll ] || skip 'where it waits with epoll'
    need_narrator
    WRAPPER='common/narrate -n -f epoll_ctl:4:ENOMEM'
    start_chat
    play ann 'mark' 'bob connect' "bob hear $WELCOME" 'bob gone' 'descriptors-same' \
        "ann tell $WHO" "ann hear $(in_general User_1)"
}

# ---- crowds and floods ----

# A thousand clients and the server's own descriptors fit below select's ceiling of 1024.
@test "$NAME chat: a crowd hears every message once and in the same order" {
    start_app chat
    probe crowd "$(rounds 1000)" 1000
    ends_well
}

# How much memory a minute costs is measured by hand: probe soak 1000 60 1024.
@test "$NAME chat: a crowd that talks on costs no more and more memory" {
    local bound=2048
    [ -z "${SANITIZER-}" ] || bound=1000000 # its own memory has no such bound
    start_app chat
    probe soak 100 2 "$bound"
    ends_well
}

# The schedule is absolute: a late tick does not move the next ones, and so after many intervals
# they still come at their places. The probe holds the server up besides, which a relative
# schedule adds up: it wanders. A busy machine may hold it up too: then it is tried again, and a
# server that drifts fails again.
@test "$NAME ticker: does not drift while clients flood it" {
    local interval_ms=50 intervals=100
    if [ -n "${SANITIZER-}" ]; then interval_ms=200 intervals=80; fi # it is late for longer
    start_app ticker -t $interval_ms
    probe drift $interval_ms $intervals || probe drift $interval_ms $intervals
    ends_well
}
