# Builds what the student wrote, and plays its tests.

# The lesson's sources, headers and objects as links, so that a link can be replaced.
mirror() {
    rm -rf "$1"
    for dir in common 0[1-6]-*/ 06-*/apps tests tests/*/ slides/stage; do
        mkdir -p "$1/$dir"
        ln -s "$PWD/$dir"/*.[cho] "$1/$dir"
    done
    ln -s "$PWD/Makefile" "$1"
}

# build: compiles the student's file, and makes the lesson's program in a mirror, with this
# object in place of the lesson's own. The compiler's words are kept in $work/compiler.
build() {
    [ -f "$mine" ] || hand_out || return 1
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
    mirror "$work/tree"
    rm -f "$work/tree/${file%.c}.o"
    mv "$object" "$work/tree/${file%.c}.o"
    if ! (cd "$work/tree" && make -s "$lessons" ${libs:+LDFLAGS="${LDFLAGS-} $libs"}) \
        >"$work/linker" 2>&1; then
        echo "$mine compiles, but $lessons cannot be linked with it:"
        grep -v '^make' "$work/linker"
        return 1
    fi
    mv "$work/tree/$lessons" "$program"
}

# descendants PID: of a process, as many generations as there are.
descendants() {
    ps -A -o pid= -o ppid= | awk -v root="$1" '
        { parent[$1] = $2 }
        END {
            for (pid in parent) {
                for (p = pid; p in parent && p != root && depth[pid]++ < 99;) p = parent[p]
                if (p == root && pid != root) print pid
            }
        }'
}

# stop_playing: ends the tests that run, and the servers that they started.
stop_playing() {
    [ -n "$playing" ] || return 0
    # shellcheck disable=SC2046 # a word a process
    kill $(descendants "$playing") "$playing" 2>/dev/null
    wait "$playing" 2>/dev/null
    playing=
}

failures() {
    grep -c '^not ok' "$work/tap"
}

# play: the tests of the exercise, until $most_failures of them have failed.
most_failures=3
play() {
    bats=$(tests/find-bats) || return 1
    own=$here/$id/test.bats
    [ -f "$own" ] || own=
    : >"$work/tap"
    # shellcheck disable=SC2086 # there may be no own tests
    NAME=$id SERVER="$program $(key command)" TRAITS=$(key traits) \
        "$bats" --tap $own tests/conformance.bats >"$work/tap" 2>&1 &
    playing=$!
    while kill -0 "$playing" 2>/dev/null && [ "$(failures)" -lt $most_failures ]; do
        sleep 0.2
    done
    if [ "$(failures)" -ge $most_failures ]; then
        stop_playing
        return 1
    fi
    wait "$playing"
    status=$?
    playing=
    return $status
}

# tell_failures: what failed, and the lines of the test that say why.
tell_failures() {
    awk -v most=$most_failures -v name="$id " '
        /^ok / { kept += $0 !~ /# skip/ }
        /^not ok/ && failed++ < most {
            sub(/^not ok [0-9]+ /, "")
            sub(name, "")
            print "  NO  " $0
            lines = 0
        }
        /^# / && failed && $0 !~ /^# (\(|  `| in )/ && lines++ < 5 { print "      " substr($0, 3, 300) }
        END { printf "%d kept, %d not%s\n", kept, failed, failed < most ? "" : "; the others were not tried" }
    ' "$work/tap"
}

check() {
    playing=
    trap 'stop_playing; exit 143' HUP INT TERM
    build || return 1
    if ! play; then
        tell_failures
        return 1
    fi
    echo "$id is solved: $(grep -c '^ok' "$work/tap") behaviours are as they should be"
    remembered solved && return
    forget skipped
    remember solved
    echo "'make hint EX=$id' tells what others do here, 'make solution EX=$id' shows ours."
}
