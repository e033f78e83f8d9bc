#!/usr/bin/env bats
# From bytes to messages, in the three applications that speak JSON: lines, JSON, errors.

load apps

@test "$NAME chat: ignores a return before the line's end, and empty lines" {
    start_chat
    play 'ann' 'ann send \n\r\n\n{"type":"who"}\r\n\r\n\n' "ann hear $(in_general User_1)" \
        'ann send {"type":"join_room",\r"room":"tech"}\r\n' 'ann hear {"type":"room_changed",*}'
}

@test "$NAME chat: reads many messages that come in one segment" {
    start_chat
    play 'ann' \
        'ann send {"type":"chat","text":"a"}\n{"type":"who"}\n{"type":"chat","text":"b"}\n{"type"' \
        "ann hear $(said User_1 a)" "ann hear $(in_general User_1)" \
        "ann hear $(said User_1 b)" \
        'ann send :"who"}\n' "ann hear $(in_general User_1)"
}

@test "$NAME chat: answers 100 messages of one segment in order, without a rate limit" {
    local i segment='' steps=()
    for ((i = 0; i < 100; i++)); do
        segment="$segment{\"type\":\"chat\",\"text\":\"$i\"}\\n"
        steps+=("ann hear $(said User_1 $i)")
    done
    start_chat
    play 'ann' "ann send $segment" "${steps[@]}"
}

@test "$NAME chat: reads a message that comes a byte at a time" {
    start_chat
    play 'ann bob' 'ann drip {"type":"chat","text":"🦀\\u00e9"}\r\n 1' \
        "ann hear $(said User_1 🦀é)" "bob hear $(said User_1 🦀é)"
}

# What is kept of a client begins with 64 bytes. Here it is 63, the first of which is taken, and
# then two more come. A sanitizer sees if they are written behind the end.
@test "$NAME chat: a line of which the rest comes behind an empty line fits" {
    start_chat
    play 'ann bob' "ann send \n{\"type\":\"who\"$(repeat 49 ' ')" "bob tell $WHO" \
        "bob hear $(in_general User_1 User_2)" 'ann send }\n' \
        "ann hear $(in_general User_1 User_2)"
}

@test "$NAME chat: takes every JSON escape and sends raw UTF-8" {
    start_chat
    play 'ann' \
        'ann tell {"type":"chat","text":"\u0041\ud83e\uDD80\u00E9\u20ac|\"\\\/\b\f\n\r\t"}' \
        "ann hear $(said User_1 'A🦀é€|\"\\/\b\f\n\r\t')" \
        'ann tell { "\u0074ype" : "set_\u0065moji" , "emoji":"\ud83d\ude80", "more":[{},1.5e3] }' \
        'ann hear {"type":"emoji_changed","emoji":"🚀"}'
}

@test "$NAME chat: escapes U+0000 and control characters in what it sends" {
    start_chat
    play 'ann bob' 'ann tell {"type":"chat","text":"a\u0000b\u0001c\u001fd"}' \
        "ann hear $(said User_1 'a\u0000b\u0001c\u001fd')" \
        "bob hear $(said User_1 'a\u0000b\u0001c\u001fd')" \
        'ann tell {"type":"set_emoji","emoji":"\u0000"}' \
        'ann hear {"type":"emoji_changed","emoji":"\u0000"}' \
        'bob tell {"type":"history"}' 'bob hear *"message":"a\u0000b\u0001c\u001fd"*'
}

@test "$NAME chat: takes a name that comes twice at its last value" {
    start_chat
    play 'ann' 'ann tell {"type":"chat","text":"a","type":"who"}' \
        "ann hear $(in_general User_1)" \
        'ann tell {"type":"chat","text":1,"text":"b"}' "ann hear $(said User_1 b)" \
        'ann tell {"type":"chat","text":"b","text":1}' "ann hear $(error bad_message)"
}

@test "$NAME chat: answers what is no JSON with bad_json" {
    start_chat
    refusals ann bad_json 'nonsense' '{' '{"type":"who"' '{"type":"who}' '{"type"}' \
        '{"type":}' '{"type":"who",}' '{"type":"who"} {"type":"who"}' '{"type":"who"}x' \
        '{type:"who"}' "{'type':'who'}" '{"type":"who","x":[1,]}' '{"type":"who","x":01}' \
        '{"type":"who","x":+1}' '{"type":"who","x":.5}' '{"type":"who","x":1.}' \
        '{"type":"who","x":NaN}' '{"type":"who","x":True}' '{"type":"who","x":"\x41"}' \
        '{"type":"who","x":"\u12g4"}' '{"type":"who","x":"\ud83e"}' \
        '{"type":"who","x":"\udd80\ud83e"}' '{"type":"who","x":"\ud83e\u0041"}' \
        '{"type":"who"}//' ' ' '[' ']' '"who'
    play 'ann' "${STEPS[@]}" "ann tell $WHO" "ann hear $(in_general User_1)"
}

@test "$NAME chat: answers invalid UTF-8 and raw control characters with bad_json" {
    local bytes steps=()
    for bytes in '\xff' 'a\x80' '\xc0\x80' '\xc3' '\xe2\x82' '\xed\xa0\x80' \
        '\xf4\x90\x80\x80' '\xf0\x80\x80\x80' '\0' '\t' '\x1f'; do
        steps+=("ann send {\"type\":\"chat\",\"text\":\"$bytes\"}\\n"
            "ann hear $(error bad_json)")
    done
    start_chat
    play 'ann bob' "${steps[@]}" 'ann send {"type":"who"}\0\n' "ann hear $(error bad_json)" \
        'ann send \xef\xbb\xbf{"type":"who"}\n' "ann hear $(error bad_json)" \
        'ann tell {"type":"chat","text":"x"}' "bob hear $(said User_1 x)"
}

@test "$NAME chat: reads JSON 16 deep and refuses it 17 deep" {
    start_chat
    play 'ann' "ann tell {\"type\":\"who\",\"x\":$(repeat 15 '[')$(repeat 15 ']')}" \
        "ann hear $(in_general User_1)" \
        "ann tell {\"type\":\"who\",\"x\":$(repeat 16 '[')$(repeat 16 ']')}" \
        "ann hear $(error bad_json)" \
        "ann tell $(repeat 16 '{"type":')1$(repeat 16 '}')" "ann hear $(error bad_message)" \
        "ann tell $(repeat 17 '{"type":')1$(repeat 17 '}')" "ann hear $(error bad_json)" \
        "ann tell $(repeat 4000 '[')" "ann hear $(error bad_json)" \
        "ann tell $WHO" "ann hear $(in_general User_1)"
}

@test "$NAME chat: -d 2 reads JSON 2 deep and refuses it 3 deep" {
    start_chat -d 2
    play 'ann' 'ann tell {"type":"who","x":[1],"y":{}}' "ann hear $(in_general User_1)" \
        'ann tell {"type":"who","x":[[1]]}' "ann hear $(error bad_json)"
}

@test "$NAME chat: answers JSON that is no message with bad_message" {
    start_chat
    refusals ann bad_message '[]' '[{"type":"who"}]' '["type","who"]' '1' '-0.5e-3' '"who"' \
        'true' 'null' '{}' '{"Type":"who"}' '{"x":{"type":"who"}}' '{"type":null}' '{"type":1}' \
        '{"type":true}' '{"type":["who"]}' '{"type":{"type":"who"}}'
    play 'ann' "${STEPS[@]}" "ann tell $WHO" "ann hear $(in_general User_1)"
}

@test "$NAME all: answer a type that they do not know with unknown_type" {
    start_chat
    refusals ann unknown_type '{"type":"move","dx":1}' '{"type":""}' '{"type":"Who"}' \
        '{"type":"who\u0000"}' '{"type":"whom","type":"wh"}'
    play 'ann' "${STEPS[@]}"
    stop_server
    start_game
    refusals ann unknown_type '{"type":"chat","text":"x"}' '{"type":""}' '{"type":"scores"}'
    play_game 'ann' "${STEPS[@]}"
    stop_server
    start_ticker
    refusals ann unknown_type '{"type":"who"}' '{"type":""}' '{"type":"snapshot"}'
    play 'ann' "${STEPS[@]}"
}

@test "$NAME chat: reads a line of 4096 bytes, its end not counted" {
    local line
    line=$(printf '%-4096s' "$WHO")
    start_chat
    play 'ann' "ann tell $line" "ann hear $(in_general User_1)" \
        "ann send $line\\r\\n" "ann hear $(in_general User_1)" \
        "ann send $line" 'pass 50' 'ann send \r' 'pass 50' 'ann send \n' \
        "ann hear $(in_general User_1)"
}

@test "$NAME chat: answers a line of 4097 bytes with line_too_long and ends" {
    start_chat
    play 'ann bob' "ann tell $WHO" "ann tell $(printf '%-4097s' "$WHO")" "ann tell $WHO" \
        "ann hear $(in_general User_1 User_2)" "ann hear $(error line_too_long)" 'ann end' \
        "bob tell $WHO" "bob hear $(in_general User_2)"
}

@test "$NAME chat: answers a long line that does not end with line_too_long and ends" {
    start_chat
    play 'ann' "ann send $(printf '%04097d' 0)" "ann hear $(error line_too_long)" 'ann end'
}

@test "$NAME all: -l sets the longest line" {
    local app
    for app in chat game ticker; do
        start_app "$app" -l 64
        client 'ann connect' "ann hear $WELCOME" "ann tell $(printf '%-64s' '{"type":"x"}')" \
            "ann hear-until $(error unknown_type)" "ann tell $(printf '%-65s' '{"type":"x"}')" \
            "ann hear $(error line_too_long)" 'ann end'
        stop_server
    done
    start_chat -l 10000
    play 'ann' "ann tell $(printf '%-10000s' "$WHO")" "ann hear $(in_general User_1)"
}

@test "$NAME chat: line_too_long arrives though the client keeps sending" {
    local more
    more=$(printf '%060000d' 0)
    start_chat
    play 'ann bob' 'signal STOP' "ann send $more" "ann send $more" 'signal CONT' \
        "ann send $more" "ann send $more" "ann send $more" 'pass 100' "ann send $more" \
        "ann hear $(error line_too_long)" 'ann end' \
        "bob tell $WHO" "bob hear $(in_general User_2)"
}

@test "$NAME chat: after line_too_long comes nothing more, whatever others say" {
    start_chat
    play 'ann bob' 'signal STOP' "ann send $(printf '%05000d' 0)" \
        'bob tell {"type":"chat","text":"hi"}' 'signal CONT' \
        "ann hear $(error line_too_long)" 'ann end' "bob hear $(said User_2 hi)"
}

@test "$NAME chat: line_too_long comes, though it could not be sent at once" {
    need_narrator
    WRAPPER='common/narrate -n -f send:2:ENOBUFS' # the first is for the welcome
    start_chat
    play ann "ann send $(printf '%05000d' 0)" "ann hear $(error line_too_long)" 'ann end'
}

# Two seconds are left to a client to read what it is told, and to end.
@test "$NAME chat: after line_too_long who does not end is closed, and with -i 0 nobody else" {
    start_chat -i 0
    play bob 'mark' 'ann connect' "ann hear $WELCOME" "ann send $(printf '%05000d' 0)" \
        "ann hear $(error line_too_long)" 'ann end' 'pass 3000' 'descriptors-same' \
        "bob tell $WHO" "bob hear $(in_general User_1)"
}

# Its own end tells the client that no more comes; what was sent before that is read.
@test "$NAME chat: after line_too_long the server's end comes at once, and nothing is kept" {
    note_calls
    start_chat
    play ann "ann send $(printf '%05000d' 0)" "ann hear $(error line_too_long)" 'ann end'
    grep 'shutdown(.*WR' "$CALLS"
    # It may be reset before all of it is sent.
    run play ann "ann send $(printf '%05000d' 0)" 'ann pour 30000000'
    if [ -r "/proc/$SERVER_PID/status" ] && [ -z "${SANITIZER-}" ]; then
        awk '/VmHWM/ { print; exit $2 > 20000 }' "/proc/$SERVER_PID/status"
    fi
}

@test "$NAME chat: after an error all is as before, and nobody else hears of it" {
    refusals ann bad_message '{"type":"chat"}' '{"type":"chat","text":7}' \
        '{"type":"set_emoji","emoji":""}' '{"type":"join_room"}'
    start_chat
    play 'ann bob' 'bob tell {"type":"join_room","room":"tech"}' 'bob hear *' \
        'ann tell {"type":"join_room","room":"tech"}' 'ann hear *' \
        'ann tell {"type":"set_emoji","emoji":"🦀"}' 'ann hear *' \
        "${STEPS[@]}" 'ann tell {"type":"join_room","room":"attic"}' \
        "ann hear $(error unknown_room)" 'ann tell {"type":"chat","text":"lost"' \
        "ann hear $(error bad_json)" 'bob silent 100' \
        'ann tell {"type":"chat","text":"hi"}' "bob hear $(said User_1 hi 🦀 tech)" \
        'bob tell {"type":"history"}' \
        "bob hear $(history_of tech "$(said User_1 hi 🦀 tech)")" \
        "bob tell $WHO" "bob hear $(in_room tech User_1 🦀 User_2 😀)"
}
