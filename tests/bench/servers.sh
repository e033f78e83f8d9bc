# The servers that are measured: their commands, their start and their end. Sourced by run.
# shellcheck shell=sh disable=SC2034,SC2154

running=

# What keeps a program on the last processor: a server and its load do not move about then.
pin=
last=$(($(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) - 1))
if [ "$last" -gt 0 ] && taskset -c "$last" true 2>/dev/null; then
    pin="taskset -c $last"
fi

command_of() {
    all="-p 0 -m 50000"
    case $1 in
    01-blocking) echo "01-blocking/echo_server $all" ;;
    01-threads) echo "01-blocking/echo_server_threads $all" ;;
    02-polling) echo "02-nonblocking-polling/echo_server $all" ;;
    02-nap-*) echo "02-nonblocking-polling/echo_server $all -n ${1#02-nap-}" ;;
    03-select) echo "03-select/echo_server $all" ;;
    04-poll) echo "04-poll/echo_server $all" ;;
    05-epoll) echo "05-epoll/echo_server $all" ;;
    05-edge) echo "05-epoll/echo_server $all -e" ;;
    06-*) echo "06-selectors-style/echo_server $all -s ${1#06-}" ;;
    floor-*) echo "tests/bench/floor ${1#floor-}" ;;
    esac
}

# Lesson 05 is not built everywhere.
is_here() {
    command=$(command_of "$1")
    [ -x "${command%% *}" ]
}

# built NAME...: those that are.
built() {
    for name in "$@"; do
        if is_here "$name"; then echo "$name"; fi
    done
}

# All that serve many clients.
concurrent_servers() {
    # shellcheck disable=SC2046
    built 01-threads 02-polling 03-select 04-poll 05-epoll 05-edge \
        $(tests/selector_probe -l | sed 's/^/06-/')
}

# start COMMAND...: sets PORT and PID once the server listens.
start() {
    rm -f "$work/line"
    mkfifo "$work/line"
    # shellcheck disable=SC2086
    $pin "$@" >"$work/line" 2>>"$work/problems" &
    PID=$!
    running="$running $PID"
    read -r line <"$work/line"
    PORT=${line##*:}
}

# stop PID [SIGNAL]
stop() {
    kill "-${2:-KILL}" "$1" 2>/dev/null
    wait "$1" 2>/dev/null
    running=$(for pid in $running; do [ "$pid" = "$1" ] || printf ' %s' "$pid"; done)
}

end_servers() {
    for pid in $running; do stop "$pid"; done
}
