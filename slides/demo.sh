#!/bin/sh
# The side-by-side show: the same clients do the same things to every server, and a table
# says what happened. The last scene shows the chat. `make demo` runs it; `slides/demo.sh
# silent idle` plays these scenes.
#
# Every figure was measured in this run. The sentence under a table is made from its figures.

cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/demo.XXXXXX") || exit 1
client=tests/client

# name and command, a line a server
servers() {
    echo '01-blocking 01-blocking/echo_server'
    echo '01-threads 01-blocking/echo_server_threads'
    echo '02-polling 02-nonblocking-polling/echo_server'
    echo '02-polling-nap 02-nonblocking-polling/echo_server -n 10'
    echo '03-select 03-select/echo_server'
    echo '04-poll 04-poll/echo_server'
    [ ! -x 05-epoll/echo_server ] || echo '05-epoll 05-epoll/echo_server'
    echo '06-selector 06-selectors-style/echo_server'
}

stop_all() {
    cat "$work"/*.pid 2>/dev/null | while read -r pid; do
        kill "$pid" 2>/dev/null
    done
    rm -f "$work"/*.pid
}
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# start NAME COMMAND...: leaves its process id and its port in files.
start() {
    name=$1
    shift
    mkfifo "$work/$name.line"
    "$@" -p 0 >"$work/$name.line" 2>"$work/$name.stderr" &
    echo $! >"$work/$name.pid"
    read -r line <"$work/$name.line"
    rm "$work/$name.line"
    echo "${line##*:}" >"$work/$name.port"
}

start_all() {
    servers >"$work/servers"
    while read -r name command; do
        # shellcheck disable=SC2086 # the command is a list of words
        start "$name" $command
    done <"$work/servers"
}

# play NAME STEP...: the steps against that server.
play() {
    name=$1
    shift
    "$client" -p "$(cat "$work/$name.port")" -s "$(cat "$work/$name.pid")" "$@" 2>&1
}

# each FUNCTION: runs it for all servers at once; what it prints goes to NAME.out.
each() {
    while read -r name command; do
        "$1" "$name" >"$work/$name.out" &
        echo $! >>"$work/players"
    done <"$work/servers"
    while read -r player; do
        wait "$player"
    done <"$work/players"
    rm "$work/players"
}

# value NAME KEY: the number after KEY= in what was printed for NAME.
value() {
    sed -n "s/.*$2=\([^ ]*\).*/\1/p" "$work/$1.out"
}

# ---- silent ----

# Ann connects, says nothing and leaves after 1.5 s. Bob and Cy say hello meanwhile.
silent_one() {
    play "$1" 'ann connect' 'say here' 'pass 1500' 'ann close' >"$work/$1.ann" &
    ann=$!
    until [ -s "$work/$1.ann" ]; do
        sleep 0.01
    done
    play "$1" 'bob connect' 'bob time-echo hello 4000' &
    bob=$!
    play "$1" 'cy connect' 'cy time-echo hello 4000' &
    wait $! "$bob" "$ann"
}

silent() {
    start_all
    echo 'silent: Ann connects and says nothing. She leaves after 1.5 seconds.'
    echo 'Bob and Cy come after her and say hello. How long do they wait for their echo?'
    echo
    each silent_one
    while read -r name command; do
        echo "$name $(value "$name" 'bob waited_ms') $(value "$name" 'cy waited_ms')"
    done <"$work/servers" | awk '
        BEGIN { printf "  %-16s %10s %10s\n", "server", "Bob, ms", "Cy, ms" }
        {
            printf "  %-16s %10s %10s\n", $1, $2, $3
            longer = $2 == "never" || $3 == "never" ? 4000 : $2 > $3 ? $2 : $3
            if (longer >= 1000) { stuck = stuck (nstuck++ ? ", " : "") $1 }
            else { nfree++; if (longer > slowest) { slowest = longer; who = $1 } }
        }
        END {
            if (nstuck) printf "\n  Until Ann left, everybody waited at: %s.\n", stuck
            if (nfree) printf "  At the other %d nobody waited for her; the longest wait was %.1f ms (%s).\n", nfree, slowest, who
        }'
}

# ---- idle ----

idle_one() {
    play "$1" 'ann connect' 'ann echo hello' 'crowd*2 connect' 'mark' 'pass 2000' 'report'
}

idle() {
    start_all
    echo 'idle: three clients are connected, and for two seconds nobody talks.'
    echo 'How much of a processor does the server use?'
    echo
    each idle_one
    while read -r name command; do
        echo "$name $(value "$name" cpu_us) $(value "$name" wall_ms)"
    done <"$work/servers" | awk '
        BEGIN { printf "  %-16s %12s %10s\n", "server", "CPU, ms", "of a core" }
        {
            share = $3 > 0 ? $2 / ($3 * 10) : 0
            printf "  %-16s %12.2f %9.2f%%\n", $1, $2 / 1000, share
            if (share >= 20) burns = burns (nburn++ ? ", " : "") $1
            if (share < 0.1) rests++
        }
        END {
            if (nburn) printf "\n  It burnt a core to hear nothing: %s.\n", burns
            printf "  %d of %d servers slept: under 0.1%% of a core.\n", rests, NR
        }'
}

# ---- crowd ----

# Prints the microseconds of server CPU that one round trip of Ann costs beside a crowd.
crowd_cost() {
    play "$1" "crowd*$2 connect" 'ann connect' 'ann ping 100' 'mark' 'ann ping 3000' \
        'report' >"$work/$1.out"
    us=$(value "$1" cpu_us)
    echo "${us:+$(awk "BEGIN { printf \"%.1f\", $us / 3000 }")}"
}

crowd() {
    start_all
    echo 'crowd: 10, 100, 900 clients are connected and silent, and Ann talks.'
    echo 'How many microseconds of server CPU does one round trip of hers cost?'
    echo
    while read -r name command; do
        case $name in
        01-blocking) echo "$name - - -" ;;
        02-polling-nap) ;;
        *) echo "$name $(crowd_cost "$name" 10) $(crowd_cost "$name" 100) $(crowd_cost "$name" 900)" ;;
        esac
    done <"$work/servers" | awk '
        BEGIN { printf "  %-16s %8s %8s %8s %10s\n", "server", "10", "100", "900", "900 / 10" }
        $2 == "-" { printf "  %-16s %8s %8s %8s   Ann never gets a turn\n", $1, "-", "-", "-"; next }
        NF < 4 { printf "  %-16s could not be measured\n", $1; next }
        {
            growth = $2 > 0 ? $4 / $2 : 0
            printf "  %-16s %8.1f %8.1f %8.1f %9.1fx\n", $1, $2, $3, $4, growth
            if (growth >= 5) grows = grows (ngrow++ ? ", " : "") $1
            else flat = flat (nflat++ ? ", " : "") $1
        }
        END {
            if (ngrow) printf "\n  With 900 silent clients a round trip cost five times as much, or more, at: %s.\n", grows
            if (nflat) printf "  The crowd cost little or nothing at: %s.\n", flat
        }'
}

# ---- chat ----

# await NAME TEXT: until this user sees the text, five seconds at most.
await() {
    tries=0
    until grep -qF -- "$2" "$work/$1.screen"; do
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || {
            echo "  $1 never saw: $2"
            return 1
        }
        sleep 0.01
    done
}

# join NAME ID: a user comes, with a screen that is a file and keys that are a pipe.
join() {
    mkfifo "$work/$1.keys"
    06-selectors-style/apps/chat_client 127.0.0.1 "$(cat "$work/chat.port")" \
        <"$work/$1.keys" >>"$work/$1.screen" 2>&1 3>&- 4>&- 5>&- &
    echo $! >"$work/$1.pid"
}

# types NAME DESCRIPTOR TEXT SEEN: the user types the text and in the end sees something.
types() {
    printf '> %s\n' "$3" >>"$work/$1.screen"
    printf '%s\n' "$3" >&"$2"
    await "$1" "$4"
}

show_screen() {
    echo "  $1's screen"
    sed 's/^/    /' "$work/$1.screen"
    echo
}

# Mallory has no client of ours: she sends bytes, and the last of her lines never ends.
mallory() {
    play chat 'mallory connect' 'mallory hear {"type":"welcome",*' \
        'say > {"type":"chat","text":"half' 'mallory tell {"type":"chat","text":"half' \
        'mallory show 1' 'say > [1,2,3]' 'mallory tell [1,2,3]' 'mallory show 1' \
        'say > {"type":"chat","text":""}' 'mallory tell {"type":"chat","text":""}' \
        'mallory show 1' 'say > {"type":"chat","te' 'mallory send {"type":"chat","te' \
        'mallory gone 60000' >"$work/Mallory.screen" &
    await Mallory '"te'
}

chat() {
    echo 'chat: Ann, Bob and Cy talk, and Mallory sends nonsense and half a message.'
    echo 'This is what each of them sees. Behind > is what they type.'
    echo
    start chat 06-selectors-style/apps/chat_server
    join Ann && exec 3>"$work/Ann.keys" && await Ann 'User_1'
    join Bob && exec 4>"$work/Bob.keys" && await Bob 'User_2'
    join Cy && exec 5>"$work/Cy.keys" && await Cy 'User_3'
    types Ann 3 '/emoji 🦀' 'your emoji'
    types Ann 3 'Good morning!' ': Good morning!'
    mallory
    types Bob 4 'Hello Ann.' ': Hello Ann.'
    types Cy 5 '/join tech' 'in tech'
    types Cy 5 'Anybody here?' ': Anybody here?'
    types Ann 3 'Where is Cy?' ': Where is Cy?'
    types Cy 5 '/join general' 'in general now'
    types Cy 5 '/history' ': Where is Cy?'
    types Bob 4 '/who' 'in general:'
    await Ann ': Where is Cy?' && await Bob ': Where is Cy?'
    exec 3>&- 4>&- 5>&-
    for user in Ann Bob Cy Mallory; do
        show_screen "$user"
    done
    echo '  In tech Cy heard nothing of general; the history told it later. Mallory got an'
    echo '  answer to each wrong line. On the other screens she is a name in /who, no more.'
}

# ---- the show ----

for scene in "${@:-silent idle crowd chat}"; do
    scenes="${scenes-} $scene"
done
for scene in $scenes; do
    case $scene in
    silent | idle | crowd | chat) ;;
    *)
        echo "demo: no scene is called '$scene'; there are silent, idle, crowd and chat" >&2
        exit 2
        ;;
    esac
done
for scene in $scenes; do
    "$scene"
    stop_all
    echo
done
