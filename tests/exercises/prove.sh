# The proof: every exercise builds and fails as it is handed out, and passes when solved.

# plays EXPECTED WHAT: builds what lies in the student's file, and plays it.
plays() {
    if ! build; then
        echo "$id: $2 it does not build"
        return 1
    fi
    play && verdict=passes || verdict=fails
    echo "$id: $2 it $verdict"
    [ $verdict != "$1" ] || return 0
    echo "$id: and it must not:"
    tell_failure
    return 1
}

# Quickly: what is the lesson's own file, letter for letter, its own tests play. What a patch
# makes of it plays the tests of the exercise alone.
solved_quickly() {
    only_own=yes
    [ -f "$here/$id/test.bats" ] && plays passes solved && return
    [ ! -f "$here/$id/test.bats" ] && build && [ -z "$(solution_patch)" ] &&
        echo "$id: solved it is the lesson's own file"
}

prove_one() {
    choose "$1"
    write_version "$(start_patch)" && plays fails 'handed out' || return 1
    write_version "$(solution_patch)" || return 1
    if [ -n "$quick" ]; then
        solved_quickly
    else
        plays passes solved
    fi
}

# proofs WHAT: how many have begun, or have ended.
proofs() {
    find "$place.build/proofs" -name "*.$1" | wc -l
}

# prove [-q] [ID...]: of these, or of all, quickly with -q, in a place of its own. As many at a
# time as tests/run tests.
prove() {
    quick=
    if [ "${1-}" = -q ]; then
        quick=yes
        shift
    fi
    jobs=${JOBS:-$(($(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 2))}
    place=${place:-.build/exercises/prove/}
    mirror "${place%/}"
    rm -rf "$place.build/proofs"
    mkdir -p "$place.build/proofs"
    [ $# -gt 0 ] || set -- $(course | cut -d '|' -f 1)
    for each in "$@"; do
        while [ $(($(proofs begun) - $(proofs status))) -ge "$jobs" ]; do sleep 0.1; done
        proof=$place.build/proofs/$each
        : >"$proof.begun"
        { prove_one "$each" >"$proof.begun" 2>&1; echo $? >"$proof.status"; } &
    done
    wait
    cat "$place.build/proofs"/*.begun
    ! grep -vq '^0$' "$place.build/proofs"/*.status
}
