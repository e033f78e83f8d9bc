# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# the table of the field
# seconds: 0, quick: 0

# It is made from what the parts waits and silent have kept, in this run or before.
if [ -e "$data/waits.data" ] && [ -e "$data/memory.data" ]; then
    awk -f tests/bench/field.awk "$data/waits.data" "$data/silent.data" "$data/memory.data"
else
    echo 'field: skipped, the parts waits and silent have not been measured here'
fi
