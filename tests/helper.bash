# What every bats file here needs: servers that are started, stopped and never left behind.
#
# NAME     what is tested, as it stands in front of every test's name
# SERVER   the command that starts it; {port} stands for the port
# TRAITS   words that say what this server cannot do, or does on purpose:
#          one-at-a-time   a second client waits for the first
#          busy            burns CPU while it waits
#          ceiling         serves no descriptor of FD_SETSIZE or more
#          foreign         knows none of our options: only its port is set

ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
SERVER_PID=  # the server itself
STARTED_PID= # what was started here: the server, or the cage that holds it
PORT=
LIMIT=4096

has_trait() {
    case " ${TRAITS-} " in *" $1 "*) return 0 ;; esac
    return 1
}

skip_if() {
    if has_trait "$1"; then skip "$2"; fi
}

# What stands before SERVER: a tracer, say. With CAGED set also the cage, for a server that
# nobody trusts, the folder where it runs, FOLDER, and the narrator, which writes what it
# calls into the folder NARRATIONS.
before_server() {
    if [ -n "${CAGED-}" ]; then
        printf '%q ' "$ROOT/tests/grade/cage" -f 10 -p "$BATS_TEST_TMPDIR/pid" \
            -C "${FOLDER:-$ROOT}"
    fi
    printf '%s ' "${WRAPPER-}"
    if [ -n "${NARRATIONS-}" ]; then
        printf '%q ' "$ROOT/common/narrate" -l 20 -q fcntl,setsockopt,getsockopt \
            -o "$NARRATIONS/$(printf %s "$BATS_TEST_DESCRIPTION" | cksum | cut -d ' ' -f 1).calls"
    fi
}

# launch PORT [OPTION...]: starts SERVER and reads FIRST_LINE. Returns 1 if it ends without
# one, more if none comes.
launch() {
    local port=$1 fifo="$BATS_TEST_TMPDIR/stdout"
    shift
    [ ! -e "$fifo" ] || rm "$fifo" # a server from before may still write to it
    mkfifo "$fifo"
    # With job control SIGINT reaches the server as it would from a terminal; without it a
    # shell starts what runs in the background with SIGINT ignored.
    set -m
    (
        cd "$ROOT" || exit 1
        ulimit -n "$LIMIT" 2>/dev/null || true
        # A tracer and the leak sanitizer cannot both trace.
        [ -z "${WRAPPER-}" ] || export ASAN_OPTIONS=detect_leaks=0
        eval "exec $(before_server) ${SERVER//\{port\}/$port} $*"
    ) >"$fifo" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    STARTED_PID=$!
    SERVER_PID=$STARTED_PID
    set +m
    FIRST_LINE=
    # The cage knows how busy the machine is, and has the limit of ten seconds.
    if [ -n "${CAGED-}" ]; then
        read -r -t 200 FIRST_LINE <"$fifo"
    else
        read -r -t 10 FIRST_LINE <"$fifo"
    fi
}

# start_server [OPTION...]: starts SERVER with more options and at most LIMIT descriptors.
# Sets SERVER_PID and PORT once its first line is there.
start_server() {
    local port=${FIXED_PORT:-0} status=0
    if has_trait foreign; then port=$("$ROOT/tests/client" free-port); fi
    launch "$port" "$@" || status=$?
    if [ "$status" -eq 1 ] && has_trait foreign &&
        ! grep -q '^cage: ' "$BATS_TEST_TMPDIR/stderr"; then
        # Another program may have taken the port since.
        end_server
        status=0
        launch "$("$ROOT/tests/client" free-port)" "$@" || status=$?
    fi
    if [ "$status" -ne 0 ]; then
        echo "the server printed no first line; on stderr: $(head -n 20 "$BATS_TEST_TMPDIR/stderr")"
        return 1
    fi
    if [ -n "${CAGED-}" ]; then SERVER_PID=$(cat "$BATS_TEST_TMPDIR/pid"); fi
    PORT=${FIRST_LINE##*:}
    case $FIRST_LINE in
    "listening on "*:*[0-9]) ;;
    *) echo "the first line is not 'listening on ADDRESS:PORT' but '$FIRST_LINE'" && return 1 ;;
    esac
}

# Ends the server if it still runs.
end_server() {
    [ -n "$SERVER_PID" ] || return 0
    # The cage ends what it holds, and then itself.
    if [ -n "${CAGED-}" ]; then
        kill -TERM "$STARTED_PID" 2>/dev/null || true
    else
        kill -KILL "$SERVER_PID" 2>/dev/null || true
    fi
    wait "$STARTED_PID" 2>/dev/null || true
    SERVER_PID=
}

# stop_server [SIGNAL]: asks the server to end and sets STATUS.
stop_server() {
    kill "-${1:-TERM}" "$SERVER_PID"
    await_end
}

# eventually SECONDS COMMAND...: until it succeeds, for so long at most.
eventually() {
    local i=0
    until "${@:2}"; do
        i=$((i + 1))
        if [ "$i" -gt $(($1 * 50)) ]; then
            echo "not within $1 seconds: ${*:2}"
            return 1
        fi
        sleep 0.02
    done
}

has_exited() {
    ! kill -0 "$1" 2>/dev/null
}

# await_exit PID SECONDS: waits for a process that was started here, and sets STATUS.
await_exit() {
    if ! eventually "$2" has_exited "$1" >/dev/null; then
        echo "process $1 still runs, after $2 seconds"
        return 1
    fi
    STATUS=0
    wait "$1" || STATUS=$?
}

# Waits for the server to end and sets STATUS. The contract gives it a second; a machine
# under load gets two.
await_end() {
    await_exit "$STARTED_PID" 2 || return 1
    SERVER_PID=
}

# The server has ended, and well.
ended_well() {
    [ "$STATUS" -ne 0 ] || return 0
    echo "the server ended with $(status_in_words "$STATUS"), expected: status 0"
    return 1
}

status_in_words() {
    local signal
    if [ "$1" -gt 128 ] && signal=$(kill -l $(($1 - 128)) 2>/dev/null); then
        echo "status $1: signal SIG${signal#SIG}"
    else
        echo "status $1"
    fi
}

# is_ending: the server has ended, though the cage around it may not have seen it yet.
is_ending() {
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do # to end takes a moment
        case $(ps -o stat= -p "$SERVER_PID" 2>/dev/null) in
        "" | Z*) return 0 ;;
        esac
        sleep 0.02
    done
    return 1
}

# What can be seen of the server from outside after a test has failed.
describe_server() {
    if is_ending && await_exit "$STARTED_PID" 10; then
        SERVER_PID=
        echo "the server has ended, with $(status_in_words "$STATUS")"
    else
        "$ROOT/tests/client" -p "$PORT" -s "$SERVER_PID" report 3>&- 2>/dev/null |
            sed -n 's/cpu_us=\([0-9]*\) .*rss_kib=\([0-9]*\) descriptors=\(.*\)/\1 \2 \3/p' | awk '
            { printf "the server runs: %.2f s of CPU, %d KiB of memory", $1 / 1e6, $2 }
            $3 >= 0 { printf ", %d descriptors", $3 }
            END { if (NR) print "" }'
    fi
}

# client STEP...: plays the steps against the server. See tests/client -h.
client() {
    local status=0 options=()
    if [ -n "${MUTE-}" ]; then
        case $* in
        *echo* | *expect* | *stream* | *collect* | *answered* | *visit* | *' end'*)
            echo 'not tried: it needs an echo, and the server did not return a line, twice'
            return 1
            ;;
        esac
    fi
    # Limits that leave time for all tests of a server that fails them all.
    if [ -n "${CAGED-}" ]; then options=(-r 15 -t 3000); fi
    if [ -n "${NARRATIONS-}" ]; then options+=(-f); fi
    "$ROOT/tests/client" "${options[@]}" -p "$PORT" -s "$SERVER_PID" "$@" 3>&- || status=$?
    if [ "$status" -eq 77 ]; then skip "this system shows no descriptors of a process"; fi
    if [ "$status" -ne 0 ] && [ -n "${CAGED-}" ]; then describe_server; fi
    if [ "$status" -ne 0 ] && [ -s "$BATS_TEST_TMPDIR/stderr" ]; then
        echo "the server said: $(head -n 5 "$BATS_TEST_TMPDIR/stderr")"
    fi
    return "$status"
}

# Skips a test that preloads something where the programs are linked statically.
need_dynamic() {
    "$ROOT/common/narrate" -n "$ROOT/tests/client" -h >/dev/null 2>&1 ||
        skip 'nothing can be preloaded into the programs here'
}

need_short_memory() {
    [ -e "$ROOT/tests/short_memory.so" ] || skip 'tests/short_memory.so is not built here'
    [ -z "${SANITIZER-}" ] || skip 'a sanitizer has an allocator of its own'
    need_dynamic
}

# short_memory WHICH [FAULT]: begins a command that is refused this memory, see short_memory.c,
# and meets this fault.
short_memory() {
    local memory="$ROOT/tests/short_memory.so"
    if [ $# -eq 1 ]; then
        echo "env SHORT_MEMORY=$1 LD_PRELOAD=$memory"
    else
        echo "common/narrate -n -f $2 env SHORT_MEMORY=$1 LD_PRELOAD=$ROOT/common/narrator.so:$memory"
    fi
}

# waits_in FILE: how long a server that was narrated into this file wanted to wait each time, in
# milliseconds or for "ever", and "close" where it closed.
waits_in() {
    sed -nE 's/.* close\(.*/close/p
        s/.* (select|poll|epoll_wait|kevent)\(.* ([0-9]+) ms\).*/\2/p
        s/.* (select|poll|epoll_wait|kevent)\(.* for ever\).*/ever/p' "$1"
}

# Skips a test that needs strace where there is none. Sets STRACE, the beginning of its
# command: with --seccomp-bpf only the calls that are traced become slower.
need_strace() {
    command -v strace >/dev/null || skip 'strace is not installed'
    strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
    STRACE='strace -D -f -o /dev/null'
    if strace --seccomp-bpf -f -o /dev/null true 2>/dev/null; then STRACE="$STRACE --seccomp-bpf"; fi
}

# Skips a test that needs the narrator where it cannot be preloaded.
need_narrator() {
    [ -e "$ROOT/common/narrator.so" ] || skip 'common/narrator.so is not built here'
    [ -z "${SANITIZER-}" ] || skip 'a sanitizer has to be loaded before the narrator'
    need_dynamic
}

# The step that says whether the server rests: 02 burns a core, and that is asserted too. A
# sanitizer makes each call dearer, and a server that naps makes some; one that spins takes all.
cpu_at_rest() {
    if has_trait busy; then
        echo 'cpu-above 5'
    elif [ -n "${SANITIZER-}" ]; then
        echo 'cpu-below 25'
    else
        echo 'cpu-below 5'
    fi
}

# The step that bounds the growth of memory; a sanitizer's own memory has no such bound.
memory_below() {
    if [ -n "${SANITIZER-}" ]; then echo 'pass 0'; else echo "memory-below $1"; fi
}

# Under a sanitizer the server is asked to end, so that it can look for leaks, and what the
# sanitizer said fails the test. Where coverage is measured it writes its counters then.
teardown() {
    if [ -n "$SERVER_PID" ]; then
        # What the narrator tells ends where the test failed.
        if [ -z "${NARRATIONS-}" ]; then kill -CONT "$SERVER_PID" 2>/dev/null || true; fi
        if [ -n "${SANITIZER-}${COVERAGE-}" ]; then stop_server TERM || true; fi
    fi
    end_server
    if [ -s "$BATS_TEST_TMPDIR/stderr" ] &&
        grep -E -A 20 'Sanitizer|runtime error' "$BATS_TEST_TMPDIR/stderr"; then
        return 1
    fi
}

# The output of `run` holds this text.
says() {
    case $output in
    *"$1"*) return 0 ;;
    esac
    echo "expected to read: $1"
    echo "but read: $output"
    return 1
}

# is WHAT EXPECTED SEEN
is() {
    [ "$2" != "$3" ] || return 0
    echo "$1: expected (<) and seen (>):"
    diff <(echo "$2") <(echo "$3")
}

# holds TEXT FILE, and lacks TEXT FILE.
holds() {
    grep -qF -- "$1" "$2" && return 0
    printf 'expected to read: %s\nbut read:\n' "$1"
    cut -c 1-400 "$2" | tail -n 30
    return 1
}

lacks() {
    grep -F -- "$1" "$2" || return 0
    echo 'these lines must not be there'
    return 1
}
