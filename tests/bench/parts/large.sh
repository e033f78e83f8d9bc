# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# messages of 64 KiB
# seconds: 12, quick: 3

# Without TCP_NODELAY the end of a message waits for an acknowledgement, up to 40 ms on Linux
# (tcp(7)): the slowest would show it.
play_large() {
    for name in $(concurrent_servers); do
        load "$name" -c 8 -b 65536 -t "$(pick 300 100)"
    done
}

load_pin=
each_round "$(pick 3 1)" play_large
doubt_load
reduce unfold.awk 'keys=mb_s p50_us p999_us max_us'
keep large server figure value server=05-epoll
table large 'Messages of 64 KiB, 8 clients: MB a second, and how long an answer takes in microseconds'
