# What every bats file here needs: servers that are started, stopped and never left behind.
#
# NAME     what is tested, as it stands in front of every test's name
# SERVER   the command that starts it; {port} stands for the port
# TRAITS   words that say what this server cannot do, or does on purpose:
#          one-at-a-time   a second client waits for the first
#          busy            burns CPU while it waits
#          ceiling         serves no descriptor of FD_SETSIZE or more
#          foreign         knows none of our options: only its port is set

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SERVER_PID=
PORT=
LIMIT=4096

has_trait() {
    case " ${TRAITS-} " in *" $1 "*) return 0 ;; esac
    return 1
}

skip_if() {
    if has_trait "$1"; then skip "$2"; fi
}

# start_server [OPTION...]: starts SERVER with more options, at most LIMIT descriptors, and
# WRAPPER (strace, say) before it. Sets SERVER_PID and PORT once its first line is there.
start_server() {
    local port=${FIXED_PORT:-0} line fifo="$BATS_TEST_TMPDIR/stdout"
    if has_trait foreign; then port=$("$ROOT/tests/client" free-port); fi
    rm -f "$fifo"
    mkfifo "$fifo"
    # With job control SIGINT reaches the server as it would from a terminal; without it a
    # shell starts what runs in the background with SIGINT ignored.
    set -m
    (
        cd "$ROOT" || exit 1
        ulimit -n "$LIMIT" 2>/dev/null || true
        # A tracer and the leak sanitizer cannot both trace.
        [ -z "${WRAPPER-}" ] || export ASAN_OPTIONS=detect_leaks=0
        eval "exec ${WRAPPER-} ${SERVER//\{port\}/$port} $*"
    ) >"$fifo" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    SERVER_PID=$!
    set +m
    if ! read -r -t 10 line <"$fifo"; then
        echo "the server printed no first line; on stderr: $(cat "$BATS_TEST_TMPDIR/stderr")"
        return 1
    fi
    FIRST_LINE=$line
    PORT=${line##*:}
    case $line in
    "listening on "*:*[0-9]) ;;
    *) echo "the first line is not 'listening on ADDRESS:PORT' but '$line'" && return 1 ;;
    esac
}

# stop_server [SIGNAL]: asks the server to end and sets STATUS.
stop_server() {
    kill "-${1:-TERM}" "$SERVER_PID"
    await_end
}

# await_exit PID SECONDS: waits for a process that was started here, and sets STATUS.
await_exit() {
    local i=0
    while kill -0 "$1" 2>/dev/null; do
        i=$((i + 1))
        if [ "$i" -gt $(($2 * 50)) ]; then
            echo "process $1 still runs, after $2 seconds"
            return 1
        fi
        sleep 0.02
    done
    STATUS=0
    wait "$1" || STATUS=$?
}

# Waits for the server to end and sets STATUS. The contract gives it a second; a machine
# under load gets two.
await_end() {
    await_exit "$SERVER_PID" 2 || return 1
    SERVER_PID=
}

# client STEP...: plays the steps against the server. See tests/client -h.
client() {
    local status=0
    "$ROOT/tests/client" -p "$PORT" -s "$SERVER_PID" "$@" 3>&- || status=$?
    if [ "$status" -eq 77 ]; then skip "this system shows no descriptors of a process"; fi
    if [ "$status" -ne 0 ] && [ -s "$BATS_TEST_TMPDIR/stderr" ]; then
        echo "the server said: $(head -n 5 "$BATS_TEST_TMPDIR/stderr")"
    fi
    return "$status"
}

# Skips a test that needs strace where there is none.
need_strace() {
    command -v strace >/dev/null || skip 'strace is not installed'
    strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
}

# The step that says whether the server rests: 02 burns a core, and that is asserted too.
cpu_at_rest() {
    if has_trait busy; then echo 'cpu-above 5'; else echo 'cpu-below 5'; fi
}

# The step that bounds the growth of memory; a sanitizer's own memory has no such bound.
memory_below() {
    if [ -n "${SANITIZER-}" ]; then echo 'pass 0'; else echo "memory-below $1"; fi
}

# Under a sanitizer the server is asked to end, so that it can look for leaks, and what the
# sanitizer said fails the test.
teardown() {
    if [ -n "$SERVER_PID" ]; then
        kill -CONT "$SERVER_PID" 2>/dev/null || true
        if [ -n "${SANITIZER-}" ]; then stop_server TERM || true; fi
    fi
    if [ -n "$SERVER_PID" ]; then
        kill -KILL "$SERVER_PID" 2>/dev/null || true
        wait "$SERVER_PID" 2>/dev/null || true
    fi
    if grep -E -A 20 'Sanitizer|runtime error' "$BATS_TEST_TMPDIR/stderr" 2>/dev/null; then
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
