# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# what a round trip costs beside silent clients
# seconds: 75, quick: 8

# One client talks. Both ends of a connection are descriptors of this machine, one in the
# server and one in the load.
sizes=$(pick 0,10,100,1000,5000,15000 0,100,1000)
while [ "$(ulimit -n)" != unlimited ] && [ "${sizes##*,}" -gt $(($(ulimit -n) - 100)) ]; do
    sizes=${sizes%,*}
done

play_silent() {
    load 01-blocking -i 0 -t "$(pick 150 60)"
    for name in $(concurrent_servers); do
        load "$name" -i "$sizes" -t "$(pick 150 60)"
    done
}

load_pin=$pin
each_round "$(pick 3 1)" play_silent
doubt_load
keep silent server silent cpu_us silent=0
table silent 'What a round trip costs the server, by the silent clients beside it: microseconds of CPU'
ratios silent 'The same, against none: times'
reduce memory.awk
keep memory server silent bytes server=05-epoll
table memory 'Resident memory of the server for each silent client: bytes'
