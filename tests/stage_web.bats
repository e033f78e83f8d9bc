#!/usr/bin/env bats
# The web server of the stage, from outside: what it shows, what it refuses, and that no
# stranger and no slow viewer costs the others anything. stage_web_probe plays made-up
# scenes with it.

load helper

SEED=${SEED:-20261121}
EVENTS_HEAD='Content-Type: text/event-stream*'
END_EVENT='data: {"e":"end"*'

setup() {
    cd "$ROOT" || return 1
    PAGE="$BATS_TEST_TMPDIR/page"
    mkdir "$PAGE"
    printf 'the page' >"$PAGE/index.html"
    printf 'the style' >"$PAGE/stage.css"
    printf 'the model' >"$PAGE/model.js"
    printf 'the drawing' >"$PAGE/draw.js"
    printf 'the script' >"$PAGE/stage.js"
    SERVER="tests/stage_web_probe -p {port} -d '$PAGE'"
}

# start_web OPTION...: starts the probe. HOST is the field by which it is called.
start_web() {
    start_server "$@" || return 1
    HOST="Host: 127.0.0.1:$PORT\r\n"
    WATCH="send GET /events HTTP/1.1\r\n$HOST\r\n"
    PLAY="send POST /play?scene=first HTTP/1.1\r\n$HOST\r\n"
}

# Asked to stop, the server ends with status 0 and has said nothing.
ends_well() {
    stop_server TERM
    cat "$BATS_TEST_TMPDIR/stderr"
    [ "$STATUS" -eq 0 ]
    [ ! -s "$BATS_TEST_TMPDIR/stderr" ]
}

# status_is STATUS REQUEST: the request, with escapes as tests/client has them, gets this.
status_is() {
    client 'ann connect' "ann send $2" "ann hear HTTP/1.1 $1 *" 'ann gone'
}

# repeat TEXT TIMES
repeat() {
    yes "$1" | head -n "$2" | tr -d '\n'
}

# play STATUS QUERY: POST /play with this query gets this status.
play() {
    status_is "$1" "POST /play$2 HTTP/1.1\r\n$HOST\r\n"
}

# shows PATH TYPE BODY: the answer is whole, and says all that it has to say.
shows() {
    client 'ann connect' "ann send GET $1 HTTP/1.1\r\n$HOST\r\n" \
        'ann hear HTTP/1.1 200 OK*' \
        'ann hear Date: *, * GMT*' \
        "ann hear Content-Type: $2*" \
        "ann hear Content-Length: ${#3}*" \
        'ann hear Cache-Control: no-store*' \
        'ann hear X-Content-Type-Options: nosniff*' \
        "ann hear Content-Security-Policy: default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'*" \
        'ann hear Referrer-Policy: no-referrer*' \
        'ann hear Connection: close*' \
        "ann hear "$'\r' "ann expect $3" 'ann end'
}

# ---- what it shows ----

@test "the stage's page, style, script and scenes come whole, with their types" {
    start_web
    shows / 'text/html; charset=utf-8' 'the page'
    shows /stage.css 'text/css; charset=utf-8' 'the style'
    shows /model.js 'text/javascript; charset=utf-8' 'the model'
    shows /draw.js 'text/javascript; charset=utf-8' 'the drawing'
    shows /stage.js 'text/javascript; charset=utf-8' 'the script'
    shows '/stage.js?version=2' 'text/javascript; charset=utf-8' 'the script'
    client 'ann connect' "ann send GET /scenes HTTP/1.1\r\n$HOST\r\n" \
        'ann hear-until Content-Type: application/json*' "ann hear-until "$'\r' \
        'ann hear [{"name":"first"},{"name":"second"}]' 'ann end'
    ends_well
}

@test "the stage's web answers HEAD as GET, but without content" {
    local path
    start_web
    for path in / /stage.css /stage.js /scenes /events /nothing; do
        client 'ann connect' "ann send HEAD $path HTTP/1.1\r\n$HOST\r\n" \
            'ann hear-until Content-Type: *' "ann hear-until "$'\r' 'ann end'
    done
    client 'ann connect' "ann send HEAD / HTTP/1.1\r\n$HOST\r\n" \
        'ann hear-until Content-Length: 8*'
    ends_well
}

@test "the stage's page stays as it was when the program began" {
    start_web
    printf 'another page' >"$PAGE/index.html"
    shows / 'text/html; charset=utf-8' 'the page'
    ends_well
}

@test "the stage's web does not begin without its page" {
    rm "$PAGE/stage.css"
    if start_web; then
        echo 'it began'
        return 1
    fi
    await_exit "$SERVER_PID" 2
    SERVER_PID=
    [ "$STATUS" -eq 1 ]
    grep 'stage_web_probe: .*stage.css: No such file' "$BATS_TEST_TMPDIR/stderr"
}

@test "the stage's web plays a scene that it knows, one at a time, and stops it" {
    start_web -n 10 -t 60000
    play 400 ''
    play 400 '?scene'
    play 400 '?scene='
    play 400 '?other=first'
    play 400 '?scene=first&scene=first'
    play 400 '?scene=first%00'
    play 404 '?scene=firs'
    play 404 '?scene=first1'
    play 404 "?scene=$(repeat x 63)"
    play 400 "?scene=$(repeat x 64)"
    play 404 '?scene=..%2f..%2fREADME.md'
    play 202 '?x=1&&scene=first'
    play 409 '?scene=second'
    play 404 '?scene=nothing'
    status_is 202 "POST /stop HTTP/1.1\r\n$HOST\r\n"
    play 202 '?scene=%61%20b&x'
    status_is 202 "POST /stop HTTP/1.1\r\n$HOST\r\n"
    status_is 202 "POST /stop HTTP/1.1\r\n$HOST\r\n"
    client 'ann connect' "ann $WATCH" 'ann hear-until data: {"e":"scene","t":0,"name":"a b","take":2}' \
        'ann hear-until data: {"e":"end",*"stopped"}'
    ends_well
}

# ---- who is let in ----

# host_is STATUS HOST [FIELD [METHOD [PATH]]]
host_is() {
    status_is "$1" "${4-GET} ${5-/stage.js} HTTP/1.1\r\nHost: $2\r\n${3-}\r\n"
}

@test "the stage's page is refused to a foreign Host" {
    local other
    start_web
    host_is 200 "127.0.0.1:$PORT"
    host_is 200 "localhost:$PORT"
    host_is 200 "LocalHost:$PORT"
    for other in "example.org:$PORT" example.org 127.0.0.1 localhost "127.0.0.2:$PORT" \
        "127.0.0.1:$((PORT - 1))" "127.0.0.1:${PORT}0" "x127.0.0.1:$PORT" "[::1]:$PORT" \
        "localhost.:$PORT" "localhost.example.org:$PORT" "127.0.0.1:$PORT@example.org" \
        "127.0.0.1:$PORT, 127.0.0.1:$PORT" "0.0.0.0:$PORT" ''; do
        host_is 403 "$other"
        host_is 403 "$other" '' GET /nothing
        host_is 403 "$other" '' GET /
    done
    ends_well
}

@test "the stage's web takes no orders from a foreign page" {
    local origin
    start_web -t 60000
    for origin in http://example.org "http://example.org:$PORT" "https://127.0.0.1:$PORT" \
        null '' "http://127.0.0.1:${PORT}1" "http://127.0.0.1:$PORT/" http://127.0.0.1 \
        "HTTP://127.0.0.1:$PORT" "http://localhost:$PORT.example.org"; do
        host_is 403 "localhost:$PORT" "Origin: $origin\r\n" POST '/play?scene=first'
        host_is 403 "localhost:$PORT" "Origin: $origin\r\n" POST /stop
    done
    host_is 403 "localhost:$PORT" 'Sec-Fetch-Site: cross-site\r\n' POST '/play?scene=first'
    host_is 403 "localhost:$PORT" 'Sec-Fetch-Site: cross-site\r\n' GET /events
    host_is 403 "localhost:$PORT" 'Sec-Fetch-Site: cross-site\r\n' POST /
    host_is 200 "localhost:$PORT" 'Sec-Fetch-Site: cross-site\r\n' GET /
    host_is 200 "localhost:$PORT" 'Sec-Fetch-Site: none\r\n' GET /
    host_is 202 "localhost:$PORT" "Origin: http://127.0.0.1:$PORT\r\n" POST '/play?scene=first'
    host_is 202 "127.0.0.1:$PORT" "Origin: http://localhost:$PORT\r\nSec-Fetch-Site: same-origin\r\n" POST /stop
    ends_well
}

# ---- requests that are not as they have to be ----

# A status, and a request as tests/client sends it; {host} is the right field.
table() {
    cat <<'END'
200 GET / HTTP/1.1\r\n{host}\r\n
200 GET / HTTP/1.1\r\n{host}\r\nbytes behind the request
200 GET /?a=%41%2f%ff~!$&'()*+,;=:@ HTTP/1.1\r\n{host}\r\n
200 GET / HTTP/1.1\r\nX-A:\r\nX-B: \t \r\n!#$%&'*+-.^_`|~: "\xff"\t\r\n{host}\r\n
200 GET / HTTP/1.1\r\n{host}Content-Length: 0\r\n\r\n
200 GET / HTTP/1.1\r\n{host}Content-Length: 000\r\n\r\n
200 GET / HTTP/1.1\r\n{host}X: one\r\nX: two\r\n\r\n
204 GET /favicon.ico HTTP/1.1\r\n{host}\r\n
400 \r\n
400 \r\nGET / HTTP/1.1\r\n{host}\r\n
400 \n
400 GET\r\n
400 GET /\r\n
400 GET  / HTTP/1.1\r\n{host}\r\n
400 GET /  HTTP/1.1\r\n{host}\r\n
400 GET / HTTP/1.1 \r\n{host}\r\n
400  GET / HTTP/1.1\r\n{host}\r\n
400 GET\t/ HTTP/1.1\r\n{host}\r\n
400 GET /\tHTTP/1.1\r\n{host}\r\n
400 GET / HTTP/1.1\n{host}\r\n
400 GET / HTTP/1.1\r\r\n{host}\r\n
400 GET / HTTP/1.1\r{host}\r\n
400 GET / HTTP/1.1\r\nHost: x\n\r\n
400 GET / HTTP/1.1\r\n{host}\n
400 GET / HTTP/1.1\r\nX: a\rb\r\n{host}\r\n
400 GET / HTTP/1.1\r\n{host}X: a\r\n b\r\n\r\n
400 GET / HTTP/1.1\r\n{host}X: a\r\n\tb\r\n\r\n
400 GET / HTTP/1.1\r\n X: a\r\n{host}\r\n
400 GET / HTTP/1.1\r\nHost : x\r\n\r\n
400 GET / HTTP/1.1\r\n{host}X\t: a\r\n\r\n
400 GET / HTTP/1.1\r\n{host}: a\r\n\r\n
400 GET / HTTP/1.1\r\n{host}X\r\n\r\n
400 GET / HTTP/1.1\r\n{host}X(: a\r\n\r\n
400 GET / HTTP/1.1\r\n{host}\xc3\xa9: a\r\n\r\n
400 GET / HTTP/1.1\r\n{host}X\x00: a\r\n\r\n
400 GET / HTTP/1.1\r\n{host}X: \x00\r\n\r\n
400 GET / HTTP/1.1\r\n{host}X: \x1b\r\n\r\n
400 GET / HTTP/1.1\r\n{host}X: \x7f\r\n\r\n
400 GET / HTTP/1.1\r\n\r\n
400 GET / HTTP/1.1\r\n{host}{host}\r\n
400 GET / HTTP/1.1\r\n{host}HOST: example.org\r\n\r\n
400 GET http://127.0.0.1/ HTTP/1.1\r\n{host}\r\n
400 GET stage.js HTTP/1.1\r\n{host}\r\n
400 GET * HTTP/1.1\r\n{host}\r\n
400 OPTIONS * HTTP/1.1\r\n{host}\r\n
400 CONNECT 127.0.0.1:80 HTTP/1.1\r\n{host}\r\n
400 GET /#top HTTP/1.1\r\n{host}\r\n
400 GET /\x00 HTTP/1.1\r\n{host}\r\n
400 GET /\xc3\xa9 HTTP/1.1\r\n{host}\r\n
400 GET /\x7f HTTP/1.1\r\n{host}\r\n
400 GET /?% HTTP/1.1\r\n{host}\r\n
400 GET /?%4 HTTP/1.1\r\n{host}\r\n
400 GET /?%4g HTTP/1.1\r\n{host}\r\n
400 GET /%zz HTTP/1.1\r\n{host}\r\n
400 GE(T / HTTP/1.1\r\n{host}\r\n
400 GET / http/1.1\r\n{host}\r\n
400 GET / HTTP/1\r\n{host}\r\n
400 GET / HTTP/1.10\r\n{host}\r\n
400 GET / HTTP/1.\x00\r\n{host}\r\n
400 GET / HTTP/x.1\r\n{host}\r\n
400 GET / HTTPS/1.1\r\n{host}\r\n
400 GET / HTTP/1.1\r\n{host}Content-Length: -1\r\n\r\n
400 GET / HTTP/1.1\r\n{host}Content-Length: +0\r\n\r\n
400 GET / HTTP/1.1\r\n{host}Content-Length: 0x0\r\n\r\n
400 GET / HTTP/1.1\r\n{host}Content-Length: 0, 0\r\n\r\n
400 GET / HTTP/1.1\r\n{host}Content-Length:\r\n\r\n
400 GET / HTTP/1.1\r\n{host}Content-Length: 0\r\nContent-Length: 0\r\n\r\n
400 GET / HTTP/1.1\r\n{host}Origin: a\r\nOrigin: a\r\n\r\n
400 GET / HTTP/1.1\r\n{host}Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n\r\n
404 GET /nothing HTTP/1.1\r\n{host}\r\n
404 GET // HTTP/1.1\r\n{host}\r\n
404 GET //example.org/ HTTP/1.1\r\n{host}\r\n
404 GET /../stage.js HTTP/1.1\r\n{host}\r\n
404 GET /%73tage.js HTTP/1.1\r\n{host}\r\n
404 GET /STAGE.JS HTTP/1.1\r\n{host}\r\n
404 GET /index.html HTTP/1.1\r\n{host}\r\n
404 GET /../../../../etc/passwd HTTP/1.1\r\n{host}\r\n
404 POST /nothing HTTP/1.1\r\n{host}\r\n
405 POST / HTTP/1.1\r\n{host}\r\n
405 POST /events HTTP/1.1\r\n{host}\r\n
405 GET /play?scene=first HTTP/1.1\r\n{host}\r\n
405 HEAD /stop HTTP/1.1\r\n{host}\r\n
413 POST /stop HTTP/1.1\r\n{host}Content-Length: 1\r\n\r\nx
413 GET / HTTP/1.1\r\n{host}Content-Length: 99999999999999999999999999\r\n\r\n
501 POST /stop HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n
501 GET / HTTP/1.1\r\n{host}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n
501 PUT / HTTP/1.1\r\n{host}\r\n
501 get / HTTP/1.1\r\n{host}\r\n
501 GETS / HTTP/1.1\r\n{host}\r\n
501 OPTIONS / HTTP/1.1\r\n{host}\r\n
505 GET / HTTP/1.0\r\n{host}\r\n
505 GET / HTTP/0.9\r\n\r\n
505 GET / HTTP/1.2\r\n{host}\r\n
505 GET / HTTP/2.0\r\n{host}\r\n
END
}

@test "the stage's web gives each strange request the status that it has to get" {
    local status request wrong=0 rows=0
    start_web
    client 'ann connect' 'ann send x' 'ann close'
    while IFS= read -r row; do
        status=${row%% *}
        request=${row#* }
        rows=$((rows + 1))
        status_is "$status" "${request//\{host\}/$HOST}" || {
            echo "    expected $status for $request"
            wrong=$((wrong + 1))
        }
    done < <(table)
    echo "$rows rows, $wrong wrong"
    [ "$rows" -ge 90 ] && [ "$wrong" -eq 0 ]
    ends_well
}

@test "the stage's web says by Allow what a path is for, and errors in words" {
    start_web
    client 'ann connect' "ann send POST /stage.js HTTP/1.1\r\n$HOST\r\n" \
        'ann hear HTTP/1.1 405 Method Not Allowed*' \
        'ann hear-until Content-Type: text/plain; charset=utf-8*' \
        'ann hear-until Allow: GET, HEAD*' \
        "ann hear-until "$'\r' 'ann hear Allow says *' 'ann end'
    client 'ann connect' "ann send GET /stop HTTP/1.1\r\n$HOST\r\n" \
        'ann hear-until Allow: POST*'
    ends_well
}

@test "the stage's web bounds the target, the head and the number of fields" {
    local target fields
    start_web
    target=/$(repeat x 1023)
    status_is 404 "GET $target HTTP/1.1\r\n$HOST\r\n"
    status_is 414 "GET ${target}x HTTP/1.1\r\n$HOST\r\n"
    status_is 414 "GET /$(repeat x 5000)"
    status_is 414 "$(repeat x 2000)\r\n"
    fields=$(repeat 'X: y\r\n' 63)
    status_is 200 "GET / HTTP/1.1\r\n$HOST$fields\r\n"
    status_is 431 "GET / HTTP/1.1\r\n$HOST${fields}X: y\r\n"
    local bare="GET / HTTP/1.1__Host: 127.0.0.1:${PORT}__X: ____"
    local size=${#bare}
    status_is 200 "GET / HTTP/1.1\r\n${HOST}X: $(repeat x $((8192 - size)))\r\n\r\n"
    status_is 431 "GET / HTTP/1.1\r\n${HOST}X: $(repeat x $((8193 - size)))\r\n\r\n"
    status_is 431 "GET / HTTP/1.1\r\n${HOST}X: $(repeat x 9000)"
    ends_well
}

# pieces REQUEST: sets PIECES to its bytes, each as tests/client writes it.
pieces() {
    local i
    PIECES=()
    for ((i = 0; i < ${#1}; i++)); do
        case ${1:i:1} in
        $'\r') PIECES+=('\r') ;;
        $'\n') PIECES+=('\n') ;;
        *) PIECES+=("${1:i:1}") ;;
        esac
    done
}

# cut_everywhere STATUS REQUEST
cut_everywhere() {
    local i first rest
    pieces "$2"
    for ((i = 1; i < ${#PIECES[@]}; i++)); do
        first=$(printf '%s' "${PIECES[@]:0:i}")
        rest=$(printf '%s' "${PIECES[@]:i}")
        client 'ann connect' "ann send $first" 'pass 2' "ann send $rest" \
            "ann hear HTTP/1.1 $1 *" 'ann gone'
    done
}

@test "the stage's web answers the same wherever TCP cuts the request" {
    local nl=$'\r\n'
    start_web
    cut_everywhere 200 "GET /?q=%41 HTTP/1.1${nl}Host: localhost:$PORT${nl}X: y$nl$nl"
    cut_everywhere 400 "GET / HTTP/1.1${nl}Host: localhost:$PORT${nl}X : y$nl"
    client 'ann connect' "ann drip GET\x20/\x20HTTP/1.1\r\nHost:\x20127.0.0.1:$PORT\r\n\r\n 1" \
        'ann hear HTTP/1.1 200 *' 'ann gone'
    ends_well
}

@test "the stage's web keeps nothing of clients that vanish anywhere in a request" {
    local i nl=$'\r\n'
    local steps=()
    start_web
    pieces "GET / HTTP/1.1${nl}Host: localhost:$PORT$nl$nl"
    for ((i = 0; i <= ${#PIECES[@]}; i += 5)); do
        steps=('ann connect')
        [ "$i" -eq 0 ] || steps+=("ann send $(printf '%s' "${PIECES[@]:0:i}")")
        client 'mark' "${steps[@]}" 'ann close' "${steps[@]/ann/bob}" 'bob reset' \
            "${steps[@]/ann/cy}" 'cy half-close' 'cy gone' 'descriptors-same'
    done
    client 'ann connect' 'ann send GET / HT' 'ann half-close' 'ann hear HTTP/1.1 400 *'
    client 'ann connect' 'ann half-close' 'ann end'
    ends_well
}

# To close while more comes would be a reset, which destroys the answer on its way.
@test "the stage's web lets its answer arrive at those who go on sending" {
    start_web
    client 'ann connect' 'ann send POST / HTTP/1.0\r\n' 'ann pour 1000000' \
        'ann hear HTTP/1.1 505 *' 'ann hear-until HTTP/1.1 is spoken here.' 'ann end'
    ends_well
}

# garbage SEED: a few hundred bytes, most of them what requests are made of. Half of it
# begins well and has fields whose values are anything.
garbage() {
    awk -v seed="$1" -v host="${HOST//\\/\\\\}" '
    function any() { return sprintf("\\x%02x", int(rand() * 256)) }
    BEGIN {
        srand(seed)
        n = split("GET|POST|HEAD| |/|?|%|%4| HTTP/1.1\\r\\n|\\r\\n|\\r|\\n|: |Host|X|\\t|Content-Length: 0\\r\\n|scene=|&", word, "|")
        word[++n] = host
        if (rand() < 0.5) {
            printf "GET / HTTP/1.1\\r\\n"
            for (i = int(rand() * 20); i > 0; i--) printf "X: %s%s\\r\\n", any(), any()
        }
        for (i = int(rand() * 200); i > 0; i--)
            printf "%s", rand() < 0.7 ? word[1 + int(rand() * n)] : any()
    }'
}

@test "the stage's web survives garbage, and nobody else notices" {
    local i rounds=100
    [ -z "${SANITIZER-}" ] || rounds=20
    start_web
    for ((i = 0; i < rounds; i++)); do
        # Whatever it says: it ends the connection.
        client 'ann connect' "ann send .$(garbage $((SEED + i)))" 'ann half-close' 'ann gone' \
            'bob connect' "bob send $(garbage $((SEED + i)))" 'bob half-close' 'bob gone' || {
            echo "the seed is $((SEED + i))"
            return 1
        }
    done
    status_is 200 "GET / HTTP/1.1\r\n$HOST\r\n"
    ends_well
}

# ---- the events ----

# watch FILE: a viewer in the background, up to the end of the scene. Sets WATCHER.
watch() {
    (
        exec 5<>"/dev/tcp/127.0.0.1/$PORT"
        printf 'GET /events HTTP/1.1\r\nHost: localhost:%s\r\n\r\n' "$PORT" >&5
        exec sed '/^data: {"e":"end"/q' <&5 >"$1"
    ) 3>&- &
    WATCHER=$!
}

# What a viewer saw behind the head of its answer.
seen() {
    sed "1,/^"$'\r'"\$/d" "$1"
}

@test "the stage's viewers all see the same, whenever they come" {
    local i watchers=()
    start_web -n 1000 -b 100 -t 600
    for ((i = 0; i < 25; i++)); do
        watch "$BATS_TEST_TMPDIR/viewer$i"
        watchers+=("$WATCHER")
    done
    play 202 '?scene=first'
    for (( ; i < 50; i++)); do
        watch "$BATS_TEST_TMPDIR/viewer$i"
        watchers+=("$WATCHER")
        sleep 0.01
    done
    for i in "${watchers[@]}"; do await_exit "$i" 10; done
    watch "$BATS_TEST_TMPDIR/late"
    await_exit "$WATCHER" 10
    seen "$BATS_TEST_TMPDIR/late" >"$BATS_TEST_TMPDIR/expected"
    [ "$(head -n 1 "$BATS_TEST_TMPDIR/expected")" = 'retry: 500' ]
    [ "$(grep -c '^data: {' "$BATS_TEST_TMPDIR/expected")" -eq 1002 ]
    # Every event is one line and an empty one, and their numbers have no hole.
    awk 'NR % 2 == 0 && $0 != "" { exit 1 }
        match($0, /"number":[0-9]+/) && substr($0, RSTART + 9, RLENGTH - 9) != n++ { exit 1 }' \
        "$BATS_TEST_TMPDIR/expected"
    for ((i = 0; i < 50; i++)); do
        seen "$BATS_TEST_TMPDIR/viewer$i" | cmp - "$BATS_TEST_TMPDIR/expected"
    done
    ends_well
}

@test "the stage's viewers see the same on every backend" {
    local backend viewer
    for backend in $(tests/selector_probe -l); do
        echo "backend: $backend"
        start_web -s "$backend" -n 100 -b 100000 -t 50
        watch "$BATS_TEST_TMPDIR/early"
        viewer=$WATCHER
        play 202 '?scene=first'
        await_exit "$viewer" 10
        # More than the kernel keeps for one who pauses: the rest waits until she reads.
        client 'ann connect' "ann $WATCH" 'pass 100' "ann hear-until $END_EVENT"
        watch "$BATS_TEST_TMPDIR/late"
        await_exit "$WATCHER" 10
        [ "$(wc -c <"$BATS_TEST_TMPDIR/late")" -gt 10000000 ]
        seen "$BATS_TEST_TMPDIR/early" >"$BATS_TEST_TMPDIR/expected"
        seen "$BATS_TEST_TMPDIR/late" | cmp - "$BATS_TEST_TMPDIR/expected"
        ends_well
    done
}

@test "the stage's viewers go on with the next scene from its beginning" {
    start_web -n 10 -t 50
    client 'ann*10 connect' "ann $WATCH" "ann hear-until $EVENTS_HEAD" \
        'ann hear-until retry: 500' \
        'bob connect' "bob $PLAY" 'bob gone' \
        'ann hear-until data: {"e":"scene",*"take":1}' "ann hear-until $END_EVENT" \
        'ann hear ' \
        'cy connect' "cy $PLAY" 'cy gone' \
        'ann hear data: {"e":"scene",*"take":2}' 'ann hear ' \
        'ann hear *"take":2,"number":0,*' "ann hear-until $END_EVENT"
    ends_well
}

@test "the stage's viewers who have part of an old event are sent off, to come anew" {
    start_web -n 200 -b 100000 -t 50
    client 'mark' 'bob connect' "bob $PLAY" 'bob gone' \
        'ann connect-small' "ann $WATCH" 'slow connect-small' "slow $WATCH" \
        'good connect' "good $WATCH" "good hear-until $END_EVENT" 'pass 100' \
        'cy connect' "cy $PLAY" 'cy gone' 'good hear ' \
        'good hear data: {"e":"scene",*"take":2}' "good hear-until $END_EVENT" \
        'good close' 'slow gone' 'ann gone' 'descriptors-same'
    ends_well
}

@test "the stage's viewers who vanish while a scene is played leave nothing behind" {
    start_web -n 2000 -b 500 -t 2000
    client 'mark' 'bob connect' "bob $PLAY" 'bob gone' \
        'ann*30 connect' "ann $WATCH" "ann hear-until $EVENTS_HEAD" \
        'cy*30 connect' "cy $WATCH" "cy hear-until $EVENTS_HEAD" \
        'dan*20 connect' "dan $WATCH" 'dan reset' 'ann reset' 'cy close' \
        'descriptors-same'
    status_is 202 "POST /stop HTTP/1.1\r\n$HOST\r\n"
    client 'mark' 'eve*20 connect' "eve $WATCH" "eve hear-until $END_EVENT" 'eve hear ' \
        'eve close' 'descriptors-same'
    ends_well
}

@test "the stage's web answers who has ended its output: all that there is, and the end" {
    start_web -n 20 -b 20000 -t 50
    client 'bob connect' "bob $PLAY" 'bob half-close' 'bob hear HTTP/1.1 202 *' 'bob gone' \
        'cy connect' "cy $WATCH" "cy hear-until $END_EVENT" \
        'ann connect' "ann $WATCH" 'ann half-close' "ann hear-until $END_EVENT" \
        'ann hear ' 'ann end'
    ends_well
}

# The narrator makes the calls fail that the viewers' bytes go through.
@test "the stage's viewers get all in spite of what the calls answer" {
    local plan
    need_narrator
    for plan in 'sendmsg:*:short=1000' sendmsg:1/2:EAGAIN sendmsg:1/2:EINTR \
        sendmsg:1/2:ENOBUFS sendmsg:1/2:ENOMEM 'recv:*:short=1' recv:1/2:EAGAIN \
        recv:1/2:EINTR recv:1/2:ENOMEM accept:1/2:EMFILE accept:1/2:ECONNABORTED; do
        echo "plan: $plan"
        WRAPPER="common/narrate -n -o '$BATS_TEST_TMPDIR/told' -f '$plan'"
        start_web -n 20 -b 1000 -t 20
        client -t 3000 'bob connect' "bob $PLAY" 'bob gone' 'ann*3 connect' "ann $WATCH" \
            "ann hear-until $END_EVENT" 'ann close' 'cy connect' "cy $WATCH" \
            "cy hear-until $END_EVENT" 'mark' 'pass 100' 'cpu-below 10'
        ends_well
    done
}

# ---- many, slow and silent ones ----

@test "the stage's web rests while its viewers have nothing to see" {
    start_web -n 10 -t 50
    client 'bob connect' "bob $PLAY" 'bob gone' \
        'ann*80 connect' "ann $WATCH" "ann hear-until $END_EVENT" \
        'mark' 'pass 600' 'cpu-below 3'
    ends_well
}

@test "the stage's web needs no more memory for viewers who do not read" {
    start_web -n 100 -b 100000 -t 50
    client 'bob connect' "bob $PLAY" 'bob gone' \
        'dan connect' "dan $WATCH" "dan hear-until $END_EVENT" 'mark' \
        'ann*90 connect-small' "ann $WATCH" 'cy connect' "cy $WATCH" \
        "cy hear-until $END_EVENT" "$(memory_below 3000)" 'mark' 'pass 300' 'cpu-below 10'
    ends_well
}

@test "the stage's web takes a hundred viewers, and one more when one has left" {
    start_web
    client 'ann*100 connect' "ann $WATCH" 'ann answered 100 0' \
        'bob*3 connect' "bob $WATCH" 'mark' 'bob answered 0 500' 'cpu-below 5' \
        'ann close-answered 1' 'bob answered 1 100' \
        'ann reset-answered 1' 'bob answered 2 100'
    ends_well
}

@test "the stage's web rests when it has no descriptor left, and goes on" {
    LIMIT=20
    start_web
    client 'ann*40 connect' "ann $WATCH" 'ann answered-at-least 5' 'mark' 'pass 600' \
        'cpu-below 5' 'ann reset'
    LIMIT=4096
    status_is 200 "GET / HTTP/1.1\r\n$HOST\r\n"
    ends_well
}

# A hundred places are all that there are. Slow, who does not read, holds five of them, and
# Cy, who hears nothing new, one. Ann's 91 dribble, Bob says nothing, and Eve got her answer
# and does not leave: these lose their places soon, and meanwhile the last one serves Dan.
# Then ten seconds are over, and Cy hears a comment.
@test "the stage's web is held up neither by who dribbles nor by who does not read" {
    local i good=() dribble=()
    start_web -n 200 -b 100000 -t 50
    for ((i = 0; i < 4; i++)); do
        good+=("dan$i connect" "dan$i send GET /stage.js HTTP/1.1\r\n$HOST\r\n"
            "dan$i hear HTTP/1.1 200 *" "dan$i gone")
    done
    for ((i = 0; i < 20; i++)); do dribble+=('ann send x' 'pass 150'); done
    client -t 15000 'zoe connect' "zoe $PLAY" 'zoe gone' \
        'zoe connect' "zoe $WATCH" "zoe hear-until $END_EVENT" 'zoe hear ' 'zoe close' \
        'cy connect' "cy $WATCH" "cy hear-until $END_EVENT" 'cy hear ' \
        'slow*5 connect-small' "slow $WATCH" 'slow answered 5 0' 'mark' \
        'bob connect' 'eve connect' "eve send GET / HTTP/1.1\r\n$HOST\r\n" \
        'ann*91 connect' 'ann send GET /' "${good[@]:0:8}" "${dribble[@]}" "${good[@]:8:8}" \
        'ann hear HTTP/1.1 408 *' 'ann gone' 'bob end' 'descriptors-same' \
        'eve hear HTTP/1.1 200 *' \
        'cy hear : ' 'cy hear ' 'pass 300' 'slow gone'
    ends_well
}
