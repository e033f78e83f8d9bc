# The stages that a mutant has to pass: tests/mutation/run sources this. A stage is called in
# a worker's tree, with what stands behind its colon in tests/mutation/plan. Its status is 0 if
# nothing wrong was seen. The first ones are quick looks, made of the steps that the suites
# take too; the last ones are the suites themselves.

# Sources and flags split in words on purpose: no name has a blank.
# shellcheck disable=SC2046

LIMIT_MS=5000 # for a step of tests/client
LIMIT_S=5     # for a program that has to end by itself
SUITE_S=180   # for a suite

# ---- processes ----

# await PID SECONDS: waits for the end, and for no longer. Sets ended.
await() {
    tries=0
    while kill -0 "$1" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt $(($2 * 50)) ]; then
            kill_tree "$1"
            wait "$1" 2>/dev/null
            return 1
        fi
        sleep 0.02
    done
    ended=0
    wait "$1" 2>/dev/null || ended=$?
}

# tree PID: this process and all that come from it.
tree() {
    ps -A -o pid= -o ppid= | awk -v root="$1" '
        { parent[$1] = $2 }
        END {
            print root
            for (pid in parent) {
                for (p = pid; p in parent && p != root && depth < 100; depth++) p = parent[p]
                depth = 0
                if (p == root && pid != root) print pid
            }
        }'
}

# Twice, for what was started meanwhile: its parent is stopped before the list is made.
kill_tree() {
    kill -STOP "$1" 2>/dev/null
    for pid_in_tree in $(tree "$1"); do kill -STOP "$pid_in_tree" 2>/dev/null; done
    for pid_in_tree in $(tree "$1"); do kill -KILL "$pid_in_tree" 2>/dev/null; done
}

server_pid=
few= # how many descriptors a server has, if not as many as there are

# serve COMMAND...: starts a server, and sets server_pid and port.
serve() {
    : >"$work/first" # or it would be read from before
    (
        [ -z "$few" ] || ulimit -n "$few"
        exec "$@"
    ) >"$work/first" 2>"$work/stderr" </dev/null &
    server_pid=$!
    tries=0
    until read -r first <"$work/first"; do
        tries=$((tries + 1))
        [ "$tries" -le $((LIMIT_S * 50)) ] && kill -0 "$server_pid" 2>/dev/null || return 1
        sleep 0.02
    done 2>/dev/null
    port=${first##*:}
    [ "$first" = "listening on 127.0.0.1:$port" ]
}

# The server ends when it is asked to, with status 0, and has nothing to complain of.
ends_well() {
    kill "-${1-TERM}" "$server_pid" 2>/dev/null
    await "$server_pid" "$LIMIT_S" || return 1
    server_pid=
    [ "$ended" -eq 0 ] && [ ! -s "$work/stderr" ]
}

clean_up() {
    [ -z "$server_pid" ] || kill -KILL "$server_pid" 2>/dev/null
    [ -z "$server_pid" ] || wait "$server_pid" 2>/dev/null
    server_pid=
}

steps() {
    tests/client -p "$port" -s "$server_pid" -t "$LIMIT_MS" "$@" >"$work/out" 2>&1 </dev/null
}

# ---- quick looks at an echo server ----

# command_of NAME: a server's command, by the name that tests/run has for it.
command_of() {
    case $1 in
    01-threads) echo 01-blocking/echo_server_threads ;;
    02-polling) echo 02-nonblocking-polling/echo_server ;;
    05-edge) echo 05-epoll/echo_server -e ;;
    06-*) echo 06-selectors-style/echo_server -s "${1#06-}" ;;
    *) echo "$1/echo_server" ;;
    esac
}

one_at_a_time() {
    steps 'ann connect' 'ann echo a\0b\xff\r\n\0' 'ann stream 400000' \
        'ann drip hello 2' 'ann expect hello' 'ann half-close' 'ann end' \
        'mark' 'bob visit 30' 'descriptors-same' \
        'slow connect-small' 'slow fill' 'mark' 'pass 150' 'cpu-below 20' \
        'slow collect' 'slow half-close' 'slow end' \
        'owed connect-small' 'owed fill' 'owed reset' \
        'cy connect' 'cy pour 9000' 'cy reset' 'dan connect' 'dan pour 200000' \
        'signal TERM' 'server-gone'
}

many_at_once() {
    steps 'ann connect' 'ann echo a\0b\xff\r\n\0' 'bob connect' 'bob stream 400000' \
        'slow connect-small' 'slow fill' 'mark' 'bob echo x' \
        'burst*20 connect' 'burst echo hello' 'mark' 'pass 150' "$1" 'burst close' \
        'slow collect' 'slow half-close' 'slow end' \
        'owed connect-small' 'owed fill' 'owed reset' \
        'ann pour 9000' 'ann reset' 'bob drip hello 2' 'bob expect hello' \
        'bob ping 5' 'mark' 'cy visit 30' 'descriptors-same' 'bob half-close' 'bob end' \
        'crowd*100 connect' 'crowd send x' 'crowd answered-at-least 15' \
        'mark' 'pass 150' "$1" 'crowd close-answered 10' 'crowd answered-at-least 25' \
        'signal TERM' 'server-gone'
}

# Descriptors are few, so that they run out; and more than a table has places at first.
stage_quick() {
    few=80
    # shellcheck disable=SC2046 # words
    serve $(command_of "$1") -p 0 || return 1
    case $1 in
    01-blocking) one_at_a_time ;;
    02-*) many_at_once 'cpu-above 5' ;;
    *) many_at_once 'cpu-below 20' ;;
    esac && ends_well
}

# As many as -m says, and a burst; SIGINT.
stage_most() {
    rests='cpu-below 20'
    [ "$1" != 02-polling ] || rests='pass 0'
    # shellcheck disable=SC2046
    serve $(command_of "$1") -p 0 -m 5 || return 1
    steps 'crowd*20 connect' 'crowd send x' 'crowd answered 5 100' 'mark' 'pass 150' \
        "$rests" 'crowd close-answered 3' \
        'crowd answered 8 100' 'crowd reset-answered 5' 'crowd answered-at-least 13' \
        'signal STOP' 'late*10 connect' 'late reset' 'ann connect' 'signal CONT' &&
        ends_well INT
}

# What is wrong on the command line ends with status 2, a line and the usage.
stage_arguments() {
    program=$(command_of "$1")
    program=${program%% *}
    i=0
    for wrong in '-p abc' '-p 70000' '-p -1' '-p 80x' '-p 0x50' '-p' '-m 0' '-m -5' \
        '-a nonsense' '-a 1.2.3.4.5' '-z' stray; do
        i=$((i + 1))
        # shellcheck disable=SC2086
        "$program" $wrong >"$work/said.$i" 2>&1 </dev/null &
        await $! "$LIMIT_S" && [ "$ended" -eq 2 ] &&
            [ "$(wc -l <"$work/said.$i")" -eq 2 ] && grep -q 'usage: ' "$work/said.$i" ||
            return 1
    done
    "$program" -h >"$work/said" 2>&1 </dev/null &
    await $! "$LIMIT_S" && [ "$ended" -eq 0 ] && cmp -s "$work/said" "../help.$1"
}

# ---- quick looks at the clients of an echo server ----

# ended_with STATUS COMMAND...: it ends by itself, with this status. What it says is in out.
ended_with() {
    expected_end=$1
    shift
    "$@" >"$work/out" 2>"$work/said" <"${from:-/dev/null}" &
    await $! "$LIMIT_S" && [ "$ended" -eq "$expected_end" ]
}

stage_client() {
    from=
    for wrong in '-z' '-w x' '-w 0'; do
        # shellcheck disable=SC2086
        ended_with 2 "$1" $wrong 127.0.0.1 1 && grep -q usage: "$work/said" || return 1
    done
    serve 04-poll/echo_server -p 0 || return 1
    case $1 in
    */echo_client)
        ended_with 0 "$1" -p "$port" hello world && [ "$(cat "$work/out")" = 'hello world' ] &&
            from=tests/client.c && ended_with 0 "$1" -w 2 -p "$port" || return 1
        last_words="-p $port hello"
        ;;
    *)
        from=tests/client.c
        ended_with 0 "$1" -v 127.0.0.1 "$port" && grep -q pending "$work/said" || return 1
        last_words="127.0.0.1 $port"
        ;;
    esac
    cmp -s "$work/out" tests/client.c && ends_well || return 1
    # shellcheck disable=SC2086
    ended_with 1 "$1" $last_words && grep -q ': Connection refused' "$work/said"
}

# ---- the errno table ----

# All of it, and what it has no row for: a look beyond a call's rows is for the sanitizer to see.
stage_errnos() {
    common/errno_table >"$work/out" 2>&1 && [ "$(wc -l <"$work/out")" -gt 120 ] || return 1
    for pair in 'accept ECONNRESET' 'connect EMFILE' 'recv EMFILE' 'send EMFILE' 'select EMFILE' \
        'poll EMFILE' 'epoll_wait EMFILE' 'epoll_ctl EMFILE' 'kevent EMFILE' 'close EMFILE'; do
        # shellcheck disable=SC2086 # two words
        common/errno_table $pair >"$work/out" 2>&1 && grep -q 'not documented' "$work/out" ||
            return 1
    done
}

# ---- faults ----

# Each a cell of the fault matrix, the likeliest ones.
stage_faults() {
    every=1/2
    [ "$1" != 02-polling ] || every=1/7 # or all that is struck is one client's
    for plan in recv:2:EINTR recv:2:ECONNRESET recv:2:ENOMEM recv:1:EFAULT recv:$every:EINTR \
        send:2:EAGAIN send:2:EINTR send:2:ENOBUFS send:3:EPIPE send:*:short=1000 send:1:EBADF \
        accept:2-21:ECONNABORTED accept:2:EMFILE accept:1:EBADF accept:1:EAGAIN \
        close:1:EBADF close:2:EINTR close:1:EIO; do
        a_cell "$plan" "$1" || return 1
    done
    case $1 in
    03-* | 06-select) waits='select:1/2:EINTR select:1:ENOMEM select:2:EBADF' ;;
    04-* | 06-poll) waits='poll:1/2:EINTR poll:1:ENOMEM poll:2:EINVAL' ;;
    05-* | 06-* | chat)
        waits='epoll_wait:1/2:EINTR epoll_wait:2:EBADF epoll_ctl:4:ENOMEM epoll_ctl:4:EEXIST'
        ;;
    *) waits= ;;
    esac
    for plan in $waits; do
        a_cell "$plan" "$1" || return 1
    done
}

a_cell() {
    tests/faults/matrix -j 1 -f "$1" "$2" >"$work/out" 2>&1 </dev/null &
    await $! 40 && [ "$ended" -eq 0 ]
}

# The whole row of a program.
stage_matrix() {
    tests/faults/matrix -j 4 "$1" >"$work/out" 2>&1 </dev/null &
    await $! "$SUITE_S" && [ "$ended" -eq 0 ]
}

# ---- the selector, JSON, the applications ----

stage_selector() {
    backends=${1:-$(tests/selector_probe -l)} && [ -n "$backends" ] || return 1
    for backend in $backends; do
        for check in $(tests/selector_probe -c); do
            tests/selector_probe "$backend" "$check" >"$work/out" 2>&1 </dev/null &
            await $! 15 && [ "$ended" -eq 0 ] || return 1
        done
    done
}

# read_table: reads all texts of tests/json.table in one process, as json.bats does.
read_table() {
    set -- --
    while IFS='	' read -r kind text expected; do
        case $kind in valid | invalid) set -- "$@" "$text" ;; esac
    done <tests/json.table
    tests/json_probe "$@"
}

# What the sound one printed is what the table says.
stage_json() {
    read_table >"$work/out" 2>"$work/stderr" </dev/null &
    await $! "$LIMIT_S" && [ "$ended" -eq 1 ] && cmp -s "$work/out" "../json.out" &&
        cmp -s "$work/stderr" "../json.err"
}

app() {
    app_name=$1
    shift
    serve "06-selectors-style/apps/${app_name}_server" -p 0 "$@"
}

probe() {
    tests/apps/probe -p "$port" -s "$server_pid" "$@" >"$work/out" 2>&1 </dev/null &
    await $! 30 && [ "$ended" -eq 0 ]
}

# What is cut, what is garbage, who vanishes. Between the cuts the ticker must not tick.
stage_app() {
    case $1 in
    binary) app "$1" || return 1 ;;
    ticker) app "$1" -l 256 -t 60000 || return 1 ;;
    *) app "$1" -l 256 || return 1 ;;
    esac
    probe cuts "$1" 1 && ends_well || return 1
    app "$1" || return 1
    probe garbage "$1" 1 200 && probe vanish "$1" 1 50 || return 1
    [ "$1" != chat ] || probe crowd 20 40 || return 1
    steps 'ann connect' 'bob connect' 'mark' 'pass 150' 'cpu-below 20' && ends_well INT
}

# ---- with a sanitizer ----

# sanitized STAGE: plays a quick stage with programs that look after their memory, in a tree of
# their own beside the worker's. The mutated source is the worker's too.
stage_sanitized() {
    in_sane_tree sanitized '-fsanitize=address,undefined -fno-sanitize-recover=undefined' "$1"
}

# racing STAGE: the same with programs that look after their locks.
stage_racing() {
    in_sane_tree racing -fsanitize=thread "$1"
}

# in_sane_tree NAME FLAGS STAGE
in_sane_tree() {
    sane=$PWD.$1
    [ -d "$sane" ] || copy_sane "$sane"
    [ -z "$source" ] || cp "$source" "$sane/$source"
    (
        cd "$sane" || exit 1
        export SANITIZER=yes # for what the suites measure
        make -s CFLAGS="-O1 $2" $(programs "${source:-any}" "$3") >make.log 2>&1 && play "$3"
    )
    sane_status=$?
    [ -z "$source" ] || cp "../base/$source" "$sane/$source"
    return "$sane_status"
}

# The tools of the tests stay as they are; all else is built anew.
copy_sane() {
    cp -Rp ../base "$1"
    rm -f "$1"/common/*.o "$1"/0*/*.o "$1"/0*/apps/*.o
    (cd "$1" && rm -f $(sed '/^#/d' tests/mutation/plan | cut -d '|' -f 2))
}

# ---- the suites ----

# suite NAME[,FILTER]: a suite of tests/run until its first failure. One of which no test was
# run, because the filter fits none or all were skipped, fails too: it would tell nothing.
stage_suite() {
    filter=
    case $1 in *,*) filter=${1#*,} ;; esac
    rm -rf .build/test
    FILTER=$filter JOBS=1 tests/run "${1%%,*}" >"$work/out" 2>&1 </dev/null &
    suite=$!
    tries=0
    while kill -0 "$suite" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt $((SUITE_S * 5)) ] || grep -q '^not ok' .build/test/*.tap 2>/dev/null; then
            kill_tree "$suite"
            wait "$suite" 2>/dev/null
            return 1
        fi
        sleep 0.2
    done
    wait "$suite" && grep '^ok' .build/test/*.tap | grep -qv '# skip'
}

# core NAME: of a server's suite the tests that are hard to pass by accident.
stage_core() {
    stage_suite "$1,SIGPIPE|descriptors.run|EMFILE|-m.5|1500|bytes.are.owed"
}
