#!/usr/bin/env bats
# What the ticker promises on the wire.

load apps

ALL='["AAPL","GOOGL","TSLA","AMZN","MSFT"]'
APPLE='"AAPL":{"price":150.00,"emoji":"🍎"}'
CAR='"TSLA":{"price":800.00,"emoji":"🚗"}'

# snapshot [PRICES]: the answer to subscribe and unsubscribe.
snapshot() { printf '{"type":"snapshot","prices":{%s}}' "${1-}"; }

# quotes_wanted SYMBOL COUNT: the message that asks for it.
quotes_wanted() { printf '{"type":"history","symbol":"%s","count":%s}' "$1" "$2"; }

@test "$NAME ticker: welcomes a trader with the stocks" {
    start_ticker
    local rest="\"available_stocks\":$ALL,\"message\":\"*\""
    client 'ann connect' "ann hear {\"type\":\"welcome\",\"client_id\":\"Trader_1\",$rest}" \
        'bob connect' "bob hear {\"type\":\"welcome\",\"client_id\":\"Trader_2\",$rest}"
}

@test "$NAME ticker: opens with the opening prices" {
    local search='"GOOGL":{"price":2800.00,"emoji":"🔍"}'
    local box='"AMZN":{"price":3400.00,"emoji":"📦"}'
    local computer='"MSFT":{"price":300.00,"emoji":"💻"}'
    start_ticker -t 60000
    play 'ann' "ann tell {\"type\":\"subscribe\",\"symbols\":$ALL}" \
        "ann hear $(snapshot "$APPLE,$search,$CAR,$box,$computer")"
}

@test "$NAME ticker: a snapshot shows all that is subscribed to" {
    start_ticker -t 60000
    play 'ann bob' 'ann tell {"type":"subscribe","symbols":["AAPL"]}' \
        "ann hear $(snapshot "$APPLE")" \
        'ann tell {"type":"subscribe","symbols":["TSLA"]}' \
        "ann hear $(snapshot "$APPLE,$CAR")" \
        'ann tell {"type":"subscribe","symbols":["TSLA","TSLA"]}' \
        "ann hear $(snapshot "$APPLE,$CAR")" \
        'ann tell {"type":"unsubscribe","symbols":["AAPL","MSFT"]}' \
        "ann hear $(snapshot "$CAR")" \
        'ann tell {"type":"subscribe","symbols":[]}' \
        "ann hear $(snapshot "$CAR")" \
        'ann tell {"type":"unsubscribe","symbols":["TSLA"]}' \
        "ann hear $(snapshot)" \
        'bob tell {"type":"unsubscribe","symbols":[]}' \
        "bob hear $(snapshot)" 'ann silent 50'
}

@test "$NAME ticker: carries nothing out of a message with an unknown_symbol" {
    start_ticker -t 60000
    refusals ann unknown_symbol '{"type":"subscribe","symbols":["TSLA","NOPE"]}' \
        '{"type":"subscribe","symbols":["","TSLA"]}' '{"type":"subscribe","symbols":["tsla"]}' \
        '{"type":"unsubscribe","symbols":["AAPL","NOPE"]}' \
        '{"type":"subscribe","symbols":["TSLA\u0000"]}' \
        '{"type":"history","symbol":"NOPE","count":1}' \
        '{"type":"alert","symbol":"NOPE","above":1}'
    play 'ann' 'ann tell {"type":"subscribe","symbols":["AAPL"]}' 'ann hear *' "${STEPS[@]}" \
        'ann tell {"type":"subscribe","symbols":[]}' \
        "ann hear $(snapshot "$APPLE")"
}

@test "$NAME ticker: refuses fields that are missing or of another type" {
    start_ticker -t 60000
    refusals ann bad_message '{"type":"subscribe"}' '{"type":"subscribe","symbols":"AAPL"}' \
        '{"type":"subscribe","symbols":{"AAPL":1}}' '{"type":"subscribe","symbols":["AAPL",1]}' \
        '{"type":"subscribe","symbols":["AAPL",["TSLA"]]}' '{"type":"unsubscribe"}' \
        '{"type":"unsubscribe","symbols":null}' '{"type":"history","count":1}' \
        '{"type":"history","symbol":7,"count":1}' '{"type":"alert","above":1}' \
        '{"type":"alert","symbol":["AAPL"],"above":1}'
    play 'ann' "${STEPS[@]}" 'ann tell {"type":"subscribe","symbols":[]}' \
        "ann hear $(snapshot)"
}

@test "$NAME ticker: gives a history of 1 to 100 ticks" {
    local price
    start_ticker -t 60000
    refusals ann bad_message '{"type":"history","symbol":"AAPL","count":0}' \
        '{"type":"history","symbol":"AAPL","count":101}' \
        '{"type":"history","symbol":"AAPL","count":-1}' \
        '{"type":"history","symbol":"AAPL","count":1.5}' \
        '{"type":"history","symbol":"AAPL","count":"20"}' \
        '{"type":"history","symbol":"AAPL","count":1e999}' '{"type":"history","symbol":"AAPL"}'
    run play 'ann' "${STEPS[@]}" "ann tell $(quotes_wanted AAPL 1)" \
        'ann show 1' "ann tell $(quotes_wanted AAPL 100)" 'ann show 1'
    [ "$status" -eq 0 ]
    price='\{"price":150\.00,"timestamp":"'$STAMP'"\}'
    matches "${lines[0]}" '\{"type":"history","symbol":"AAPL","prices":\['"$price"'\]\}'
    [ "${lines[0]}" = "${lines[1]}" ]
}

@test "$NAME ticker: a history begins with the opening price, and grows by each tick" {
    start_ticker -t 20
    run play 'ann' 'ann tell {"type":"subscribe","symbols":["TSLA"]}' 'ann hear *' \
        'ann hear {"type":"price_update",*' 'ann hear {"type":"price_update",*' \
        'ann tell {"type":"unsubscribe","symbols":["TSLA"]}' \
        "ann hear-until $(snapshot)" \
        "ann tell $(quotes_wanted TSLA 100)" 'ann show 1'
    [ "$status" -eq 0 ]
    quotes "$output" >"$BATS_TEST_TMPDIR/quotes"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/quotes")" -ge 3 ]
    [ "$(head -n 1 "$BATS_TEST_TMPDIR/quotes" | cut -d ' ' -f 1)" = 800.00 ]
    cut -d ' ' -f 2 "$BATS_TEST_TMPDIR/quotes" | LC_ALL=C sort -c
}

@test "$NAME ticker: a history has the last ticks asked for, a hundred at most" {
    start_ticker -t 2
    run play 'ann' 'pass 1000' \
        "ann send $(quotes_wanted MSFT 100)\\n$(quotes_wanted MSFT 3)\\n" \
        'ann show 2'
    [ "$status" -eq 0 ]
    [ "$(quotes "${lines[0]}" | wc -l)" -eq 100 ]
    [ "$(quotes "${lines[1]}" | wc -l)" -eq 3 ]
    [ "$(quotes "${lines[0]}" | tail -n 3)" = "$(quotes "${lines[1]}")" ]
    quotes "${lines[0]}" | cut -d ' ' -f 2 | LC_ALL=C sort -c
}

@test "$NAME ticker: an update has the symbols that changed, of those subscribed to" {
    local line number='-?[0-9]+\.[0-9]{2}' rest updates
    rest="\"change\":$number,\"timestamp\":\"$STAMP\"\\}"
    start_ticker -t 5
    run play 'ann bob cy' 'ann tell {"type":"subscribe","symbols":["AAPL"]}' \
        'ann hear {"type":"snapshot",*' \
        'bob tell {"type":"subscribe","symbols":["AAPL","GOOGL","TSLA","AMZN","MSFT"]}' \
        'bob hear {"type":"snapshot",*' 'ann show 20' 'bob show 20' 'cy silent 10'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 40 ]
    for line in "${lines[@]:0:20}"; do
        updates="\"AAPL\":\\{\"price\":$number,\"emoji\":\"🍎\",$rest"
        matches "$line" '\{"type":"price_update","updates":\{'"$updates"'\}\}'
    done
    for line in "${lines[@]:20}"; do
        updates="(\"[A-Z]{4,5}\":\\{\"price\":$number,\"emoji\":\"(🍎|🔍|🚗|📦|💻)\",$rest,?)+"
        matches "$line" '\{"type":"price_update","updates":\{'"$updates"'\}\}'
    done
    # Some updates have several symbols, and some have not all five.
    printf '%s\n' "${lines[@]:20}" | grep -q '"},"'
    printf '%s\n' "${lines[@]:20}" | grep -vq 'AAPL.*GOOGL.*TSLA.*AMZN.*MSFT'
}

@test "$NAME ticker: unsubscribing ends the updates" {
    start_ticker -t 5
    play 'ann' "ann tell {\"type\":\"subscribe\",\"symbols\":$ALL}" \
        'ann hear {"type":"snapshot",*' 'ann hear {"type":"price_update",*' \
        "ann tell {\"type\":\"unsubscribe\",\"symbols\":$ALL}" \
        "ann hear-until $(snapshot)" 'ann silent 100'
}

@test "$NAME ticker: prices change by up to 2.00, to the cent, as the updates say" {
    start_ticker -t 2 -r 7
    run play 'ann' 'ann tell {"type":"subscribe","symbols":["AAPL"]}' \
        'ann hear {"type":"snapshot",*' 'ann show 60'
    [ "$status" -eq 0 ]
    # In cents: whole numbers, because a fraction of two digits has no exact double.
    printf '%s\n' "${lines[@]}" |
        sed -e 's/.*"price":\([0-9]*\)\.\([0-9]*\),/\1\2 /' \
            -e 's/ .*"change":\(-*[0-9]*\)\.\([0-9]*\),.*/ \1\2/' | awk '
        NF != 2 || $1 < 100 || $2 == 0 || $2 < -200 || $2 > 200 { bad = "range" }
        NR > 1 && $1 - before != $2 { bad = "sum" }
        { before = $1; if ($2 > 100) up = 1; if ($2 < -100) down = 1 }
        bad { print bad, "in line", NR, $0; exit }
        END { exit bad != "" || !up || !down }'
}

@test "$NAME ticker: tells each change once, with the price and the time of its tick" {
    start_ticker -t 5
    run play 'ann' 'ann tell {"type":"subscribe","symbols":["AAPL"]}' \
        'ann hear {"type":"snapshot",*' 'ann show 15' \
        "ann tell $(quotes_wanted AAPL 100)" 'ann show 15'
    [ "$status" -eq 0 ]
    quotes "$(sed '/"history"/,$d' <<<"$output")" >"$BATS_TEST_TMPDIR/updates"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/updates")" -ge 15 ]
    # The ticks of the history at which the price is another one than before.
    quotes "$(grep '"history"' <<<"$output")" | awk '$1 != before { print } { before = $1 }' |
        tail -n "$(wc -l <"$BATS_TEST_TMPDIR/updates")" | cmp - "$BATS_TEST_TMPDIR/updates"
}

@test "$NAME ticker: each price stays as it is at about half of the ticks" {
    start_ticker -t 2 -r 7
    run play 'ann' 'pass 300' "ann tell $(quotes_wanted GOOGL 100)" \
        'ann show 1'
    [ "$status" -eq 0 ]
    quotes "$output" | awk '$1 == before { same++ } { before = $1 } END {
        print NR, "ticks,", same, "times the same"
        exit same * 10 < NR * 3 || same * 10 > NR * 7 }'
}

# first_prices SEED: the first 21 prices of three stocks with this seed. There are some 35
# ticks until they are asked for; with the hundredth the first would be forgotten.
first_prices() {
    start_ticker -t 20 -r "$1"
    run play 'ann' 'ann tell {"type":"subscribe","symbols":["AAPL"]}' \
        'ann hear {"type":"snapshot",*' 'pass 700' \
        'ann tell {"type":"unsubscribe","symbols":["AAPL"]}' \
        "ann hear-until $(snapshot)" \
        "ann tell $(quotes_wanted AAPL 100)" "ann tell $(quotes_wanted TSLA 100)" \
        "ann tell $(quotes_wanted MSFT 100)" \
        'ann show 3'
    [ "$status" -eq 0 ]
    stop_server
    PRICES=$(for line in "${lines[@]}"; do quotes "$line" | cut -d ' ' -f 1 | head -n 21; done)
}

@test "$NAME ticker: -r makes the prices the same in every run" {
    local first
    first_prices 7
    first=$PRICES
    [ "$(sort -u <<<"$first" | wc -l)" -gt 10 ]
    first_prices 7
    [ "$PRICES" = "$first" ]
    first_prices 8
    [ "$PRICES" != "$first" ]
}

# tick_times LINE: when each price in it was made, in milliseconds since midnight.
tick_times() {
    quotes "$1" | awk '{
        split(substr($2, 12), t, "[:.Z]")
        print ((t[1] * 60 + t[2]) * 60 + t[3]) * 1000 + t[4]
    }'
}

# gaps_ms [OPTION...]: sets FIRST_MS, from the opening to the first tick of a ticker with these
# options, and LAST_MS, between the last two of some. On a busy machine a tick may be late, and
# the next one then comes the sooner.
gaps_ms() {
    start_ticker "$@"
    run play 'ann' 'pass 1300' "ann tell $(quotes_wanted AAPL 100)" 'ann show 1'
    [ "$status" -eq 0 ]
    stop_server
    read -r FIRST_MS LAST_MS < <(tick_times "$output" | awk '
        { ms[NR] = $1 }
        function gap(n) { return (ms[n] - ms[n - 1] + 86400000) % 86400000 }
        END { print NR < 2 ? "no tick" : gap(2) " " gap(NR) }')
    echo "with options '$*': $FIRST_MS ms at first, $LAST_MS ms at last"
}

@test "$NAME ticker: ticks once a second unless -t says otherwise" {
    local tries=0
    gaps_ms
    [ "$FIRST_MS" -ge 990 ]
    LAST_MS=1000
    until [ "$LAST_MS" -lt 590 ]; do
        tries=$((tries + 1))
        [ "$tries" -le 5 ]
        gaps_ms -t 300
        [ "$FIRST_MS" -ge 290 ]
    done
}

@test "$NAME ticker: ticks with -t 1 too" {
    start_ticker -t 1
    play ann 'ann tell {"type":"subscribe","symbols":["AAPL"]}' \
        'ann hear {"type":"snapshot",*}' 'ann hear {"type":"price_update",*}'
}

@test "$NAME ticker: ticks on while a client talks all the time" {
    local ticks
    start_ticker -t 200
    run play 'ann bob' "bob drip $(repeat 200 '\n') 10" "ann tell $(quotes_wanted AAPL 100)" \
        'ann show 1'
    [ "$status" -eq 0 ]
    ticks=$(quotes "$output" | wc -l)
    echo "$ticks ticks in two seconds"
    [ "$ticks" -ge 5 ]
}

# On schedule there are five in a tenth of a second; fifty were missed.
@test "$NAME ticker: ticks that were missed are skipped, not made up for" {
    start_ticker -t 20
    run play 'ann' 'signal STOP' 'pass 1000' 'signal CONT' 'pass 100' \
        "ann tell $(quotes_wanted AAPL 100)" 'ann show 1'
    [ "$status" -eq 0 ]
    tick_times "$output" | awk '
        { ms[NR] = $1; first += NR == 1 }
        { while ((ms[NR] - ms[first] + 86400000) % 86400000 >= 100) first++ }
        NR - first + 1 > most { most = NR - first + 1 }
        END { print most, "ticks in a tenth of a second"; exit most > 10 }'
}

# The history has a hundred ticks, three seconds: what is near 1.00 is among them, however
# slow the machine is.
@test "$NAME ticker: no price falls below 1.00" {
    local line symbol steps=()
    for symbol in AAPL GOOGL TSLA AMZN MSFT; do
        steps+=("ann tell $(quotes_wanted "$symbol" 100)" 'ann show 1')
    done
    start_ticker -t 30
    set_in_server 'market[0].cents = 150' 'market[1].cents = 150' 'market[2].cents = 150' \
        'market[3].cents = 150' 'market[4].cents = 150'
    run play 'ann' 'pass 1200' "${steps[@]}"
    [ "$status" -eq 0 ]
    for line in "${lines[@]}"; do quotes "$line"; done | awk '
        $1 < 1 { below++ } $1 == "1.00" { stops++ }
        END { print NR, "prices,", stops + 0, "times 1.00,", below + 0, "below"; exit below || !stops }'
}

@test "$NAME ticker: says that an alert is set, above or below, with its number" {
    local price steps=()
    for price in 155.5 155.55 160 1000 0.1 149.999; do
        steps+=("ann tell {\"type\":\"alert\",\"symbol\":\"AAPL\",\"above\":$price}"
            "ann hear {\"type\":\"alert_set\",\"symbol\":\"AAPL\",\"above\":$price}")
    done
    start_ticker -t 60000
    play 'ann bob' "${steps[@]}" 'ann tell {"type":"alert","symbol":"TSLA","below":700.25}' \
        'ann hear {"type":"alert_set","symbol":"TSLA","below":700.25}' 'bob silent 50'
}

@test "$NAME ticker: refuses alerts without one number to reach" {
    start_ticker -t 60000
    refusals ann bad_message '{"type":"alert","symbol":"AAPL"}' \
        '{"type":"alert","symbol":"AAPL","above":1,"below":2}' \
        '{"type":"alert","symbol":"AAPL","above":"155"}' \
        '{"type":"alert","symbol":"AAPL","below":null}' \
        '{"type":"alert","symbol":"AAPL","above":[1]}' \
        '{"type":"alert","symbol":"AAPL","above":1e999}' \
        '{"type":"alert","symbol":"AAPL","below":-1e999}'
    play 'ann' "${STEPS[@]}" 'ann silent 50'
}

@test "$NAME ticker: an alert is told once, at the first tick that reaches it" {
    local price='1[0-9]{2}\.[0-9]{2}'
    start_ticker -t 50
    run play 'ann bob' 'ann tell {"type":"alert","symbol":"AAPL","above":1}' 'ann hear *' \
        'ann show 1' 'ann tell {"type":"alert","symbol":"AAPL","below":1000}' 'ann hear *' \
        'ann show 1' 'ann tell {"type":"alert","symbol":"AAPL","above":1000}' 'ann hear *' \
        'ann tell {"type":"alert","symbol":"AAPL","below":1}' 'ann hear *' \
        'ann silent 300' 'bob silent 1'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    matches "${lines[0]}" '\{"type":"alert","symbol":"AAPL","price":'"$price"',"above":1\}'
    matches "${lines[1]}" '\{"type":"alert","symbol":"AAPL","price":'"$price"',"below":1000\}'
}

# With this seed the price is there at the sixteenth tick, and the alerts are set before it.
@test "$NAME ticker: an alert is told when the price is there, and no other is lost" {
    local reached
    start_ticker -t 100 -r 196
    run play 'ann' 'ann tell {"type":"alert","symbol":"TSLA","above":801.5}' 'ann hear *' \
        'ann tell {"type":"alert","symbol":"TSLA","below":798.5}' 'ann hear *' \
        'ann tell {"type":"alert","symbol":"AAPL","above":1}' 'ann hear *' 'ann show 2' \
        "ann tell $(quotes_wanted TSLA 100)" 'ann show 1'
    [ "$status" -eq 0 ]
    reached=$(quotes "${lines[2]}" | awk '
        $1 >= 801.5 { print $1 ",\"above\":801.5"; exit }
        $1 <= 798.5 { print $1 ",\"below\":798.5"; exit }')
    echo "$output"
    says '{"type":"alert","symbol":"AAPL",'
    [ "$(grep '"alert","symbol":"TSLA"' <<<"$output")" = \
        "{\"type\":\"alert\",\"symbol\":\"TSLA\",\"price\":$reached}" ]
}

@test "$NAME ticker: an alert comes behind the prices of its tick, though these go out in parts" {
    need_narrator
    WRAPPER='common/narrate -n -f send:*:short=40'
    start_ticker -t 300
    play ann 'ann tell {"type":"subscribe","symbols":["AAPL","GOOGL","MSFT","TSLA","AMZN"]}' \
        'ann hear {"type":"snapshot",*}' \
        'ann tell {"type":"alert","symbol":"AAPL","above":0.01}' \
        'ann hear-until {"type":"alert_set",*}' 'ann hear-until {"type":"alert","symbol":"AAPL",*}'
}

@test "$NAME ticker: takes 32 alerts of a client and refuses the 33rd" {
    local alert='{"type":"alert","symbol":"AAPL","below":1}\n' i heard=() more=()
    for ((i = 0; i < 20; i++)); do heard+=('ann hear {"type":"alert_set",*'); done
    for ((i = 0; i < 12; i++)); do more+=('ann hear {"type":"alert_set",*'); done
    start_ticker -t 60000
    play 'ann bob' "ann send $(repeat 20 "$alert")" "${heard[@]}" 'pass 1400' \
        "ann send $(repeat 13 "$alert")" "${more[@]}" "ann hear $(error bad_message)" \
        "bob send $alert" 'bob hear {"type":"alert_set",*'
}

@test "$NAME ticker: takes 20 messages at once, then ten a second" {
    local message='{"type":"subscribe","symbols":[]}\n' i heard=()
    for ((i = 0; i < 20; i++)); do heard+=('ann hear {"type":"snapshot",*'); done
    start_ticker -t 60000
    play 'ann bob' "ann send $(repeat 20 "$message")${message/[]/[\"AAPL\"]}" \
        "${heard[@]}" "ann hear $(error rate_limited)" \
        "bob send $message" "bob hear $(snapshot)" 'pass 350' \
        "ann send $(repeat 10 "$message")" "ann hear $(snapshot)" \
        "ann hear $(snapshot)" "ann hear $(snapshot)" \
        "ann hear-until $(error rate_limited)" \
        'pass 1500' "bob send $(repeat 34 "$message")" "bob hear-until $(error rate_limited)"
}

@test "$NAME ticker: a client that asks too often delays nobody" {
    local message='{"type":"subscribe","symbols":[]}'
    start_ticker -t 60000
    play 'ann bob' "ann send $(repeat 300 "$message\n")" "bob tell $message" \
        "bob hear $(snapshot)"
}

@test "$NAME ticker: counts what is no message, and no empty lines, against the rate" {
    local i heard=()
    for ((i = 0; i < 20; i++)); do heard+=("ann hear $(error bad_json)"); done
    start_ticker -t 60000
    play 'ann' "ann send $(repeat 100 '\n')$(repeat 21 'x\n')" "${heard[@]}" \
        "ann hear $(error rate_limited)"
}
