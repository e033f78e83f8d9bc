#!/usr/bin/env bats
# What the chat promises on the wire.

load apps

@test "$NAME chat: welcomes a user with the rooms and the time in UTC" {
    local before after stamp rest
    WRAPPER='env TZ=XYZ-9'
    start_chat
    before=$(date -u +%Y-%m-%dT%H:%M:%S)
    run client 'ann connect' 'ann show 1' 'bob connect' 'ann silent 50' \
        'bob hear {"type":"welcome","id":"User_2","message":"Welcome User_2!",*'
    after=$(date -u +%Y-%m-%dT%H:%M:%S)
    [ "$status" -eq 0 ]
    rest='"rooms":\["general","gaming","tech"\],"timestamp":"'$STAMP'"'
    matches "$output" '\{"type":"welcome","id":"User_1","message":"Welcome User_1!",'"$rest"'\}'
    stamp=${output##*:\"}
    stamp=${stamp%%.*}
    printf '%s\n' "$before" "$stamp" "$after" | LC_ALL=C sort -c
}

@test "$NAME chat: everyone in the room gets a message, the sender too" {
    start_chat
    play 'ann bob cy' 'ann tell {"type":"chat","text":"hi"}' "ann hear $(said User_1 hi)" \
        "bob hear $(said User_1 hi)" "cy hear $(said User_1 hi)" \
        'bob tell {"type":"chat","text":"ho"}' "ann hear $(said User_2 ho)" \
        "bob hear $(said User_2 ho)" "cy hear $(said User_2 ho)" 'ann silent 50' 'cy silent 50'
}

@test "$NAME chat: a message has the sender's emoji, the room and the time" {
    local rest='"emoji":"😀","room":"general","timestamp":"'$STAMP'"'
    start_chat
    run play 'ann' 'ann tell {"type":"chat","text":"hi"}' 'ann show 1'
    [ "$status" -eq 0 ]
    matches "$output" '\{"type":"chat","user":"User_1","message":"hi",'"$rest"'\}'
}

@test "$NAME chat: who changes the room hears that room alone, and is heard there" {
    start_chat
    play 'ann bob cy' 'bob tell {"type":"join_room","room":"tech"}' \
        'bob hear {"type":"room_changed","room":"tech","message":"*"}' \
        'cy tell {"type":"join_room","room":"gaming"}' \
        'cy hear {"type":"room_changed","room":"gaming","message":"*"}' \
        'ann silent 50' 'ann tell {"type":"chat","text":"1"}' "ann hear $(said User_1 1)" \
        'bob tell {"type":"chat","text":"2"}' "bob hear $(said User_2 2 😀 tech)" \
        'cy tell {"type":"join_room","room":"tech"}' 'cy hear {"type":"room_changed",*' \
        'bob tell {"type":"chat","text":"3"}' "cy hear $(said User_2 3 😀 tech)" \
        "bob hear $(said User_2 3 😀 tech)" \
        'cy tell {"type":"join_room","room":"general"}' \
        'cy hear {"type":"room_changed","room":"general","message":"*"}' \
        'ann tell {"type":"chat","text":"4"}' "cy hear $(said User_1 4)" \
        "ann hear $(said User_1 4)" 'bob silent 50'
}

@test "$NAME chat: of what is said at once in two rooms, each hears the own room's" {
    start_chat
    play 'ann bob dan' 'dan tell {"type":"join_room","room":"tech"}' 'dan hear *' 'signal STOP' \
        'ann tell {"type":"chat","text":"one"}' 'dan tell {"type":"chat","text":"two"}' \
        'bob tell {"type":"chat","text":"three"}' 'signal CONT' \
        "ann hear $(said User_1 one)" "ann hear $(said User_2 three)" \
        "bob hear $(said User_1 one)" "bob hear $(said User_2 three)" \
        "dan hear $(said User_3 two 😀 tech)" "ann tell $WHO" "ann hear $(in_general User_1 User_2)"
}

@test "$NAME chat: refuses a room that there is not with unknown_room" {
    start_chat
    refusals ann unknown_room '{"type":"join_room","room":"attic"}' \
        '{"type":"join_room","room":""}' '{"type":"join_room","room":"Tech"}' \
        '{"type":"join_room","room":"tech\u0000"}' '{"type":"join_room","room":"tec"}'
    play 'ann bob' "${STEPS[@]}" 'bob tell {"type":"chat","text":"hi"}' \
        "ann hear $(said User_2 hi)"
}

@test "$NAME chat: refuses fields that are missing or of another type" {
    start_chat
    refusals ann bad_message '{"type":"chat"}' '{"type":"chat","message":"hi"}' \
        '{"type":"chat","text":null}' '{"type":"chat","text":5}' '{"type":"chat","text":["hi"]}' \
        '{"type":"join_room"}' '{"type":"join_room","room":1}' \
        '{"type":"join_room","room":{"room":"tech"}}' '{"type":"set_emoji"}' \
        '{"type":"set_emoji","emoji":false}' '{"type":"set_emoji","emoji":[]}'
    play 'ann bob' "${STEPS[@]}" "bob tell $WHO" "bob hear $(in_general User_1 User_2)"
}

@test "$NAME chat: says what a field has to be, and whether it is missing" {
    start_chat
    play ann 'ann tell {"type":"chat"}' \
        'ann hear {"type":"error","code":"bad_message","message":"text is missing: it is a string"}' \
        'ann tell {"type":"chat","text":5}' \
        'ann hear {"type":"error","code":"bad_message","message":"text has to be a string"}'
}

@test "$NAME chat: takes a text of 1 to 1000 bytes of UTF-8" {
    local crabs
    crabs=$(repeat 250 🦀)
    start_chat
    refusals ann bad_message '{"type":"chat","text":""}' \
        "{\"type\":\"chat\",\"text\":\"$(printf '%01001d' 0)\"}" \
        "{\"type\":\"chat\",\"text\":\"${crabs}x\"}" \
        "{\"type\":\"chat\",\"text\":\"$(repeat 250 '\ud83e\udd80')x\"}"
    play 'ann bob' "${STEPS[@]}" 'ann tell {"type":"chat","text":"x"}' \
        "bob hear $(said User_1 x)" "ann tell {\"type\":\"chat\",\"text\":\"$crabs\"}" \
        "bob hear $(said User_1 "$crabs")" \
        "ann tell {\"type\":\"chat\",\"text\":\"$(repeat 250 '\ud83e\udd80')\"}" \
        "bob hear $(said User_1 "$crabs")" \
        "ann tell {\"type\":\"chat\",\"text\":\"$(printf '%01000d' 0)\"}" \
        "bob hear $(said User_1 "$(printf '%01000d' 0)")"
}

@test "$NAME chat: takes an emoji of 1 to 32 bytes, which the next messages have" {
    local crabs
    crabs=$(repeat 8 🦀)
    start_chat
    refusals ann bad_message '{"type":"set_emoji","emoji":""}' \
        "{\"type\":\"set_emoji\",\"emoji\":\"${crabs}x\"}"
    play 'ann bob' 'ann tell {"type":"set_emoji","emoji":"🦀"}' \
        'ann hear {"type":"emoji_changed","emoji":"🦀"}' "${STEPS[@]}" \
        'ann tell {"type":"chat","text":"hi"}' "bob hear $(said User_1 hi 🦀)" \
        "ann hear $(said User_1 hi 🦀)" "ann tell {\"type\":\"set_emoji\",\"emoji\":\"$crabs\"}" \
        "ann hear {\"type\":\"emoji_changed\",\"emoji\":\"$crabs\"}" \
        'ann tell {"type":"set_emoji","emoji":"x"}' \
        'ann hear {"type":"emoji_changed","emoji":"x"}' \
        'bob tell {"type":"chat","text":"hi"}' "bob hear $(said User_2 hi)" \
        "ann hear $(said User_2 hi)" 'ann tell {"type":"join_room","room":"tech"}' \
        'ann hear *' 'ann tell {"type":"chat","text":"hi"}' "ann hear $(said User_1 hi x tech)"
}

@test "$NAME chat: who lists the users of the own room, in order, with their emojis" {
    start_chat
    play 'ann bob cy dan' 'bob tell {"type":"join_room","room":"tech"}' 'bob hear *' \
        'dan tell {"type":"set_emoji","emoji":"🦀"}' 'dan hear *' "cy tell $WHO" \
        "cy hear $(in_room general User_1 😀 User_3 😀 User_4 🦀)" \
        "bob tell $WHO" "bob hear $(in_room tech User_2 😀)" \
        'ann silent 50'
}

@test "$NAME chat: the history is empty at first, in every room" {
    local room
    start_chat
    for room in general gaming tech; do
        play 'ann' "ann tell {\"type\":\"join_room\",\"room\":\"$room\"}" 'ann hear *' \
            'ann tell {"type":"history"}' \
            "ann hear $(history_of "$room")"
    done
}

@test "$NAME chat: the history has the room's messages as they were sent" {
    start_chat
    run play 'ann bob' 'bob tell {"type":"join_room","room":"tech"}' 'bob hear *' \
        'bob tell {"type":"chat","text":"elsewhere"}' 'bob hear *' \
        'ann tell {"type":"chat","text":"a\n\"b\""}' 'ann show 1' \
        'ann tell {"type":"set_emoji","emoji":"🦀"}' 'ann hear *' \
        'ann tell {"type":"chat","text":"c"}' 'ann show 1' \
        'ann close' 'cy connect' "cy hear $WELCOME" 'cy tell {"type":"history"}' 'cy show 1'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [ "${lines[2]}" = "$(history_of general "${lines[0]},${lines[1]}")" ]
}

@test "$NAME chat: the history keeps the last 100 messages, oldest first" {
    local i lines_101=''
    for ((i = 0; i <= 100; i++)); do
        lines_101="$lines_101{\"type\":\"chat\",\"text\":\"$i\"}\\n"
    done
    start_chat
    run play 'ann' "ann send $lines_101" "ann hear-until $(said User_1 100)" \
        'ann tell {"type":"history"}' 'ann show 1'
    [ "$status" -eq 0 ]
    awk -F '"message":"' '{ for (i = 2; i <= NF; i++) print $i + 0 }' <<<"$output" \
        >"$BATS_TEST_TMPDIR/history"
    awk 'BEGIN { for (i = 1; i <= 100; i++) print i }' | cmp - "$BATS_TEST_TMPDIR/history"
}

@test "$NAME chat: all in a room hear the messages in the same order" {
    local i steps=()
    for i in 1 2 3 4 5 6 7 8; do
        steps+=("ann tell {\"type\":\"chat\",\"text\":\"$i\"}"
            "bob tell {\"type\":\"chat\",\"text\":\"$i\"}"
            "cy tell {\"type\":\"chat\",\"text\":\"$i\"}")
    done
    start_chat
    run play 'ann bob cy' 'signal STOP' "${steps[@]}" 'signal CONT' 'ann show 24' \
        'bob show 24' 'cy show 24'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 72 ]
    for ((i = 0; i < 24; i++)); do
        [ "${lines[i]}" = "${lines[i + 24]}" ]
        [ "${lines[i]}" = "${lines[i + 48]}" ]
    done
    # Each speaker's messages come in the order in which they were sent.
    for i in 1 2 3; do
        sed -n "1,24s/.*\"User_$i\",\"message\":\"\\([0-9]\\)\".*/\\1/p" <<<"$output" |
            tr -d '\n' | grep -qx 12345678
    done
}

@test "$NAME chat: understands and is understood by another JSON library" {
    command -v python3 >/dev/null || skip 'python3 is not installed'
    start_chat
    run python3 - "$PORT" <<'END'
import json, socket, sys
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=5)
lines = s.makefile(encoding='utf-8', newline='\n')
def hear(): return json.loads(next(lines))
assert hear()['id'] == 'User_1'
for text in 'hi', '🦀"\\/', 'a\0\x01\x1f\x7f\u2028\uffff\U0010ffff', '\r\n\t\b\f':
    for ascii in True, False:
        message = json.dumps({'type': 'chat', 'text': text}, ensure_ascii=ascii)
        s.sendall(message.encode() + b'\n')
        heard = hear()
        assert heard['message'] == text, heard
        assert list(heard) == ['type', 'user', 'message', 'emoji', 'room', 'timestamp']
s.sendall(b'{"type":"history"}\n')
assert len(hear()['messages']) == 8
END
    echo "$output"
    [ "$status" -eq 0 ]
}
