#!/usr/bin/env bats
# How the four applications serve: start, stop, limits, clients that come and go.

load apps

# ---- the command line, the start and the stop ----

@test "$NAME all: say where they listen, first and flushed" {
    local app
    for app in chat game ticker binary; do
        start_app "$app"
        [ "$FIRST_LINE" = "listening on 127.0.0.1:$PORT" ]
        stop_server
    done
}

@test "$NAME all: explain their options and defaults with -h" {
    local app letter
    cd "$ROOT" || return 1
    for app in 'chat 8888 l,d' 'game 5555 l,d' 'ticker 9999 l,d,t,r' 'binary 7777 f'; do
        # shellcheck disable=SC2086 # three words
        set -- $app
        run "$APPS/$1_server" -h
        [ "$status" -eq 0 ]
        says "usage: $1_server "
        says '  -m CLIENTS '
        says '(1000)'
        says '(300)'
        says '(262144)'
        matches "$(grep '^  -p ' <<<"$output")" ".*\($2\)"
        lacks '(-1)' <(echo "$output") # no default, no value
        for letter in a s i q h ${3//,/ }; do says "  -$letter "; done
        case $3 in
        l,d*) says '(4096)' && says '(16)' ;;
        *) says '(1048576)' ;;
        esac
    done
}

@test "$NAME all: refuse wrong arguments with status 2, a clear line and the usage" {
    local app wrong
    cd "$ROOT" || return 1
    for app in chat game ticker binary; do
        for wrong in '-z' 'stray' '-p' '-p abc' '-p 65536' '-m 0' '-a nonsense' '-i -1' \
            '-i soon' '-q' '-q 0' '-q 1k'; do
            # shellcheck disable=SC2086 # several words
            run "$APPS/${app}_server" $wrong
            echo "$app $wrong: status $status: $output"
            [ "$status" -eq 2 ]
            [ "${#lines[@]}" -eq 2 ]
            matches "${lines[0]}" "${app}_server: .+"
            matches "${lines[1]}" "usage: ${app}_server .+"
        done
    done
    for wrong in 'chat -l 0' 'game -d 0' 'ticker -d deep' 'ticker -t 0' 'ticker -t -5' \
        'ticker -r seed' 'binary -f 0' 'binary -f' 'binary -l 100' 'chat -t 100'; do
        # shellcheck disable=SC2086 # several words
        set -- $wrong
        run "$APPS/$1_server" "${@:2}"
        echo "$wrong: status $status: $output"
        [ "$status" -eq 2 ]
        says 'usage: '
    done
    run "$APPS/chat_server" -s nonsense
    [ "$status" -eq 2 ]
    says 'nonsense'
}

@test "$NAME all: stop on SIGTERM with status 0, and clients get the end" {
    local app
    for app in chat game ticker binary; do
        start_app "$app"
        client 'crowd*20 connect' 'crowd send {"type"' 'signal TERM' 'server-gone'
        await_end
        [ "$STATUS" -eq 0 ]
    done
}

@test "$NAME all: stop on SIGINT with status 0" {
    local app
    for app in chat game ticker binary; do
        start_app "$app"
        stop_server INT
        [ "$STATUS" -eq 0 ]
    done
}

@test "$NAME all: listen on an IPv6 address" {
    if [ -d /proc/net ] && [ ! -e /proc/net/if_inet6 ]; then skip 'there is no IPv6 here'; fi
    local app
    for app in chat game ticker binary; do
        start_app "$app" -a ::1
        [ "$FIRST_LINE" = "listening on [::1]:$PORT" ]
        client -a ::1 'ann connect'
        stop_server
    done
}

# ---- rest, descriptors, idle time ----

@test "$NAME chat: rests while a few clients say nothing" {
    start_chat
    play 'ann bob cy' 'mark' 'pass 600' 'cpu-below 5'
}

@test "$NAME game: rests while a few clients say nothing" {
    start_game
    play_game 'ann bob cy' 'mark' 'pass 300' 'cpu-below 5'
}

@test "$NAME ticker: rests between two ticks" {
    start_ticker -t 200
    play 'ann bob' 'ann tell {"type":"subscribe","symbols":["AAPL","TSLA"]}' \
        'ann hear {"type":"snapshot",*}' 'mark' 'pass 500' 'cpu-below 5'
}

@test "$NAME binary: rests while clients have sent half a frame" {
    start_binary
    client 'ann*5 connect' 'ann send \0\0\0\x05\0' 'pass 50' 'mark' 'pass 300' 'cpu-below 5'
}

@test "$NAME chat: rests when descriptors run out, and takes others later" {
    LIMIT=32
    start_chat
    client 'crowd*60 connect' 'crowd answered-at-least 15' 'crowd answered-at-most 32' \
        'mark' 'pass 500' 'cpu-below 5' 'crowd close-answered 15' 'crowd answered-at-least 30'
}

# Its output is a pipe, which stays open and takes 64 KiB at most.
@test "$NAME chat: serves on while nobody reads what it prints" {
    start_chat
    exec 6<"$BATS_TEST_TMPDIR/stdout"
    play 'ann' 'ann rounds 3000 {"type":"chat","text":"hi"}' "ann tell $WHO" \
        "ann hear $(in_general User_1)"
    exec 6<&-
}

@test "$NAME chat: asks nobody for the names of its clients" {
    local log="$BATS_TEST_TMPDIR/calls"
    need_strace
    WRAPPER="strace -D -f -o '$log' -e trace=listen,?open,openat,socket,connect"
    start_chat
    play 'ann bob' "bob tell $WHO" "bob hear $(in_general User_1 User_2)"
    stop_server
    holds 'listen(' "$log"
    sed '1,/listen(/d' "$log" >"$BATS_TEST_TMPDIR/serving"
    run grep -E 'socket\(|connect\(|hosts|nsswitch|resolv' "$BATS_TEST_TMPDIR/serving"
    echo "$output"
    [ "$status" -eq 1 ]
}

@test "$NAME all: leave no descriptor behind when clients come and go" {
    start_chat
    play 'ann' 'mark' 'crowd*50 connect' "crowd hear $WELCOME" 'crowd close' \
        'descriptors-same' 'crowd*50 connect' "crowd hear $WELCOME" 'crowd reset' \
        'descriptors-same'
    stop_server
    start_game
    play_game 'ann' 'mark' 'crowd*50 connect' "crowd hear $WELCOME" 'crowd close' \
        'descriptors-same'
    stop_server
    start_ticker
    play 'ann' 'mark' 'crowd*50 connect' "crowd hear $WELCOME" 'crowd half-close' \
        'crowd end' 'descriptors-same'
    stop_server
    start_binary
    client 'ann connect' 'ann send \0\0\0\0\0\x01' 'ann expect \0\0\0\x0b\0\x01🚀 Echo: ' \
        'mark' 'crowd*50 connect' 'crowd send \0\0\0\0\0\x01' \
        'crowd expect \0\0\0\x0b\0\x01🚀 Echo: ' 'crowd reset' 'descriptors-same'
}

@test "$NAME chat: -i 1 closes who says nothing for a second, and nobody else" {
    start_chat -i 1
    play 'ann bob cy' \
        'ann silent 500' "bob tell $WHO" 'bob hear *' 'cy send \n{' \
        'pass 300' "bob tell $WHO" 'bob hear *' 'cy send "type"' \
        'pass 300' "bob tell $WHO" 'bob hear *' 'cy send :' \
        'ann end' 'pass 300' "bob tell $WHO" "bob hear $(in_general User_2 User_3)" \
        'cy send "who"}\n' "cy hear $(in_general User_2 User_3)"
}

# Ann is due half a second after bob has come, and bob three seconds later.
@test "$NAME chat: -i 3 closes each client when it is due, whoever else comes" {
    start_chat -i 3
    play ann 'pass 2500' 'bob connect' "bob hear $WELCOME" 'ann gone 1800' "bob tell $WHO" \
        "bob hear $(in_general User_2)" 'mark' 'pass 500' 'cpu-below 20' 'bob gone 5000'
}

# Whom something is sent to is there, as long as it is taken.
@test "$NAME chat: -i 2 keeps who hears something, and says nothing" {
    start_chat -i 2
    local says=('ann tell {"type":"chat","text":"x"}' "ann hear $(said User_1 x)"
        "bob hear $(said User_1 x)" 'pass 700')
    play 'ann bob' "${says[@]}" "${says[@]}" "${says[@]}" "${says[@]}" \
        "ann tell $WHO" "ann hear $(in_general User_1 User_2)"
}

@test "$NAME binary: -i 1 closes who sends half a frame and then nothing" {
    start_binary -i 1
    client 'ann connect' 'ann send \0\0\0\x05\0\x01ab' 'ann silent 600' 'ann end'
}

# ---- coming and going ----

@test "$NAME all: never give an id a second time" {
    start_chat
    play 'ann bob' 'bob close' "ann tell $WHO" 'ann hear *' 'cy connect' \
        'cy hear {"type":"welcome","id":"User_3",*' 'ann half-close' 'ann end' 'cy close' \
        'dan connect' 'dan hear {"type":"welcome","id":"User_4",*'
    stop_server
    start_game
    play_game 'ann bob' 'bob close' "ann hear $(state Player_1 0 0 0)" 'cy connect' \
        'cy hear {"type":"welcome","id":"Player_3"}'
    stop_server
    start_ticker
    play 'ann bob' 'bob half-close' 'bob end' 'cy connect' \
        'cy hear {"type":"welcome","client_id":"Trader_3",*'
}

@test "$NAME chat: with -m 2 a third client waits until there is a place" {
    start_chat -m 2
    play 'ann bob' 'cy connect' "cy tell $WHO" 'mark' 'cy silent 300' 'cpu-below 5' \
        "bob tell $WHO" "bob hear $(in_general User_1 User_2)" 'ann close' \
        'cy hear {"type":"welcome","id":"User_3",*' "cy hear $(in_general User_2 User_3)" \
        'dan connect' 'dan silent 100' 'cy reset' 'dan hear {"type":"welcome","id":"User_4",*'
}

@test "$NAME chat: with -m 2 two of five who come at once are served" {
    start_chat -m 2
    client 'signal STOP' 'crowd*5 connect' 'signal CONT' 'crowd answered 2 200' \
        'crowd close-answered 1' 'crowd answered 3 100'
}

# Of epoll_ctl the first two are for the stop and the listening socket, the third for ann; then
# the listening socket goes, ann goes, and it comes again.
@test "$NAME chat: with -m 1 it takes others though it could not listen again at first" {
    [ "${BACKEND-}" = epoll ] || skip 'where it waits with epoll'
    note_calls -f epoll_ctl:6:ENOMEM
    start_chat -m 1
    play ann 'ann close' 'bob connect' "bob hear $WELCOME"
    stop_server
    holds ENOMEM "$CALLS"
}

@test "$NAME binary: with -m 1 a second client waits until there is a place" {
    start_binary -m 1
    client 'ann connect' 'ann send \0\0\0\0\0\x03' 'ann expect \0\0\0\x0a\0\x03✨ Echo: ' \
        'bob connect' 'bob send \0\0\0\0\0\x03' 'bob silent 200' 'ann close' \
        'bob expect \0\0\0\x0a\0\x03✨ Echo: '
}

@test "$NAME chat: after a half-close all that is owed still comes, then the end" {
    local i steps=() text
    text=$(printf '%01000d' 0)
    for ((i = 0; i < 30; i++)); do steps+=('ann hear {"type":"history",*}'); done
    start_chat
    play 'bob' "bob rounds 100 {\"type\":\"chat\",\"text\":\"$text\"}" 'ann connect-small' \
        "ann hear $WELCOME" "ann send $(repeat 30 '{"type":"history"}\n'){\"type\"" \
        'ann half-close' 'pass 50' "${steps[@]}" 'ann end' \
        "bob tell $WHO" "bob hear $(in_general User_1)"
}

@test "$NAME chat: what is said before a half-close is seen still comes" {
    start_chat
    play 'bob ann' 'signal STOP' 'bob tell {"type":"chat","text":"bye"}' 'ann half-close' \
        'signal CONT' "ann hear $(said User_1 bye)" 'ann end'
}

@test "$NAME game: after a half-close the answers still come, then the end" {
    start_game
    play_game 'ann bob' \
        'ann send {"type":"score","points":2}\n{"type":"move","dx":3}\n' 'ann half-close' \
        "ann hear $(state Player_1 0 0 2 Player_2 0 0 0)" \
        "ann hear $(state Player_1 3 0 2 Player_2 0 0 0)" 'ann end' \
        "bob hear $(state Player_1 0 0 2 Player_2 0 0 0)" \
        "bob hear $(state Player_1 3 0 2 Player_2 0 0 0)" \
        "bob hear $(state Player_2 0 0 0)"
}

@test "$NAME chat: a client that ends in the middle of a line leaves no trace" {
    start_chat
    play 'ann bob cy dan' 'bob send {"type":"chat","text":"lost"}' 'bob close' \
        'cy send {"type":"chat","text":"lost"}' 'cy reset' \
        'dan send {"type":"chat","text":"lost"}' 'dan half-close' 'dan end' \
        'pass 50' "ann tell $WHO" "ann hear $(in_general User_1)" \
        'eve connect' "eve hear $WELCOME" 'eve tell {"type":"chat","text":"hi"}' \
        "ann hear $(said User_5 hi)"
}

@test "$NAME chat: messages to who is gone within the same batch harm nobody" {
    start_chat
    play 'ann bob cy dan eve' 'signal STOP' 'bob reset' \
        'ann tell {"type":"chat","text":"1"}' 'cy send {"type":"chat","text":"2"}\n' \
        'cy reset' 'eve reset' 'dan tell {"type":"chat","text":"3"}' 'signal CONT' \
        "ann hear-until $(said User_1 1)" "ann hear-until $(said User_4 3)" \
        "dan hear-until $(said User_1 1)" "dan hear-until $(said User_4 3)" \
        'pass 50' "ann tell $WHO" "ann hear $(in_general User_1 User_4)" \
        'cy connect' 'cy hear {"type":"welcome","id":"User_6",*'
}

@test "$NAME game: players that leave and move within one batch harm nobody" {
    start_game
    play_game 'ann bob cy dan' 'signal STOP' 'cy reset' 'bob tell {"type":"move","dx":1}' \
        'bob close' 'ann tell {"type":"score","points":1}' 'dan half-close' 'signal CONT' \
        "ann hear-until $(state Player_1 0 0 1)"
}

@test "$NAME chat: those who stay hear everything while others leave" {
    local i steps=()
    for ((i = 1; i <= 20; i++)); do steps+=("stay hear *\"message\":\"bye\"*"); done
    start_chat
    play 'ann' 'stay*10 connect' "stay hear $WELCOME" 'go*20 connect' "go hear $WELCOME" \
        'signal STOP' 'go send {"type":"chat","text":"bye"}\n' 'go half-close' 'signal CONT' \
        "${steps[@]}" 'go gone' 'ann tell {"type":"chat","text":"end"}' \
        "stay hear $(said User_1 end)" 'stay tell {"type":"who"}' \
        "stay hear $(in_general User_1 User_2 User_3 User_4 User_5 User_6 User_7 User_8 \
            User_9 User_10 User_11)"
}

# ---- slow readers ----

@test "$NAME chat: -q bounds what waits for who reads too slowly, others go on" {
    local text
    text=$(printf '%01000d' 0)
    start_chat -q 16384
    play 'bob' "bob rounds 200 {\"type\":\"chat\",\"text\":\"$text\"}" \
        'slow*8 connect-small' "slow hear $WELCOME" 'mark' \
        "bob rounds 4000 {\"type\":\"chat\",\"text\":\"$text\"}" "$(memory_below 1024)" \
        "bob tell $WHO" "bob hear $(in_general User_1)" 'slow gone'
}

@test "$NAME chat: requests wait while their sender does not read the answers" {
    local i steps=() text
    text=$(printf '%01000d' 0)
    for ((i = 0; i < 60; i++)); do steps+=('slow hear {"type":"history",*}'); done
    start_chat -q 16384
    play 'bob' "bob rounds 100 {\"type\":\"chat\",\"text\":\"$text\"}" 'slow connect-small' \
        "slow hear $WELCOME" 'bob tell {"type":"history"}' 'bob hear *' 'mark' \
        "slow send $(repeat 60 '{"type":"history"}\n')" 'pass 100' "$(memory_below 1024)" \
        "bob tell $WHO" "bob hear $(in_general User_1 User_2)" 'mark' 'pass 200' 'cpu-below 5' \
        "${steps[@]}" "slow tell $WHO" "slow hear $(in_general User_1 User_2)"
}

@test "$NAME chat: -q keeps who has room in its queue, and sends it all at last" {
    local text
    text=$(printf '%01000d' 0)
    start_chat -q 8000000
    play 'bob' 'slow connect-small' "slow hear $WELCOME" \
        "bob rounds 4000 {\"type\":\"chat\",\"text\":\"$text\"}" \
        'bob tell {"type":"chat","text":"end"}' "slow hear $(said User_1 "$text")" \
        "slow hear-until $(said User_1 end)" \
        "slow tell $WHO" "slow hear $(in_general User_1 User_2)"
}

@test "$NAME chat: with a small -q a client that reads at once stays" {
    local line
    line="{\"type\":\"chat\",\"text\":\"$(printf '%01000d' 0)\"}\\n"
    start_chat -q 1024
    play 'ann bob' "bob send $line$line$line" 'ann hear *' 'ann hear *' 'ann hear *' \
        "ann tell $WHO" "ann hear $(in_general User_1 User_2)"
}

@test "$NAME chat: a send that has no room is tried again when there is room, without a rest" {
    note_calls -f send:2:EAGAIN
    start_chat -i 0
    play ann "ann tell $WHO" "ann hear $(in_general User_1)"
    stop_server
    is 'how long it waits' ever "$(waits_in "$CALLS" | grep -vx close | sort -u)"
}

# The first two are for the welcomes.
@test "$NAME chat: what all are to hear comes whole, though it could not be sent at once" {
    need_narrator
    local plan
    for plan in send:3-4:EAGAIN send:3-4:short=5; do
        echo "$plan"
        WRAPPER="common/narrate -n -f $plan"
        start_chat
        play 'ann bob' 'ann tell {"type":"chat","text":"hi"}' "ann hear $(said User_1 hi)" \
            "bob hear $(said User_1 hi)" "bob tell $WHO" "bob hear $(in_general User_1 User_2)"
        stop_server
    done
}

# The sender's own come one by one, because each waits until what was before it is sent.
@test "$NAME chat: what many messages of one segment make is sent to the others at once" {
    local sends
    note_calls
    start_chat
    play 'ann bob' "ann send $(repeat 50 '{"type":"chat","text":"hi"}\n')" \
        "ann tell $WHO" "ann hear-until $(in_general User_1 User_2)" \
        "bob tell $WHO" "bob hear-until $(in_general User_1 User_2)"
    stop_server
    sends=$(grep -c ' send(' "$CALLS")
    echo "$sends calls of send"
    [ "$sends" -le 80 ]
}

# Bob is owed more than goes out before a batch is done, 8192 bytes, and takes half of that.
@test "$NAME chat: what is said after a part of it could not be sent comes in order" {
    need_narrator
    local i hears=() segment='' text
    text=$(repeat 99 1234567890)
    for i in {0..8}; do
        segment="$segment{\"type\":\"chat\",\"text\":\"$i$text\"}\n"
        hears+=("bob hear $(said User_1 "$i$text")")
    done
    WRAPPER='common/narrate -n -f send:*:short=4000'
    start_chat -q 8192
    play 'ann bob' "ann send $segment" "${hears[@]}" "bob tell $WHO" \
        "bob hear $(in_general User_1 User_2)"
}

@test "$NAME game: disconnects players that read too slowly, and tells the others" {
    start_game -q 16384
    play_game 'bob' 'mark' 'slow*20 connect-small' "slow hear $WELCOME" \
        'bob rounds 4000 {"type":"move","dx":0}' 'bob tell {"type":"score","points":1}' \
        "bob hear-until $(state Player_1 0 0 1)" 'descriptors-same' 'slow gone'
}

@test "$NAME binary: rests while a client does not read, and answers all at last" {
    local i frames answers sends=() expects=()
    frames=$(repeat 1000 '\0\0\0\x02\0\x01ab')
    answers=$(repeat 1000 '\0\0\0\x0d\0\x01🚀 Echo: ab')
    for ((i = 0; i < 20; i++)); do
        sends+=("slow send $frames")
        expects+=("slow expect $answers")
    done
    start_binary -q 1024
    client 'bob connect' 'slow connect-small' 'mark' "${sends[@]}" \
        'bob send \0\0\0\0\0\x01' 'bob expect \0\0\0\x0b\0\x01🚀 Echo: ' \
        'pass 300' 'mark' 'pass 1000' 'cpu-below 5' "$(memory_below 512)" "${expects[@]}" \
        'slow half-close' 'slow end'
}
