#!/usr/bin/env bats
# The load, the floors and what is made of their figures. That a figure is the true one, only
# a machine without disturbance could show; here it is that they count what they say.

bats_require_minimum_version 1.5.0
load helper

SERVER='04-poll/echo_server -p {port}'
BENCH=$ROOT/tests/bench

setup() {
    cd "$ROOT" || return 1
    OTHER_PID=
}

end_other() {
    [ -z "$OTHER_PID" ] || { kill -KILL "$OTHER_PID" && wait "$OTHER_PID"; } 2>/dev/null || true
}

# load OPTION...: plays against the server that was started.
load_it() {
    "$BENCH/load" -p "$PORT" -s "$SERVER_PID" "$@" 3>&-
}

# value KEY: of the one line in $output.
value() {
    echo "$output" | sed -n "s/.*\b$1=\([^ ]*\).*/\1/p"
}

# possible ARGUMENT...: awk says so of what was printed.
possible() {
    awk "$@" || { echo "not possible: $output" && return 1; }
}

@test "$NAME: load plays as many round trips as it is told" {
    start_server
    run -0 load_it -c 8 -n 1000
    is roundtrips 1000 "$(value roundtrips)"
    is clients 8 "$(value clients)"
}

@test "$NAME: load checks large messages, many of them under way" {
    start_server
    run -0 load_it -c 3 -b 300001 -d 5 -n 200
    is roundtrips 200 "$(value roundtrips)"
}

@test "$NAME: load connects silent clients, and each was served" {
    start_server
    run -0 load_it -i 0,30,200 -t 30
    is sizes '0 30 200' "$(echo "$output" | sed 's/.*silent=\([0-9]*\).*/\1/' | tr '\n' ' ' | sed 's/ $//')"
}

@test "$NAME: load finds the limit of a server" {
    start_server -m 12
    run -0 load_it -i 50 -t 30
    is silent 11 "$(value silent)"
    is at_limit 1 "$(value at_limit)"
}

@test "$NAME: load fails if another byte comes back" {
    SERVER='06-selectors-style/apps/chat_server -p {port}' start_server
    run -1 load_it -n 10
    says 'the echo has 0x7b'
}

@test "$NAME: load fails if the server ends" {
    need_narrator
    SERVER="common/narrate -n -f recv:500:eof 04-poll/echo_server -p {port}" start_server
    run -1 load_it -t 20000
    says 'talker 0: recv: Connection reset by peer'
}

@test "$NAME: load lets servers take turns, and none is left stopped" {
    start_server
    first="-p $PORT -s $SERVER_PID" OTHER_PID=$SERVER_PID
    start_server
    # shellcheck disable=SC2086
    run -0 load_it $first -c 4 -t 100
    kill -0 "$OTHER_PID"
    is lines 2 "${#lines[@]}"
    for pid in "$OTHER_PID" "$SERVER_PID"; do
        run ps -o stat= -p "$pid"
        case $output in T*) echo "process $pid is stopped" && end_other && return 1 ;; esac
    done
    end_other
}

@test "$NAME: load that is ended leaves no server stopped" {
    start_server
    first="-p $PORT -s $SERVER_PID" OTHER_PID=$SERVER_PID
    start_server
    # shellcheck disable=SC2086
    "$BENCH/load" $first -p "$PORT" -s "$SERVER_PID" -t 20000 >/dev/null 2>&1 3>&- &
    playing=$!
    stopped=
    for _ in $(seq 500); do
        stopped=$(ps -o stat= -p "$OTHER_PID" -p "$SERVER_PID" | grep '^T' || true)
        [ -z "$stopped" ] || break
    done
    [ -n "$stopped" ] || { echo 'no server was stopped' && end_other && return 1; }
    kill -TERM "$playing"
    await_exit "$playing" 5
    "$ROOT/tests/client" -p "${first:3:5}" 'ann connect' 'ann echo hello'
    "$ROOT/tests/client" -p "$PORT" 'ann connect' 'ann echo hello'
    end_other
}

@test "$NAME: load says so if there are not enough descriptors" {
    start_server
    run -77 bash -c "ulimit -n 50; exec tests/bench/load -p $PORT -i 100"
    says 'this needs 133 descriptors, 50 are allowed'
}

@test "$NAME: load refuses wrong arguments with status 2 and a clear line" {
    for arguments in '' '-p 0' '-p 70000' '-s 1' '-p 9000 -c 0' '-p 9000 -b x' '-p 9000 -i 5,3' \
        '-p 9000 -s 999999999' '-p 9000 more' '-z'; do
        # shellcheck disable=SC2086
        run -2 "$BENCH/load" $arguments
        says 'usage: load'
    done
}

@test "$NAME: load measures CPU, memory and context switches of the server" {
    [ -r /proc/self/status ] || skip 'this system has no /proc'
    start_server
    run -0 load_it -n 3000
    possible -v cpu="$(value cpu_us)" -v rss="$(value rss_kib)" -v switches="$(value switches)" \
        'BEGIN { exit !(cpu > 0.1 && cpu < 1000 && rss > 100 && switches > 0 && switches < 10) }'
}

@test "$NAME: load says how long round trips took, and no time runs backwards" {
    start_server
    run -0 load_it -t 1500
    possible -v seconds="$(value seconds)" -v p50="$(value p50_us)" -v p99="$(value p99_us)" \
        -v most="$(value max_us)" 'BEGIN {
            exit !(seconds >= 1.5 && seconds < 60 && p50 > 1 && p50 <= p99 && p99 <= most &&
                most < seconds * 1e6) }'
}

@test "$NAME: a round trip with one client takes three system calls in 03 to 06" {
    need_narrator
    for server in 03-select 04-poll 05-epoll 06-selectors-style; do
        [ -x "$server/echo_server" ] || continue
        SERVER="common/narrate -c -n -j -o $BATS_TEST_TMPDIR/tally $server/echo_server -p {port}" start_server
        run -0 load_it -n 2000
        stop_server TERM
        calls=$(sed -n 's/.*"calls":\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/tally" | awk '{ sum += $1 } END { print sum }')
        # Set-up and end take some 25 calls.
        [ "$calls" -le 6050 ] || { echo "$server: $calls calls for 2000 round trips" && return 1; }
        [ "$calls" -ge 6000 ] || { echo "$server: $calls calls were counted, of 6000" && return 1; }
    done
}

@test "$NAME: every floor echoes" {
    for technique in blocking select poll epoll edge edge-drained; do
        case $technique in e*) [ -x 05-epoll/echo_server ] || continue ;; esac
        SERVER="tests/bench/floor $technique" start_server
        run -0 load_it -n 500
        is "$technique" 500 "$(value roundtrips)"
        [ "$technique" = blocking ] || run -0 load_it -c 9 -b 70000 -n 300
        kill -KILL "$SERVER_PID"
        SERVER_PID=
    done
}

@test "$NAME: floor explains itself if its technique is unknown" {
    run -2 "$BENCH/floor" nonsense
    says 'usage: floor'
}

@test "$NAME: waits finds the ready descriptor with every technique" {
    for technique in $("$BENCH/waits" -l); do
        for watched in 1 10 300; do
            run -0 "$BENCH/waits" -n "$watched" -k 40 "$technique"
            says "technique=$technique watched=$watched"
        done
    done
}

@test "$NAME: waits says so if a technique or the system has no room" {
    run -77 "$BENCH/waits" -n 2000 selector-select
    run -77 bash -c 'ulimit -n 100; exec tests/bench/waits -n 200 poll'
}

@test "$NAME: waits refuses wrong arguments with status 2 and a clear line" {
    for arguments in '' nonsense '-n 0 poll' '-t x poll' 'poll poll'; do
        # shellcheck disable=SC2086
        run -2 "$BENCH/waits" $arguments
        says usage
    done
}

summary() {
    awk "$@" -f tests/bench/keys.awk -f tests/bench/summary.awk
}

@test "$NAME: the summary takes medians, and ratios within a round" {
    # Twice as slow in every round; the machine slowed down from round to round.
    run summary -v row=server -v column=n -v value=us -v reference=server=a <<'RAW'
round=1 server=a n=1 us=10
round=1 server=b n=1 us=20
round=2 server=a n=1 us=40
round=2 server=b n=1 us=80
round=3 server=a n=1 us=90
round=3 server=b n=1 us=180
RAW
    is data 'a 1 40 10 90 1 1 1 3
b 1 80 20 180 2 2 2 3' "$output"
}

@test "$NAME: the summary takes a column as the reference, and knows what is missing" {
    run summary -v row=server -v column=n -v value=us -v reference=n=0 <<'RAW'
round=1 server=a n=0 us=10
round=1 server=a n=5 us=15
round=2 server=a n=5 us=40
round=1 server=b n=5 us=7
RAW
    is data 'a 0 10 10 10 1 1 1 1
a 5 27.5 15 40 1.5 1.5 1.5 2
b 5 7 7 7 NaN NaN NaN 1' "$output"
}

@test "$NAME: a table has a row a server, and the spread behind each figure" {
    printf '# machine\naa 64 20 20 20 1 1 1 3\naa 8 10 9 11 1 1 1 3\nb 8 5 5 5 NaN NaN NaN 1\n' >"$BATS_TEST_TMPDIR/data"
    run awk -v title=Title -v field=3 -f tests/bench/table.awk "$BATS_TEST_TMPDIR/data"
    is table '
Title
               8            64
aa    10.00 ±10%     20.00 ±0%
b           5.00              ' "$output"
}

@test "$NAME: others that use the machine make a part doubtful" {
    doubts() { awk -v part=busy -f tests/bench/keys.awk -f tests/bench/others.awk; }
    is quiet '' "$(printf 'round=1 others=0.02\nround=2 others=0.1\n' | doubts)"
    is busy 'busy: other programs kept 0.8 processors busy' "$(printf 'round=1 others=0.6\nround=2 others=1.0\n' | doubts)"
}

@test "$NAME: run measures a part, keeps its data and says whether to trust it" {
    run -0 --separate-stderr tests/bench/run -q -d "$BATS_TEST_TMPDIR/data" nap
    says 'Lesson 02 with naps'
    says '02-nap-10'
    echo "$output" | grep -qE 'quiet enough|too busy'
    grep -q '^02-nap-10 p50_us ' "$BATS_TEST_TMPDIR/data/nap.data"
    case $stderr in *'s left'*) ;; *) echo "no progress: $stderr" && return 1 ;; esac
}

@test "$NAME: run leaves no server behind when it is ended" {
    tests/bench/run -d "$BATS_TEST_TMPDIR/data" nap >/dev/null 2>&1 3>&- &
    run_pid=$!
    for _ in $(seq 100); do
        server=$(pgrep -P "$run_pid" -f 02-nonblocking || true)
        [ -z "$server" ] || break
        "$ROOT/tests/client" free-port >/dev/null
    done
    [ -n "$server" ] || { echo 'no server was started' && kill -KILL "$run_pid" && return 1; }
    kill -TERM "$run_pid"
    await_exit "$run_pid" 10
    run ! kill -0 "$server"
}

@test "$NAME: run refuses an unknown part, and explains its options" {
    run -2 tests/bench/run nonsense
    says "there is no part 'nonsense'"
    run -2 tests/bench/run -z
    run -0 tests/bench/run -h
    says 'usage: tests/bench/run'
}

@test "$NAME: every part says what it measures and how long that takes" {
    for part in tests/bench/parts/*.sh; do
        sed -n 2p "$part" | grep -q '^# [a-z]' || { echo "$part: line 2" && return 1; }
        sed -n 3p "$part" | grep -qE '^# seconds: [0-9]+, quick: [0-9]+$' || { echo "$part: line 3" && return 1; }
    done
}

@test "$NAME: each kept figure is there with its data, as SVG and as PNG" {
    for program in slides/figures/*.gp; do
        name=${program%.gp}
        [ "$name" = slides/figures/style ] && continue
        for file in "$name.data" "$name.svg" "$name.png"; do
            [ -s "$file" ] || { echo "$file is not there" && return 1; }
        done
        grep -q "$(sed -n '1s/^# //p' "$name.data")" "$name.svg" || {
            echo "$name.svg does not name the machine of its data"
            return 1
        }
    done
}

@test "$NAME: figures are drawn from data alone" {
    command -v gnuplot >/dev/null || skip 'gnuplot is not installed'
    cp slides/figures/*.data "$BATS_TEST_TMPDIR"
    run -0 slides/figures/draw "$BATS_TEST_TMPDIR"
    for data in "$BATS_TEST_TMPDIR"/*.data; do
        name=$(basename "$data" .data)
        [ -e "slides/figures/$name.gp" ] || continue
        grep -q '</svg>' "${data%.data}.svg" || { echo "$name.svg is not whole" && return 1; }
        [ -s "${data%.data}.png" ]
    done
}

@test "$NAME: without gnuplot the figures are skipped in one line" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    ln -s "$(command -v sh)" "$(command -v dirname)" "$BATS_TEST_TMPDIR/bin"
    PATH=$BATS_TEST_TMPDIR/bin run -0 slides/figures/draw
    is line 'figures: skipped, gnuplot is not installed' "$output"
}

@test "$NAME: what a system does not tell is skipped in one line" {
    work=$BATS_TEST_TMPDIR data=$BATS_TEST_TMPDIR raw=$BATS_TEST_TMPDIR/raw part=busy round=1
    echo 'round=1 server=a clients=1 per_s=5' >"$raw"
    echo 'a machine' >"$work/machine"
    # shellcheck source=/dev/null
    . tests/bench/figures.sh
    keep busy server clients cpu_us server=a
    run table busy 'Title'
    is line 'busy: skipped, this system does not tell it' "$output"
    run ratios busy 'Title'
    is nothing '' "$output"
    [ ! -e "$data/busy.data" ]
}
