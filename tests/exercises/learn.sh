# make learn: shows the next open exercise, checks it whenever its file is saved, and listens
# to keys. In a terminal a wait for a key lasts half a second, and then the file is looked at:
# that works on every file system. Elsewhere each line of input counts as a key.

checking= # the process of a check that runs

# ---- the terminal ----

begin_terminal() {
    terminal='' bold='' red='' green='' plain=''
    rows=24 columns=80
    [ -t 0 ] && [ -t 1 ] || return
    terminal=yes
    before=$(stty -g)
    set_terminal
    size=$(stty size 2>/dev/null)
    case $size in
    *[1-9]*' '*[1-9]*) rows=${size% *} columns=${size#* } ;;
    esac
    [ -z "${NO_COLOR-}" ] && [ "${TERM:-dumb}" != dumb ] || return
    bold=$(printf '\033[1m') red=$(printf '\033[31m') green=$(printf '\033[32m')
    plain=$(printf '\033[0m')
}

# A read returns with one key, or without any after five tenths of a second. Ctrl-Z is a key that
# does nothing: after fg a read would wait for a whole line, and no trap comes before it ends.
set_terminal() {
    stty -icanon -echo min 0 time 5 susp undef
}

end_terminal() {
    stop_check
    [ -z "$terminal" ] || stty "$before"
}

clear_screen() {
    [ -z "$terminal" ] || [ "${TERM:-dumb}" = dumb ] || printf '\033[H\033[2J'
}

# read_key: sets key, to nothing if none was pressed.
read_key() {
    if [ -n "$terminal" ]; then
        key=$(dd bs=1 count=1 2>/dev/null)
    elif read -r key; then
        key=${key%"${key#?}"}
    else
        key=q
    fi
}

# ---- what is shown ----

# task: the first paragraph of the exercise's section in its README.
task() {
    awk -v title="## $name" '
        /^## / { shown = $0 == title; next }
        shown && /./ { text = text sep $0; sep = " " }
        shown && !/./ && text != "" { exit }
        END { print text }' "$lesson/exercise/README.md" | fold -s -w "$columns"
}

# Below the task there is room for so many lines.
room() {
    lines=$((rows - 10 - $(task | wc -l)))
    [ -n "$terminal" ] && [ $lines -gt 4 ] || lines=40
    echo $lines
}

# show HEADLINE [COLOUR]: the whole screen, with what stands in $work/below at its end. What
# stands in $work/above, the hints, say, stays above that. Where both are too long, the top
# scrolls away.
show() {
    clear_screen
    printf '%s%s  %s%s\n%s\n\n' "$bold" "$id" "$(key title)" "$plain" "$(bar)"
    echo "Edit: $mine"
    echo "Read: $lesson/exercise/README.md, '$name'; the chapter: $lesson/README.md"
    echo
    task
    echo
    [ ! -f "$work/above" ] || { fold -s -w "$columns" "$work/above"; echo; }
    printf '%s%s%s\n' "${2-}" "$1" "$plain"
    fold -s -w "$columns" "$work/below" | head -n "$(room)"
    echo
    show_keys
    [ -n "$terminal" ] || echo
}

show_keys() {
    printf 'h hint  l list  n next  r reset  c check again  q quit'
}

# While a check runs the last line counts.
show_count() {
    now=$(grep -c '^ok' "$work/tap" 2>/dev/null)
    [ -n "$now" ] && [ "$now" != "$counted" ] || return 0
    counted=$now
    printf '\r'
    show_keys
    printf '   %s hold so far' "$now"
}

show_checking() {
    : >"$work/below"
    show 'Checking. The file is looked at twice a second: save it, and it is checked anew.'
}

show_result() {
    if grep "^$id is solved" "$work/result" >"$work/below"; then
        show 'Solved. n goes on, h tells what others do here.' "$green"
        return
    fi
    cp "$work/result" "$work/below"
    if [ "$result" -eq 0 ]; then show 'So far:' "$green"; else show 'Not yet:' "$red"; fi
}

# ---- the check, beside the loop ----

stop_check() {
    end_process "$checking"
    checking=
}

# fingerprint: of the file as it is saved; nothing while an editor is between two steps of that.
fingerprint() {
    cksum 2>/dev/null <"$mine"
}

start_check() {
    stop_check
    seen=$(fingerprint)
    result=
    counted=0
    rm -f "$work/tap"
    show_checking
    PLACE=${place%/} "$here/run" check "$id" >"$work/result" 2>&1 </dev/null &
    checking=$!
    [ -n "$terminal" ] || end_check
}

end_check() {
    wait "$checking"
    result=$?
    checking=
    show_result
}

# ---- the keys ----

# next_open: the next that is neither solved nor left for later, or else one that was left;
# after the last comes the first.
next_open() {
    course | cut -d '|' -f 1 | awk -v current="${id-}" -v file="$progress" '
        BEGIN {
            while ((getline line <file) > 0) {
                split(line, word, " ")
                is[word[1], word[2]]
            }
        }
        { ids[n++] = $0; if ($0 == current) at = n }
        END {
            for (i = 0; i < n; i++) {
                each = ids[(at + i) % n]
                if (("solved", each) in is) continue
                if (!(("skipped", each) in is)) { found = each; break }
                if (left == "") left = each
            }
            print found == "" ? left : found
        }'
}

# take ID: makes it the one that is worked on.
take() {
    choose "$1"
    [ -f "$mine" ] || hand_out >/dev/null
    rm -f "$work/above"
    start_check
}

go_on() {
    stop_check
    remembered solved || remember skipped
    next=$(next_open)
    if [ -z "$next" ]; then
        clear_screen
        bar
        echo 'That was the last one. You have gone the whole way.'
        exit
    fi
    take "$next"
}

show_hint() {
    hint >"$work/above"
    : >"$work/below"
    show 'h again leads further, c checks again.'
}

show_list() {
    shown=$id
    clear_screen
    list
    place_of "$shown"
    printf 'any key goes back'
    [ -n "$terminal" ] || echo
    wait_for_key
    show_again
}

# What the screen said before a list or a question.
show_again() {
    if [ -n "$checking" ]; then
        show_checking
    else
        show_result
    fi
}

wait_for_key() {
    [ -n "$terminal" ] || return 0
    key=
    while [ -z "$key" ]; do read_key; done
}

ask_reset() {
    : >"$work/below"
    show "Begin $mine anew? What you wrote is kept aside. y or n"
    if [ -n "$terminal" ]; then wait_for_key; else read_key; fi
    [ "$key" = y ] || { show_again; return; }
    stop_check
    reset >"$work/above"
    start_check
}

act() {
    case $1 in
    h) show_hint ;;
    l) show_list ;;
    n) go_on ;;
    r) ask_reset ;;
    c) start_check ;;
    q) exit 0 ;;
    esac
}

learn() {
    next=$(next_open)
    if [ -z "$next" ]; then
        bar
        echo "All are solved. 'make reset EX=04-build' begins one anew."
        return
    fi
    begin_terminal
    trap end_terminal EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    take "$next"
    while :; do
        read_key
        act "$key"
        saved=$(fingerprint)
        if [ -n "$saved" ] && [ "$saved" != "$seen" ]; then
            start_check
        elif [ -n "$checking" ] && ! kill -0 "$checking" 2>/dev/null; then
            end_check
        elif [ -n "$checking" ] && [ -n "$terminal" ]; then
            show_count
        fi
    done
}
