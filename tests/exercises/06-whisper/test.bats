#!/usr/bin/env bats
# whisper: the contract is in 06-selectors-style/exercise/README.md, "whisper".

load ../../apps/apps

# whisper TO TEXT: the message that asks for it.
whisper() { printf '{"type":"whisper","to":"%s","text":"%s"}' "$1" "$2"; }

# whispered FROM TEXT [EMOJI]: the pattern of what the one hears.
whispered() {
    printf '{"type":"whisper","from":"%s","message":"%s","emoji":"%s","timestamp":"*"}' \
        "$1" "$2" "${3:-😀}"
}

# told TO: what the sender hears.
told() { printf '{"type":"whispered","to":"%s"}' "$1"; }

@test "$NAME whisper: reaches the one it is for, and nobody else" {
    start_chat
    play 'ann bob cy' "ann tell $(whisper User_2 psst)" "ann hear $(told User_2)" \
        "bob hear $(whispered User_1 psst)" 'cy silent 100' 'ann silent 1' 'bob silent 1' \
        "bob tell $(whisper User_1 yes)" "ann hear $(whispered User_2 yes)" \
        "bob hear $(told User_1)" 'cy silent 100'
}

@test "$NAME whisper: has its members in order, and the time" {
    start_chat
    run play 'ann bob' "ann tell $(whisper User_2 psst)" 'bob show 1'
    [ "$status" -eq 0 ]
    matches "$output" '\{"type":"whisper","from":"User_1","message":"psst","emoji":"😀","timestamp":"'"$STAMP"'"\}'
}

@test "$NAME whisper: reaches other rooms, with the sender's emoji" {
    start_chat
    play 'ann bob' 'bob tell {"type":"join_room","room":"tech"}' 'bob hear *' \
        'ann tell {"type":"set_emoji","emoji":"🦀"}' 'ann hear *' \
        "ann tell $(whisper User_2 'caf\u00e9')" "ann hear $(told User_2)" \
        "bob hear $(whispered User_1 café 🦀)" 'bob tell {"type":"chat","text":"hi"}' \
        "bob hear $(said User_2 hi 😀 tech)" 'ann silent 50'
}

@test "$NAME whisper: to oneself is heard, and then told" {
    start_chat
    play 'ann bob' "ann tell $(whisper User_1 hm)" "ann hear $(whispered User_1 hm)" \
        "ann hear $(told User_1)" 'bob silent 50'
}

@test "$NAME whisper: is in no history" {
    local room
    start_chat
    play 'ann bob' "ann tell $(whisper User_2 psst)" "ann hear $(told User_2)" \
        "bob hear $(whispered User_1 psst)" 'ann tell {"type":"chat","text":"hi"}' \
        "bob hear $(said User_1 hi)" 'bob tell {"type":"history"}' \
        "bob hear $(history_of general "$(said User_1 hi)")"
    for room in gaming tech; do
        play 'ann' "ann tell {\"type\":\"join_room\",\"room\":\"$room\"}" 'ann hear *' \
            'ann tell {"type":"history"}' "ann hear $(history_of "$room")"
    done
}

@test "$NAME whisper: refuses who is not here with unknown_user" {
    start_chat
    refusals ann unknown_user "$(whisper User_9 psst)" "$(whisper '' psst)" \
        "$(whisper user_2 psst)" "$(whisper User_ psst)" "$(whisper User_22 psst)" \
        "$(whisper 'User_2 ' psst)" "$(whisper 'User_2\u0000' psst)"
    play 'ann bob' "${STEPS[@]}" 'bob silent 100' 'ann silent 1'
}

@test "$NAME whisper: refuses who has left, and never reaches who came after" {
    start_chat
    play 'ann bob' 'bob half-close' 'bob end' 'bob close' 'cy connect' "cy hear $WELCOME" \
        "ann tell $(whisper User_2 psst)" "ann hear $(error unknown_user)" \
        "ann tell $(whisper User_3 psst)" "cy hear $(whispered User_1 psst)" \
        "ann hear $(told User_3)"
}

@test "$NAME whisper: refuses fields that are missing or of another type" {
    start_chat
    refusals ann bad_message '{"type":"whisper"}' '{"type":"whisper","text":"psst"}' \
        '{"type":"whisper","to":"User_2"}' '{"type":"whisper","to":2,"text":"psst"}' \
        '{"type":"whisper","to":["User_2"],"text":"psst"}' \
        '{"type":"whisper","to":"User_2","text":null}' \
        '{"type":"whisper","to":"User_2","text":["psst"]}' \
        '{"type":"whisper","to":"User_9","text":5}' '{"type":"whisper","to":null,"text":"psst"}'
    play 'ann bob' "${STEPS[@]}" 'bob silent 100' "ann tell $(whisper User_2 psst)" \
        "bob hear $(whispered User_1 psst)"
}

@test "$NAME whisper: takes a text of 1 to 1000 bytes" {
    local most
    most=$(repeat 250 🦀)
    start_chat
    refusals ann bad_message "$(whisper User_2 '')" "$(whisper User_2 "${most}x")" \
        "$(whisper User_9 "${most}x")"
    play 'ann bob' "${STEPS[@]}" "ann tell $(whisper User_2 "$most")" \
        "bob hear $(whispered User_1 "$most")" "ann hear $(told User_2)"
}

@test "$NAME whisper: to one who reads nothing ends that one, and nobody waits" {
    start_chat -q 4096
    # More than the kernel takes for bob.
    client -t 20000 'bob connect-small' "bob hear $WELCOME" 'ann connect' "ann hear $WELCOME" \
        'cy connect' "cy hear $WELCOME" \
        "ann rounds 8000 $(whisper User_1 "$(printf '%01000d' 0)")" \
        'cy tell {"type":"chat","text":"hi"}' "cy hear $(said User_3 hi)" 'bob gone' \
        "ann tell $WHO" "ann hear-until $(in_general User_2 User_3)"
}

@test "$NAME whisper: is named where a type is unknown" {
    start_chat
    run play 'ann' 'ann tell {"type":"wisper"}' 'ann show 1'
    says '"unknown_type"'
    says whisper
}
