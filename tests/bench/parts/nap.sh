# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# the nap of lesson 02
# seconds: 6, quick: 1

play_nap() {
    for nap in $(pick '0 1 10 100' '0 10'); do
        load "02-nap-$nap" -t "$(pick 1500 300)"
    done
}

load_pin=
each_round 1 play_nap
reduce unfold.awk 'keys=cpu_percent p50_us'
keep nap server figure value server=02-nap-0
table nap 'Lesson 02 with naps of so many ms: percent of a core, and microseconds for an answer'
