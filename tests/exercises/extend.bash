# What the tests of the extend exercises share.

load ../../helper

# refuses STATUS LINES OPTION...: with these options the server ends by itself, with this
# status, and says so much on stderr. Sets output.
refuses() {
    local pid said=$BATS_TEST_TMPDIR/said
    (cd "$ROOT" && eval "exec ${SERVER//\{port\}/0} ${*:3}") >/dev/null 2>"$said" 3>&- &
    pid=$!
    if ! await_exit "$pid" 5; then
        kill -KILL "$pid"
        return 1
    fi
    output=$(cat "$said")
    echo "with ${*:3}: status $STATUS: $output"
    [ "$STATUS" -eq "$1" ] && [ "$(wc -l <"$said")" -eq "$2" ]
}
