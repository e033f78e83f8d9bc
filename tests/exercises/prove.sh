# The proof: every exercise builds and fails as it is handed out, and passes when solved.

# judged WHAT EXPECTED: builds and plays what lies in the student's file.
judged() {
    if ! build; then
        echo "$id: $1 it does not build"
        return 1
    fi
    play
    status=$?
    [ "$status" -eq 0 ] && verdict=passes || verdict=fails
    if [ $verdict = "$2" ]; then
        echo "$id: $1 it $verdict"
        return 0
    fi
    echo "$id: $1 it $verdict, and it must not"
    tell_failures
    return 1
}

# prove [ID...]: of these, or of all. It works in a place of its own.
prove() {
    wrong=0 most_failures=1
    place=.build/exercises/prove/
    mirror "${place%/}"
    [ $# -gt 0 ] || set -- $(course | cut -d '|' -f 1)
    for each in "$@"; do
        choose "$each"
        write_version "$(start_patch)" && judged 'handed out' fails || wrong=$((wrong + 1))
        write_version "$(solution_patch)" && judged solved passes || wrong=$((wrong + 1))
    done
    [ $wrong -eq 0 ]
}
