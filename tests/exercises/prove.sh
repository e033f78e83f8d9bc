# The proof: every exercise builds and fails as it is handed out, and passes when solved.

# plays EXPECTED WHAT: builds what lies in the student's file, and plays it.
plays() {
    if ! build; then
        echo "$id: $2 it does not build"
        return 1
    fi
    play && verdict=passes || verdict=fails
    echo "$id: $2 it $verdict"
    [ "$verdict" != "$1" ] || return 0
    echo "$id: and it must not:"
    tell_failure
    return 1
}

# put_version PATCH: in place of the version before, which is no student's.
put_version() {
    rm -f "$mine"
    write_version "$1"
}

# Quickly, a hunt plays the test alone that must catch its bug, and what is solved is only built:
# most solutions are the lesson's own file, letter for letter, and the other tests play that.
prove_quickly() {
    mutant=$(key mutant)
    [ -z "$mutant" ] || FILTER=$(sed -n 's/^Test: //p' "tests/mutants/$mutant.patch" | pattern)
    put_version "$(start_patch)" && plays fails 'handed out' || return 1
    put_version "$(solution_patch)" && build && echo "$id: solved it builds"
}

prove_slowly() {
    put_version "$(start_patch)" && plays fails 'handed out' || return 1
    put_version "$(solution_patch)" && plays passes solved
}

# proofs WHAT: how many have begun, or have ended.
proofs() {
    find "$place.build/proofs" -name "*.$1" | wc -l
}

# prove [-q] [ID...]: of these, or of all, quickly with -q, in a place of its own. As many at a
# time as tests/run tests.
prove() {
    way=prove_slowly
    if [ "${1-}" = -q ]; then
        way=prove_quickly
        shift
    fi
    jobs=${JOBS:-$(($(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 2))}
    if [ -z "$place" ]; then
        place=.build/exercises/prove/
        rm -rf "$place"
        make_place "${place%/}"
    fi
    rm -rf "$place.build/proofs"
    mkdir -p "$place.build/proofs"
    # shellcheck disable=SC2046 # no name has a blank
    [ $# -gt 0 ] || set -- $(course | cut -d '|' -f 1)
    for each in "$@"; do
        while [ $(($(proofs begun) - $(proofs status))) -ge "$jobs" ]; do sleep 0.5; done
        proof=$place.build/proofs/$each
        : >"$proof.begun"
        { { choose "$each" && $way; } >"$proof.begun" 2>&1; echo $? >"$proof.status"; } &
    done
    wait
    cat "$place.build/proofs"/*.begun
    ! grep -vq '^0$' "$place.build/proofs"/*.status
}
