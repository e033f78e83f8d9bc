# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# how long an answer takes while 64 clients talk
# seconds: 15, quick: 3

# Here the load has a processor of its own, as it would have on another machine.
play_latency() {
    for name in $(concurrent_servers); do
        load "$name" -c 64 -t "$(pick 400 150)"
    done
}

load_pin=
each_round "$(pick 3 1)" play_latency
doubt_load
keep throughput server clients per_s server=05-epoll
reduce unfold.awk 'keys=p50_us p99_us p999_us'
keep latency server figure value server=05-epoll
table latency 'How long 50, 99 and 99.9 % of the answers take at most: microseconds'
table throughput 'Round trips a second, 64 clients'
