# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# the chat and the ticker with many clients
# seconds: 30, quick: 7

# What one says to all, and a program that writes as many bytes to as many sockets. Those who
# listen have a processor of their own: they would interrupt each message many times.
play_chat() {
    start 06-selectors-style/apps/chat_server -p 0 -m 50000
    chat="-p $PORT -s $PID" chat_pid=$PID
    start tests/bench/floor_broadcast 127
    each_round "$(pick 5 2)" note '' tests/bench/audience $chat -p "$PORT" -s "$PID" -f 127 \
        chat "$1" "$(pick 150 100)"
    stop "$PID"
    stop "$chat_pid"
    reduce alternate.awk 'names=chat floor'
    reduce unfold.awk 'keys=cpu_us messages_s deliveries_s switches'
    keep chat server figure value server=floor
    table chat "The chat with $1 clients, and writing the same bytes: CPU a message in microseconds"
    ratios chat 'The same, against the floor: times'
}

# Prices for everybody, ten times a second.
play_ticker() {
    start 06-selectors-style/apps/ticker_server -p 0 -m 50000 -t 100
    : >"$raw"
    each_round 1 note server=ticker tests/bench/audience -p "$PORT" -s "$PID" ticker "$1" "$(pick 8 2)"
    stop "$PID"
    reduce unfold.awk 'keys=cpu_percent missing server_late_max_ms late_p99_ms late_max_ms'
    keep ticker server figure value server=ticker
    table ticker "The ticker with $1 subscribers, a tick each 100 ms"
}

play_chat "$(pick 1000 200)"
play_ticker "$(pick 5000 1000)"
