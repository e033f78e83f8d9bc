# What is measured, kept and shown. Sourced by run.
# shellcheck shell=sh disable=SC2034,SC2154

# pick LONG QUICK: the one or the other, as the run is.
pick() {
    if [ -n "$quick" ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

# The machine in one line. What stands behind a "-" in the kernel's release is the maker's.
machine() {
    model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
    echo "${model:-$(uname -m)}, $(getconf _NPROCESSORS_ONLN) processors," \
        "$(uname -s) $(uname -r | sed 's/-.*//'), $(date +%Y-%m-%d)"
}

# each_round COUNT COMMAND...
each_round() {
    rounds=$1
    shift
    round=1
    while [ "$round" -le "$rounds" ]; do
        "$@"
        round=$((round + 1))
    done
}

# note PREFIX COMMAND...: appends the lines of key=value that the command prints to the
# part's raw figures, the round and PREFIX in front. Status 77 says that it does not fit
# here, and is no figure; any other failure is told at the end of the run.
note() {
    prefix=$1
    shift
    "$@" >"$work/out" 2>"$work/err"
    status=$?
    sed "s/^/round=$round $prefix /" "$work/out" >>"$raw"
    [ "$status" -eq 0 ] || [ "$status" -eq 77 ] ||
        echo "$part, $prefix: $(tail -n 1 "$work/err")" >>"$work/problems"
}

# load NAME OPTION...: a server under load, from its start to its end. The load runs on the
# server's processor, too, unless load_pin is empty.
load() {
    name=$1
    shift
    # shellcheck disable=SC2046
    start $(command_of "$name")
    # shellcheck disable=SC2086
    note "server=$name" $load_pin tests/bench/load "$@" -p "$PORT" -s "$PID"
    stop "$PID"
}

# reduce PROGRAM.awk [VARIABLE=VALUE...]: makes other raw figures of the part's raw figures.
reduce() {
    program=$1
    shift
    for assignment in "$@"; do
        set -- "$@" -v "$assignment"
        shift
    done
    awk "$@" -f tests/bench/keys.awk -f "tests/bench/$program" "$raw" >"$work/reduced"
    mv "$work/reduced" "$raw"
}

# keep NAME ROW COLUMN VALUE KEY=VALUE: makes NAME.data of the raw figures: a line for each
# pair of ROW and COLUMN with the median of VALUE, and of its ratio to the one with
# KEY=VALUE in the same round.
keep() {
    {
        sed 's/^/# /' "$work/machine"
        echo "# $2 $3 $4 least largest ratio-to-$5 least largest rounds"
        awk -v row="$2" -v column="$3" -v value="$4" -v reference="$5" \
            -f tests/bench/keys.awk -f tests/bench/summary.awk "$raw"
    } >"$data/$1.data"
    awk -v name="$1" '!/^#/ && $9 > 2 && ($8 - $7) / 2 > 0.2 * $6 { count++ }
        END { if (count) print name ": " count " of its ratios differ by more than 20 % from round to round" }' \
        "$data/$1.data" >>"$work/doubts"
}

# table NAME TITLE [FIELD]: prints NAME.data, a row for each ROW and a column for each COLUMN.
# Not every system tells what a process of another costs.
table() {
    if grep -qv '^#' "$data/$1.data"; then
        awk -v title="$2" -v field="${3:-3}" -f tests/bench/table.awk "$data/$1.data"
    else
        rm "$data/$1.data"
        echo "$1: skipped, this system does not tell it"
    fi
}

# ratios NAME TITLE: prints the ratios in it.
ratios() {
    [ ! -e "$data/$1.data" ] || table "$1" "$2" 6
}

# Other programs that kept processors busy meanwhile make a figure doubtful.
doubt_load() {
    awk -v part="$part" -f tests/bench/keys.awk -f tests/bench/others.awk "$raw" >>"$work/doubts"
}

# What is said at the end: whether to trust it, and what went wrong.
finish() {
    echo
    cat "$work/machine"
    if [ -s "$work/doubts" ]; then
        echo 'The machine was too busy for these to be trusted:'
        sed 's/^/  /' "$work/doubts"
    else
        echo 'The machine was quiet enough: nothing else used it, and the rounds agree.'
    fi
    [ -n "$pin" ] || echo 'taskset is not here: the programs moved between processors.'
    [ -s "$work/problems" ] || return 0
    echo 'These failed:' >&2
    sed 's/^/  /' "$work/problems" >&2
    exit 1
}
