# The page of the stage in a real browser: Chromium, driven over WebDriver (W3C) by curl.
# What is asserted is read from the page itself: what it shows, and window.stage.

load helper

# One stage and one browser for all tests: a browser takes a second to start.
setup_file() {
    local tool
    export BROWSER=''
    for tool in chromedriver curl jq; do
        command -v "$tool" >/dev/null || return 0
    done
    for tool in chromium chromium-browser google-chrome; do
        BROWSER=$(command -v "$tool") && break
    done
    [ -n "$BROWSER" ] || return 0
    mkfifo "$BATS_FILE_TMPDIR/stage" "$BATS_FILE_TMPDIR/driver"
    cd "$ROOT" || return 1
    slides/stage/stage -w -p 0 >"$BATS_FILE_TMPDIR/stage" 2>"$BATS_FILE_TMPDIR/stderr" 3>&- &
    export STAGE_PID=$!
    read -r -t 10 line <"$BATS_FILE_TMPDIR/stage"
    PAGE=http:${line##*http:}
    PAGE=${PAGE%% *}
    # It goes on to write to its stdout, and somebody has to read that.
    chromedriver --port=0 >"$BATS_FILE_TMPDIR/driver" 2>&1 3>&- &
    export DRIVER_PID=$!
    exec 4<"$BATS_FILE_TMPDIR/driver"
    until [[ ${line-} =~ 'successfully on port '([0-9]+) ]]; do
        read -r -t 10 line <&4
    done
    export PAGE DRIVER=http://127.0.0.1:${BASH_REMATCH[1]}
    cat <&4 >/dev/null 3>&- &
    exec 4<&-
    open_browser
}

open_browser() {
    local sandbox='' options
    # Chromium does not put itself into a sandbox as root.
    [ "$(id -u)" -ne 0 ] || sandbox=', "--no-sandbox"'
    options='"args": ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage"'$sandbox']'
    ask POST /session '{"capabilities": {"alwaysMatch": {"browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {"binary": "'"$BROWSER"'", '"$options"'}}}}' \
        >"$BATS_FILE_TMPDIR/session"
    SESSION=/session/$(jq -r .sessionId "$BATS_FILE_TMPDIR/session")
    export SESSION
    [ "$SESSION" != /session/null ]
}

teardown_file() {
    [ -n "$BROWSER" ] || return 0
    ask DELETE "$SESSION" >/dev/null || true
    kill "$DRIVER_PID" "$STAGE_PID"
    await_exit "$DRIVER_PID" 10
    await_exit "$STAGE_PID" 10
    [ "$STATUS" -eq 0 ]
}

setup() {
    [ -n "$BROWSER" ] || skip 'there is no Chromium with chromedriver, curl and jq'
    at_size 1280 720
}

# Not the server's: this file starts its own programs.
teardown() {
    :
}

# ask METHOD PATH [JSON]: asks the driver, and prints the value that it answers.
ask() {
    curl -sS --max-time 30 -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} \
        "$DRIVER$2" >"$BATS_FILE_TMPDIR/answer" && jq -c .value "$BATS_FILE_TMPDIR/answer"
}

# run_script TEXT: runs this in the page, and prints what it returns, as JSON.
run_script() {
    ask POST "$SESSION/execute/sync" "$(jq -cn --arg script "$1" '{script: $script, args: []}')"
}

at_size() {
    ask POST "$SESSION/goog/cdp/execute" '{"cmd": "Emulation.setDeviceMetricsOverride",
        "params": {"width": '"$1"', "height": '"$2"', "deviceScaleFactor": 1, "mobile": false}}' \
        >/dev/null
}

go_to() {
    ask POST "$SESSION/url" "{\"url\": \"$1\"}" >/dev/null
}

# keys TEXT: types it.
keys() {
    local actions
    actions=$(jq -cn --arg text "$1" '{actions: [{type: "key", id: "keyboard", actions:
        [$text | split("")[] | {type: "keyDown", value: .}, {type: "keyUp", value: .}]}]}')
    ask POST "$SESSION/actions" "$actions" >/dev/null
}

# await TEXT: until this is true in the page, 20 seconds at most.
await() {
    local i seen
    for ((i = 0; i < 200; i++)); do
        seen=$(run_script "return Boolean($1)") || return 1
        [ "$seen" != true ] || return 0
        sleep 0.1
    done
    echo "in the page this did not become true: $1"
    run_script 'return document.body.innerText'
    return 1
}

# has TEXT JSON: this has that value in the page.
has() {
    local seen
    seen=$(run_script "return $1")
    [ "$seen" = "$2" ] || {
        echo "in the page $1 is $seen, and not $2"
        return 1
    }
}

# play SCENE: chooses it in the page, plays it, and waits for its end.
play() {
    go_to "$PAGE"
    await "document.querySelector('#scenes option[value=$1]')"
    run_script "document.getElementById('scenes').value = '$1';
        document.getElementById('play').click()" >/dev/null
    await "stage.scene === '$1' && stage.state === 'over'"
}

# show SCENE: the same, but one that is on the stage is not played again.
show() {
    go_to "$PAGE"
    await "document.querySelector('#scenes option[value=$1]')"
    await "stage.state !== 'playing'"
    [ "$(run_script "return stage.scene === '$1'")" = true ] || play "$1"
}

# The lanes in which bob waited for over 800 ms, or was never answered.
LATE='Object.entries(stage.waits("bob")).filter(([, ms]) => ms === null || ms > 800).map(([lane]) => lane)'

# Whatever the browser complained of: a script's error, or what the page's policy forbids.
no_complaints() {
    ask POST "$SESSION/se/log" '{"type": "browser"}' >"$BATS_TEST_TMPDIR/log"
    cat "$BATS_TEST_TMPDIR/log"
    jq -e 'all(.[]; .level != "SEVERE")' "$BATS_TEST_TMPDIR/log" >/dev/null
}

# ---- what it shows ----

@test "the page plays silent, and in lane 01 alone the second client waits" {
    play silent
    has 'Object.keys(stage.waits("bob")).length' 6
    has "$LATE" '["01-blocking"]'
    has 'document.getElementById("point").textContent.includes("Bob waited at 01\u2011blocking")' true
    no_complaints
}

# Layout is asserted where it matters most: the projector.
@test "everything is on the screen at 1280x720, in letters of 14 pixels at least" {
    show silent
    has 'document.documentElement.scrollHeight <= innerHeight &&
        document.documentElement.scrollWidth <= innerWidth' true
    has '[...document.querySelectorAll("#lanes .lane, #controls button")].every(part => {
            const box = part.getBoundingClientRect();
            return box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth })' true
    has '[...document.querySelectorAll("body *")].filter(part => part.innerText && part.checkVisibility())
        .every(part => parseFloat(getComputedStyle(part).fontSize) >= 14)' true
}

@test "the page can be used with the keyboard alone" {
    show silent
    keys r
    await 'stage.view.running'
    keys ' '
    await '!stage.view.running'
    keys 1
    has 'document.activeElement.textContent.includes("01-blocking")' true
    # Enter, then Escape, as WebDriver writes them.
    keys $'\xee\x80\x87'
    await '!document.getElementById("calls").hidden'
    has 'document.getElementById("calls").textContent.includes("accept")' true
    keys $'\xee\x80\x8c'
    await 'document.getElementById("calls").hidden'
    no_complaints
}

@test "a scene with 900 clients is drawn, and each size of it" {
    play crowd
    has 'stage.model.lanes.length' 6
    has 'stage.model.lanes.every(lane => lane.sizes.length === 3)' true
    has 'document.getElementById("point").textContent.includes("With the largest crowd")' true
    no_complaints
}

@test "who comes late sees the scene that was played, and the menu shows its name" {
    show crowd
    go_to 'about:blank'
    go_to "$PAGE"
    await 'stage.scene === "crowd" && stage.state === "over"'
    has 'stage.model.lanes.every(lane => lane.sizes.length === 3)' true
    await 'document.getElementById("scenes").value === "crowd"'
}

@test "the report shows the same without a server" {
    cd "$ROOT" || return 1
    slides/stage/stage -r "$BATS_TEST_TMPDIR/report.html" silent >/dev/null
    go_to "file://$BATS_TEST_TMPDIR/report.html"
    await 'stage.scene === "silent" && stage.state === "over"'
    has "$LATE" '["01-blocking"]'
    has 'document.documentElement.scrollHeight <= innerHeight' true
    no_complaints
}
