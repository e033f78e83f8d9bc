# Builds what the student wrote, and plays its tests.

# mirror FOLDER: all that is here, as links.
mirror() {
    mkdir -p "$1"
    ln -sf "$PWD"/* "$1"
}

# open_folder FOLDER PATH: in a mirror, a folder of links in place of one link, so that the
# links in it can be replaced.
open_folder() {
    case $2 in
    */*) open_folder "$1" "${2%/*}" ;;
    esac
    [ -L "$1/$2" ] || return 0
    rm "$1/$2"
    mkdir "$1/$2"
    ln -s "$PWD/$2"/* "$1/$2"
}

# A place is a mirror, with folders of its own for the student.
make_place() {
    mirror "$1"
    for each in 0[1-6]-*; do
        open_folder "$1" "$each"
        [ ! -L "$1/$each/exercise" ] || rm "$1/$each/exercise"
        mkdir -p "$1/$each/exercise"
    done
}

# build: compiles the student's file, and makes the lesson's program in a mirror, with this
# object in place of the lesson's own. The compiler's words are kept in $work/compiler.
build() {
    # What was there once is not handed out again: an editor may be about to write it.
    if [ ! -f "$mine" ] && [ -f "$work/begun" ]; then
        echo "$mine is not there. 'make reset EX=$id' hands it out anew."
        return 1
    fi
    [ -f "$mine" ] || hand_out || return 1
    : >"$work/begun"
    lessons=$(key program)
    libs=$(key libs)
    object=${mine%.c}.o
    rm -f "$object" "$program"
    make -s "$lessons" || return 1
    if ! make -s "$object" >"$work/compiler" 2>&1; then
        echo "$mine does not compile:"
        grep -v '^make' "$work/compiler"
        return 1
    fi
    grep -v '^make' "$work/compiler"
    rm -rf "$work/tree"
    mirror "$work/tree"
    open_folder "$work/tree" "$(dirname "$file")"
    open_folder "$work/tree" "$(dirname "$lessons")"
    rm -f "$work/tree/${file%.c}.o" "$work/tree/$lessons"
    mv "$object" "$work/tree/${file%.c}.o"
    if ! (cd "$work/tree" && make -s "$lessons" ${libs:+LDFLAGS="${LDFLAGS-} $libs"}) \
        >"$work/linker" 2>&1; then
        echo "$mine compiles, but $lessons cannot be linked with it:"
        grep -v '^make' "$work/linker"
        return 1
    fi
    mv "$work/tree/$lessons" "$program"
}

# end_process PID: one that was started here. Nothing is done without a PID.
end_process() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

# stop_playing: the cage ends the tests that run, and the servers that they started.
stop_playing() {
    end_process "$playing"
    playing=
}

has_failed() {
    grep -q '^not ok' "$work/tap"
}

# play: the tests of the exercise, and the contract that it keeps besides, until one has
# failed. That is the echo's, or the file of the key `tests`; what stands behind the file's name
# chooses tests by theirs. With FILTER only the tests whose names match, as in tests/run.
play() {
    bats=$(tests/find-bats) || return 1
    contract=$(key tests)
    filter=${FILTER-}
    case $contract in
    *' '*) filter=${filter:-${contract#* }} ;;
    esac
    contract=${contract%% *}
    set -- "${contract:-tests/conformance.bats}"
    [ ! -f "$here/$id/test.bats" ] || set -- "$here/$id/test.bats" "$@"
    : >"$work/tap"
    NAME=$id SERVER="$program $(key command)" TRAITS=$(key traits) BACKEND='' CAGED=yes \
        tests/grade/cage -r -t 300 "$bats" --tap ${filter:+--filter "$filter"} "$@" >"$work/tap" 2>&1 &
    playing=$!
    while kill -0 "$playing" 2>/dev/null && ! has_failed; do
        sleep 0.5
    done
    if has_failed; then
        sleep 0.3 # what the test said follows its result
        stop_playing
        return 1
    fi
    wait "$playing"
    status=$?
    playing=
    return $status
}

# tell_failure: what failed first, what the test did and saw, and where to read on.
tell_failure() {
    behaviour=$(sed -n "s/^not ok [0-9]* $id //p" "$work/tap" | head -n 1)
    if [ -z "$behaviour" ]; then
        cat "$work/tap"
        return
    fi
    printf '  NO  %s\n' "$behaviour"
    awk -v behaviour="$behaviour" '
        { key = $1 == "page:" ? "read:" : $1; sub(/^[a-z]+: /, "") }
        key == "behaviour:" { shown = $0 == behaviour }
        shown && key ~ /^(done|right|read):$/ {
            printf "      %-6s %s\n", substr(key, 1, length(key) - 1), $0
        }' tests/grade/behaviours
    awk '
        /^not ok/ { failed = 1 }
        failed && /^# / && !/^# (\(|  `| in )/ && lines++ < 5 {
            printf "      %-6s %s\n", lines == 1 ? "seen" : "", substr($0, 3, 300)
        }' "$work/tap"
    echo "$(grep -c '^ok' "$work/tap") hold before it, the others were not tried."
}

check() {
    playing=
    trap 'stop_playing; exit 143' HUP INT TERM
    build || return 1
    if ! play; then
        tell_failure
        return 1
    fi
    held=$(grep '^ok' "$work/tap" | grep -vc '# skip')
    if [ "$held" -eq 0 ]; then
        echo "$id: nothing was tested${FILTER:+, no behaviour is named like $FILTER}."
        return 1
    fi
    if [ -n "${FILTER-}" ]; then
        echo "$id: what was chosen by FILTER='$FILTER' holds: $held. Without FILTER all is checked."
        return
    fi
    echo "$id is solved: $held behaviours are as they should be."
    remembered solved && return
    forget skipped
    remember solved
    echo "'make hint EX=$id' tells what others do here, 'make solution EX=$id' shows ours."
}
