# What is remembered of a student, in the hidden file .progress: a line each,
#   solved 04-build
#   skipped 04-hunt-1
#   hints 04-hunt-2 3
progress=$place.progress

# remembered WHAT: true if it holds for the chosen exercise.
remembered() {
    grep -q "^$1 $id\$" "$progress" 2>/dev/null
}

# forget WHAT, and remember WHAT [NUMBER], of the chosen exercise. The file is replaced as a
# whole, so that an interruption leaves the old one or the new one.
forget() {
    rewrite "$1"
}

remember() {
    rewrite "$1" "$1 $id${2:+ $2}"
}

# rewrite WHAT [LINE]
rewrite() {
    {
        [ ! -f "$progress" ] || awk -v what="$1" -v id="$id" '!($1 == what && $2 == id)' "$progress"
        [ -z "${2-}" ] || echo "$2"
    } >"$progress.new" && mv "$progress.new" "$progress"
}

# hints_given: how many hints the student has seen here.
hints_given() {
    [ ! -f "$progress" ] || awk -v id="$id" '$1 == "hints" && $2 == id { print $3 }' "$progress"
}
