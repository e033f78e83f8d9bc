# What the tests of the applications share.
#
# NAME     stands in front of every test's name
# BACKEND  what the servers wait with; they choose where it is not set
# SERVER   the command that starts the one that is tested, if it is not the one here

: "${NAME:=apps}"

# shellcheck source=tests/helper.bash
source "${BASH_SOURCE[0]%/*}/../helper.bash"

GIVEN_SERVER=${SERVER-}
APPS=06-selectors-style/apps
STAMP='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z'
WELCOME='{"type":"welcome",*}'
WHO='{"type":"who"}'

# ---- servers and clients ----

# start_app APP [OPTION...]: where the C library can, it overwrites memory that is freed, so
# that a use of it shows.
start_app() {
    export MALLOC_PERTURB_=165
    SERVER="${GIVEN_SERVER:-$APPS/$1_server -p {port\}} ${BACKEND:+-s $BACKEND}"
    start_server "${@:2}"
}

# note_calls [OPTION...]: the next server's calls are narrated, with these options, into CALLS.
note_calls() {
    need_narrator
    CALLS="$BATS_TEST_TMPDIR/calls"
    WRAPPER="common/narrate -l 100000 -o $CALLS $*"
}

start_chat() { start_app chat "$@"; }
start_game() { start_app game "$@"; }
start_ticker() { start_app ticker "$@"; }
start_binary() { start_app binary "$@"; }

# play NAMES STEP...: these join the chat or the ticker one after the other, then the steps.
play() {
    local name joins=()
    for name in $1; do joins+=("$name connect" "$name hear $WELCOME"); done
    client "${joins[@]}" "${@:2}"
}

# play_game NAMES STEP...: the same for the game, where all hear of each who joins.
play_game() {
    local name other joined='' joins=()
    for name in $1; do
        joins+=("$name connect" "$name hear $WELCOME")
        joined="$joined $name"
        for other in $joined; do joins+=("$other hear {\"type\":\"state\",*}"); done
    done
    client "${joins[@]}" "${@:2}"
}

# ---- what is sent and heard ----

# error CODE: the pattern of an error.
error() { printf '{"type":"error","code":"%s","message":"?*"}' "$1" | tr -d '?'; }

# said USER TEXT [EMOJI [ROOM]]: the pattern of a chat message.
said() {
    printf '{"type":"chat","user":"%s","message":"%s","emoji":"%s","room":"%s","timestamp":"*"}' \
        "$1" "$2" "${3:-😀}" "${4:-general}"
}

# in_room ROOM [USER EMOJI]...: the answer to who.
in_room() {
    local room=$1 users=''
    shift
    while [ $# -gt 0 ]; do
        users="$users,{\"user\":\"$1\",\"emoji\":\"$2\"}"
        shift 2
    done
    printf '{"type":"who","room":"%s","users":[%s]}' "$room" "${users#,}"
}

# in_general USER...: the same where nobody has changed the emoji.
in_general() {
    local user users=()
    for user in "$@"; do users+=("$user" 😀); done
    in_room general "${users[@]}"
}

# history_of ROOM [PATTERN]: the answer to history in the chat.
history_of() { printf '{"type":"history","room":"%s","messages":[%s]}' "$1" "${2-}"; }

# state ID X Y SCORE [...]: what all players hear.
state() {
    local positions='' scores=''
    while [ $# -gt 0 ]; do
        positions="$positions,\"$1\":{\"x\":$2,\"y\":$3}"
        scores="$scores,\"$1\":$4"
        shift 4
    done
    printf '{"type":"state","positions":{%s},"scores":{%s}}' "${positions#,}" "${scores#,}"
}

# repeat COUNT TEXT: prints the text so often. bats makes a loop slow.
repeat() {
    local spaces
    printf -v spaces '%*s' "$1" ''
    printf '%s' "${spaces// /"$2"}"
}

# refusals NAME CODE LINE...: sets STEPS, in which each line is refused with this code.
refusals() {
    local line
    STEPS=()
    for line in "${@:3}"; do STEPS+=("$1 tell $line" "$1 hear $(error "$2")"); done
}

# matches TEXT REGEX: the whole text fits.
matches() {
    local regex="^($2)\$"
    [[ $1 =~ $regex ]] && return 0
    echo "expected: $2"
    echo "but read: $1"
    return 1
}

# quotes LINE: each price in a line of the ticker, and its time, a line each.
quotes() {
    awk -F '"price":' '{
        for (i = 2; i <= NF; i++) {
            match($i, /"timestamp":"[^"]*"/)
            print substr($i, 1, index($i, ",") - 1), substr($i, RSTART + 13, RLENGTH - 14)
        }
    }' <<<"$1"
}

# send_raw BYTES: sends what printf makes of this, and sets REPLY to all bytes that come
# back until the server ends, in hexadecimal. Five seconds at most.
send_raw() {
    local reader i=0
    exec 5<>"/dev/tcp/127.0.0.1/$PORT"
    # shellcheck disable=SC2059 # the format is the argument
    printf "$1" >&5
    cat <&5 >"$BATS_TEST_TMPDIR/reply" 3>&- &
    reader=$!
    exec 5>&-
    while kill -0 "$reader" 2>/dev/null; do
        i=$((i + 1))
        if [ "$i" -gt 250 ]; then
            kill "$reader"
            echo 'the server does not end the connection'
            return 1
        fi
        sleep 0.02
    done
    REPLY=$(od -An -v -tx1 "$BATS_TEST_TMPDIR/reply" | tr -d ' \n')
}

# set_in_server EXPRESSION...: assignments that gdb carries out in the running server, for
# what no message could bring about in a test's time. Skips where gdb cannot.
set_in_server() {
    local expression status=0 commands=() log="$BATS_TEST_TMPDIR/gdb"
    command -v gdb >/dev/null || skip 'gdb is not installed'
    for expression in "$@"; do commands+=(-ex "set variable $expression"); done
    gdb -q -nx -batch -p "$SERVER_PID" "${commands[@]}" >"$log" 2>&1 </dev/null 3>&- || status=$?
    cat "$log"
    if grep -qE 'No symbol|No struct type|unknown type|ptrace|not permitted|No process' "$log"; then
        skip 'gdb cannot look into this server here'
    fi
    return "$status"
}
