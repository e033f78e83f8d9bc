#!/usr/bin/env bats
# -i SECONDS: the contract is in 03-select/exercise/README.md, "idle".

load ../extend

# naps: how often the server has gone to sleep so far, where the system tells.
naps() {
    sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$SERVER_PID/status" 2>/dev/null
}

@test "$NAME -i closes who is silent for so long, and not before" {
    start_server -i 3
    client 'mute connect' 'ann connect' 'ann echo hello' 'ann silent 1500' 'mute end' 'ann end'
}

@test "$NAME -i leaves who talks, and each has a time of its own" {
    local i steps=()
    for i in 1 2 3 4 5 6 7; do steps+=('pass 500' 'ann echo hello'); done
    start_server -i 3
    client 'quiet*10 connect' 'ann*10 connect' 'more*10 connect' 'quiet echo x' 'more echo x' \
        'ann echo x' "${steps[@]}" 'quiet end' 'more end' 'ann echo hello'
}

@test "$NAME -i closes who is silent while others never pause" {
    # With a wait that begins a little late there is always somebody ready.
    need_narrator
    WRAPPER="common/narrate -n -f 'select:*:delay=50'"
    start_server -i 1
    client -t 20000 'bob connect' 'quiet*5 connect' 'quiet echo x' 'bob flood' 'quiet end'
}

@test "$NAME -i leaves who still takes what it is owed" {
    need_narrator
    # So each send takes a little, and the next comes a fifth of a second later: it is four
    # seconds until all is sent, and all that time nothing is received.
    WRAPPER="common/narrate -n -f 'send:*:short=1000' -f 'select:*:delay=200'"
    start_server -i 2
    client -t 20000 'ann connect' 'ann pour 20000' 'ann collect' 'ann echo hello' 'ann end'
}

@test "$NAME -i closes who takes nothing of what it is owed" {
    start_server -i 2
    client 'ann connect' 'ann half-close' 'ann end' 'mark' 'slow connect-small' \
        'slow fill' 'pass 3500' 'descriptors-same'
}

@test "$NAME -i hears first what came while the server was stopped" {
    start_server -i 3
    client 'ann connect' 'ann echo hello' 'signal STOP' 'ann send more' 'pass 3500' \
        'signal CONT' 'ann expect more' 'ann echo hello'
}

@test "$NAME -i hears first what came while one client held it up" {
    need_narrator
    # Ann's second turn takes three seconds. When it is over bob's time has passed, but there
    # are bytes of his.
    WRAPPER="common/narrate -n -f 'recv:3:delay=3000'"
    start_server -i 2
    client -t 20000 'ann connect' 'ann echo x' 'bob connect' 'bob echo x' 'ann send hello' 'pass 200' \
        'bob send more' 'ann expect hello' 'bob expect more' 'bob echo hello' 'ann end' 'bob end'
}

@test "$NAME -i gives the places of the silent to those who wait" {
    start_server -i 1 -m 5
    client -t 20000 'crowd*15 connect' 'crowd send x' 'crowd answered-at-least 15'
    stop_server TERM
    LIMIT=32
    start_server -i 1
    client -t 20000 'crowd*60 connect' 'crowd send x' 'crowd answered-at-least 60'
}

@test "$NAME -i rests until the first of them is due" {
    local pid before after
    start_server -i 60
    client 'crowd*20 connect' 'crowd echo x' 'say here' 'pass 30000' >"$BATS_TEST_TMPDIR/crowd" &
    pid=$!
    eventually 10 test -s "$BATS_TEST_TMPDIR/crowd"
    before=$(naps)
    sleep 2
    after=$(naps)
    kill "$pid"
    echo "it went to sleep $((after - before)) times in two seconds"
    [ $((after - before)) -le 1 ]
}

@test "$NAME -i rests after it has closed somebody" {
    start_server -i 1
    client 'quiet connect' 'quiet echo x' 'quiet end' 'mark' 'pass 1500' 'cpu-below 1' \
        'ann connect' 'ann echo hello' 'ann end'
}

@test "$NAME -i 0 closes nobody, and no -i neither" {
    start_server -i 0
    client 'ann connect' 'ann echo hello' 'mark' 'ann silent 1500' 'cpu-below 1' 'ann echo hello'
    stop_server TERM
    start_server
    client 'ann connect' 'ann echo hello' 'mark' 'ann silent 1500' 'cpu-below 1' 'ann echo hello'
}

@test "$NAME -i refuses what is no number of seconds with status 2" {
    local wrong
    for wrong in '' x -1 1.5 "''" 86401; do
        refuses 2 2 -i "$wrong"
        says '-i'
    done
}

@test "$NAME -i stops on SIGTERM while it waits for the silent" {
    start_server -i 60
    client 'ann connect' 'ann echo hello'
    stop_server TERM
    [ "$STATUS" -eq 0 ]
}
