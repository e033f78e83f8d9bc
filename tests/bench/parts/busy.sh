# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# what a round trip costs when everybody talks
# seconds: 35, quick: 5

play_busy() {
    load 01-blocking -c 1 -t "$(pick 200 100)"
    for name in $(concurrent_servers); do
        for clients in $(pick '1 8 64 512' '1 64'); do
            load "$name" -c "$clients" -t "$(pick 200 100)"
        done
    done
}

load_pin=$pin
each_round "$(pick 3 1)" play_busy
doubt_load
keep busy server clients cpu_us server=05-epoll
table busy 'What a round trip costs the server, by how many clients talk: microseconds of CPU'
ratios busy 'The same, against 05-epoll: times'
keep fairness server clients least server=05-epoll
table fairness 'Answers of the client that was served least, against the mean'
