# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# what one wait costs
# seconds: 25, quick: 3

# So many descriptors are watched, and one of them is ready: The Linux Programming Interface,
# table 63-9, has the same for 2010.
play_waits() {
    for technique in $(tests/bench/waits -l); do
        for size in $(pick '10 100 1000 10000' '10 1000'); do
            note '' $pin tests/bench/waits -n "$size" -t "$(pick 60 40)" "$technique"
        done
    done
}

each_round "$(pick 3 1)" play_waits
keep waits technique watched us watched=10
table waits 'What one wait costs, by how many descriptors are watched: microseconds'
ratios waits 'The same, against 10 descriptors: times'
