# The decks: what is put into them is there and as it is now, each slide can be taught, and
# fits on its page. slides_runs.bats runs what they quote.

load helper

# The decks are made once, if Marp is there: a test does not fetch it.
setup_file() {
    cd "$ROOT" || return 1
    export MADE=$BATS_FILE_TMPDIR/made BROWSER='' WHY=''
    for tool in "${CHROME_PATH-}" chromium chromium-browser google-chrome; do
        BROWSER=$(command -v "$tool") && break
    done
    if [ -z "$BROWSER" ]; then
        WHY='there is no Chromium'
    elif [ ! -e .build/marp/node_modules/.bin/marp ] || ! command -v node >/dev/null; then
        WHY='Marp is not installed: make slides installs it'
    else
        slides/make-decks -o "$MADE" 3>&-
    fi
}

setup() {
    cd "$ROOT" || return 1
    DECK=$BATS_TEST_TMPDIR/deck.md
}

teardown() {
    :
}

# each_deck COMMAND...: with the deck behind it, and tells of which decks it failed.
each_deck() {
    local deck failed=0
    for deck in slides/[0-9]*.md; do
        "$@" "$deck" || {
            echo "^ $deck"
            failed=1
        }
    done
    return $failed
}

# ---- what is put into the decks ----

@test "every code, output and table in the decks is there, and as it is now" {
    run slides/fill -n
    echo "$output"
    is status 0 "$status"
}

# Emptied, it comes back as it was, and is then left alone.
comes_back() {
    awk '/^<!-- end -->$/ { inside = 0 }
        !inside
        /^<!-- (code|output|table):.*-->$/ { inside = 1 }' "$1" >"$DECK"
    slides/fill "$DECK" >/dev/null && cmp "$DECK" "$1" && is 'filled again' '' "$(slides/fill "$DECK")"
}

@test "a deck that is emptied and filled is the same, and so is one that is filled twice" {
    each_deck comes_back
}

# refuses STATUS-TEXT, with the deck on stdin: says so, and leaves the deck as it is.
refuses() {
    cat >"$DECK"
    cp "$DECK" "$DECK.before"
    run slides/fill "$DECK"
    is status 1 "$status"
    says "$DECK:$1"
    cmp "$DECK" "$DECK.before"
}

@test "a function, a file, a text or a run that is gone is named, with deck and line" {
    refuses '3: 03-select/echo_server.c has no function wait_for_godot' <<'END'
# Waiting

<!-- code: 03-select/echo_server.c wait_for_godot -->
<!-- end -->
END
    refuses '1: there is no 03-select/echo.c' <<'END'
<!-- code: 03-select/echo.c main -->
<!-- end -->
END
    refuses '1: 03-select/echo_server.c, interest_init does not hold "poll("' <<'END'
<!-- code: 03-select/echo_server.c interest_init from "poll(" to "}" -->
<!-- end -->
END
    refuses '1: there is no slides/records/no-such-run.txt' <<'END'
<!-- output: no-such-run -->
<!-- end -->
END
    refuses '1: there is no slides/figures/no-such-table.txt' <<'END'
<!-- table: no-such-table from "CPU" -->
<!-- end -->
END
}

@test "text that stands in the place of a block is not thrown away, and a missing end is told" {
    refuses '2: this stands between a marker and its <!-- end -->: A thought.' <<'END'
<!-- code: 03-select/echo_server.c interest_init -->
A thought.
<!-- end -->
END
    refuses '1: no <!-- end --> follows' <<'END'
<!-- code: 03-select/echo_server.c interest_init -->
END
}

@test "code has its own line numbers, from the definition to its brace" {
    printf '%s\n' '<!-- code: 03-select/echo_server.c interest_modify -->' '<!-- end -->' >"$DECK"
    slides/fill "$DECK"
    local first last
    first=$(grep -n '^static int interest_modify' 03-select/echo_server.c | tail -n 1 | cut -d : -f 1)
    last=$(awk -v first="$first" 'NR > first && /^}/ { print NR; exit }' 03-select/echo_server.c)
    is block "$(sed -n "$first,${last}p" 03-select/echo_server.c)" \
        "$(sed -n 's/^ *[0-9][0-9]*\(  \|$\)//p' "$DECK")"
    is 'first number' "$first" "$(sed -n '3s/ .*//p' "$DECK")"
}

# ---- what a deck is ----

# outline DECK: a line a slide: where it begins, its notes, their minutes, its title.
outline() {
    awk '
        function tell() { if (slide) print begun, notes + 0, minutes + 0, title; notes = minutes = 0; title = "" }
        function time(text) {
            if (match(text, /^ *[0-9]+([.][0-9]+)? min/)) { notes++; minutes += text }
        }
        FNR == 1, /^---$/ && FNR > 1 { if (FNR > 1 && /^---$/) { slide = 1; begun = FNR } next }
        /^```/                { fence = !fence }
        fence                 { next }
        comment               { if (first) time($0); first = 0; if (/-->/) comment = 0; next }
        /^<!--/               { time(substr($0, 5)); comment = !/-->/; first = /^<!-- *$/; next }
        /^---$/               { tell(); begun = FNR; next }
        /^##? / && title == "" { title = $0 }
        END                   { tell() }' "$1"
}

can_be_taught() {
    local least=40 most=50
    case $1 in */00-* | */07-*) least=30 most=45 ;; esac
    outline "$1" | awk -v least=$least -v most=$most '
        $2 != 1 { print "line " $1 ": " $2 " notes that begin with a time"; wrong = 1 }
        $4 == "" { print "line " $1 ": a slide without a title"; wrong = 1 }
        { minutes += $3 }
        END {
            if (NR < 12 || NR > 20) { print NR " slides"; wrong = 1 }
            if (minutes < least || minutes > most) { print minutes " minutes"; wrong = 1 }
            exit wrong
        }'
}

@test "every deck has 12 to 20 slides with titles, notes with a time, and fills its lesson" {
    is 'number of decks' 8 "$(printf '%s\n' slides/[0-9]*.md | wc -l | tr -d ' ')"
    each_deck can_be_taught
}

# links FILE: what its links and pictures lead to. No link stands in code.
links() {
    awk '/^ *```/ { fence = !fence } !fence { gsub(/`[^`]*`/, ""); print }' "$1" |
        grep -oE '\]\([^)]*\)' | sed -e 's/^](//' -e 's/)$//'
}

# anchors FILE: as GitHub makes them of titles.
anchors() {
    sed -n 's/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | sed 's/[^-_a-z0-9]//g'
}

leads_somewhere() {
    local link file anchor wrong=0
    while read -r link; do
        case $link in http://* | https://*) continue ;; esac
        file=$(dirname "$1")/${link%%#*}
        [ -n "${link%%#*}" ] || file=$1
        anchor=
        case $link in *'#'*) anchor=${link#*#} ;; esac
        if [ ! -e "$file" ]; then
            echo "$1 leads to $link, and there is no such file"
            wrong=1
        elif [ -n "$anchor" ] && ! anchors "$file" | grep -qx -- "$anchor"; then
            echo "$1 leads to $link, and there is no such title"
            wrong=1
        fi
    done < <(links "$1")
    return $wrong
}

@test "every link and every picture in the decks and chapters leads to something" {
    local file wrong=0
    for file in *.md 0*/*.md 06*/apps/*.md slides/*.md slides/*/*.md; do
        [ ! -e "$file" ] || leads_somewhere "$file" || wrong=1
    done
    [ "$wrong" -eq 0 ]
}

# ---- how it looks ----

# measure PAGE: prints what slides_measure.js finds in it.
measure() {
    local sandbox=''
    # Chromium does not put itself into a sandbox as root.
    [ "$(id -u)" -ne 0 ] || sandbox=--no-sandbox
    { cat "$1" && echo '<script>' && cat tests/slides_measure.js && echo '</script>'; } >"$1.measured.html"
    # shellcheck disable=SC2086
    "$BROWSER" --headless $sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$BATS_TEST_TMPDIR/profile" --window-size=1280,720 \
        --virtual-time-budget=5000 --dump-dom "file://$1.measured.html" 2>/dev/null 3>&- |
        sed -n '/<pre id="measured">/,/<\/pre>/{ s/<[^>]*>//g; /./p; }'
}

fits() {
    local seen name
    name=$(basename "$1" .md)
    seen=$(measure "$MADE/$name.html")
    is "$name" "$(outline "$1" | wc -l | tr -d ' ') slides measured" "$seen"
}

@test "no slide overflows its page, and every picture is shown, large enough" {
    [ -z "$WHY" ] || skip "$WHY"
    each_deck fits
}

@test "a slide that overflows its page is found" {
    [ -z "$WHY" ] || skip "$WHY"
    mkdir -p "$BATS_TEST_TMPDIR/slides"
    cp slides/make-decks slides/theme.css slides/*.?js slides/package.json "$BATS_TEST_TMPDIR/slides"
    ln -s "$ROOT/.build" "$BATS_TEST_TMPDIR/.build"
    {
        printf '%s\n' --- 'marp: true' 'theme: six-ways' 'paginate: true' --- '## Long' ''
        printf 'a line\n\n%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13
        printf '%s\n' '<!-- 1 min. -->' --- '## Wide' '' '```text' "$(printf '%100s' x)" '```' \
            '<!-- 1 min. -->' --- '## Gone' '' '![](pictures/gone.svg)' ''
    } >"$BATS_TEST_TMPDIR/slides/0-faulty.md"
    "$BATS_TEST_TMPDIR/slides/make-decks" -o "$BATS_TEST_TMPDIR/made"
    run measure "$BATS_TEST_TMPDIR/made/0-faulty.html"
    says '3 slides measured'
    says 'slide 1 "Long": p "a line" goes'
    says 'slide 2 "Wide": pre "x" has a line that is cut'
    says 'slide 3 "Gone": pictures/gone.svg is not shown'
    says '2 notes for 3 slides'
}

@test "without Node, make slides says so in a line" {
    local tool
    mkdir "$BATS_TEST_TMPDIR/bin"
    for tool in sh awk cat cmp dirname mktemp rm; do
        ln -s "$(command -v "$tool")" "$BATS_TEST_TMPDIR/bin/$tool"
    done
    cp -R slides "$BATS_TEST_TMPDIR/slides"
    rm "$BATS_TEST_TMPDIR"/slides/[0-9]*.md
    echo '# A deck' >"$BATS_TEST_TMPDIR/slides/0.md"
    PATH=$BATS_TEST_TMPDIR/bin run "$BATS_TEST_TMPDIR/slides/make-decks"
    is status 0 "$status"
    is lines 1 "${#lines[@]}"
    says 'Node with npm is not installed'
}
