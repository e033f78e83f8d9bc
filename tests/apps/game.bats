#!/usr/bin/env bats
# What the game promises on the wire.

load apps

@test "$NAME game: welcomes a player, then tells the state to everybody" {
    start_game
    client 'ann connect' 'ann hear {"type":"welcome","id":"Player_1"}' \
        "ann hear $(state Player_1 0 0 0)" 'ann silent 50' 'bob connect' \
        'bob hear {"type":"welcome","id":"Player_2"}' \
        "bob hear $(state Player_1 0 0 0 Player_2 0 0 0)" \
        "ann hear $(state Player_1 0 0 0 Player_2 0 0 0)" 'ann silent 50' 'bob silent 50'
}

@test "$NAME game: a move adds to the position, a missing step is 0" {
    start_game
    play_game 'ann bob' 'bob tell {"type":"move","dx":1,"dy":-1}' \
        "ann hear $(state Player_1 0 0 0 Player_2 1 -1 0)" \
        "bob hear $(state Player_1 0 0 0 Player_2 1 -1 0)" \
        'bob tell {"type":"move","dy":5}' "ann hear $(state Player_1 0 0 0 Player_2 1 4 0)" \
        'ann tell {"type":"move","dx":-7}' "ann hear $(state Player_1 -7 0 0 Player_2 1 4 0)" \
        'bob tell {"type":"move"}' "ann hear $(state Player_1 -7 0 0 Player_2 1 4 0)" \
        'bob tell {"type":"move","dx":2,"dy":2}' \
        "ann hear $(state Player_1 -7 0 0 Player_2 3 6 0)"
}

@test "$NAME game: a score adds to the score" {
    start_game
    play_game 'ann bob' 'ann tell {"type":"score","points":5}' \
        "ann hear $(state Player_1 0 0 5 Player_2 0 0 0)" \
        "bob hear $(state Player_1 0 0 5 Player_2 0 0 0)" \
        'ann tell {"type":"score","points":-12}' \
        "bob hear $(state Player_1 0 0 -7 Player_2 0 0 0)" \
        'bob tell {"type":"score","points":0}' \
        "bob hear $(state Player_1 0 0 -7 Player_2 0 0 0)"
}

@test "$NAME game: tells the state without a player who has left" {
    start_game
    play_game 'ann bob cy' 'bob tell {"type":"score","points":3}' 'ann hear *' 'cy hear *' \
        'ann close' "bob hear-until $(state Player_2 0 0 3 Player_3 0 0 0)" \
        "cy hear $(state Player_2 0 0 3 Player_3 0 0 0)" \
        'cy reset' "bob hear $(state Player_2 0 0 3)" 'bob silent 50'
}

@test "$NAME game: takes steps and points of a million, not of a million and one" {
    start_game
    refusals ann bad_message '{"type":"move","dx":1000001}' '{"type":"move","dx":-1000001}' \
        '{"type":"move","dy":1000001}' '{"type":"move","dy":-1000001}' \
        '{"type":"score","points":1000001}' '{"type":"score","points":-1000001}' \
        '{"type":"move","dx":1e300}' '{"type":"move","dx":-1e999}' \
        '{"type":"score","points":9223372036854775808}'
    play_game 'ann bob' "${STEPS[@]}" 'ann tell {"type":"move","dx":1000000,"dy":-1000000}' \
        "bob hear $(state Player_1 1000000 -1000000 0 Player_2 0 0 0)" \
        'ann tell {"type":"move","dx":-1000000,"dy":1000000}' \
        "bob hear $(state Player_1 0 0 0 Player_2 0 0 0)" \
        'ann tell {"type":"score","points":1000000}' \
        "bob hear $(state Player_1 0 0 1000000 Player_2 0 0 0)" \
        'ann tell {"type":"score","points":-1000000}' \
        "bob hear $(state Player_1 0 0 0 Player_2 0 0 0)"
}

@test "$NAME game: adds up past what 32 bits hold" {
    start_game
    play_game 'ann' 'ann rounds 2200 {"type":"score","points":1000000}' \
        'ann rounds 2200 {"type":"move","dx":1000000,"dy":-1000000}' 'ann tell {"type":"move"}' \
        "ann hear $(state Player_1 2200000000 -2200000000 2200000000)"
}

@test "$NAME game: refuses what is no whole number, and changes nothing" {
    start_game
    refusals ann bad_message '{"type":"move","dx":1.5}' '{"type":"move","dy":"1"}' \
        '{"type":"move","dx":null}' '{"type":"move","dy":true}' '{"type":"move","dx":[1]}' \
        '{"type":"move","dx":{}}' '{"type":"move","dx":1,"dy":0.5}' \
        '{"type":"move","dx":0.5,"dy":1}' '{"type":"score"}' '{"type":"score","points":"5"}' \
        '{"type":"score","points":null}' '{"type":"score","points":5.25}' \
        '{"type":"score","points":1e-3}' '{"type":"score","Points":5}'
    play_game 'ann bob' "${STEPS[@]}" 'bob silent 50' 'ann tell {"type":"move"}' \
        "bob hear $(state Player_1 0 0 0 Player_2 0 0 0)"
}

@test "$NAME game: positions and scores stop at 2^53, either way" {
    local player='((struct player *)server.members.first)' line
    local near=9007199254740990 most=9007199254740992
    start_game
    exec 5<>"/dev/tcp/127.0.0.1/$PORT"
    read -r -t 5 -u 5 line
    read -r -t 5 -u 5 line
    [ "$line" = "$(state Player_1 0 0 0)" ]
    set_in_server "$player->x = $near" "$player->y = -$near" "$player->score = $near"
    printf '{"type":"move","dx":%d,"dy":%d}\n{"type":"score","points":1000000}\n' 7 -1000000 >&5
    read -r -t 5 -u 5 line
    [ "$line" = "$(state Player_1 "$most" "-$most" "$near")" ]
    read -r -t 5 -u 5 line
    [ "$line" = "$(state Player_1 "$most" "-$most" "$most")" ]
    printf '{"type":"move","dx":-1,"dy":3}\n' >&5
    read -r -t 5 -u 5 line
    [ "$line" = "$(state Player_1 "$((most - 1))" "-$((most - 3))" "$most")" ]
    exec 5>&-
}
