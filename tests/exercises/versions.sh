# The versions of an exercise's file: as it is handed out, and solved. Both are made from the
# lesson's source, so that no copy of it has to be kept.

# start_patch, solution_patch: the patch that makes this version, or nothing.
start_patch() {
    mutant=$(key mutant)
    if [ -n "$mutant" ]; then
        echo "tests/mutants/$mutant.patch"
    elif [ -f "$here/$id/start.patch" ]; then
        echo "$here/$id/start.patch"
    fi
}

solution_patch() {
    [ ! -f "$here/$id/solution.patch" ] || echo "$here/$id/solution.patch"
}

# version PATCH: prints the source with this patch, its includes as the exercise's folder
# needs them.
version() {
    copy=$work/version
    rm -rf "$copy"
    mkdir -p "$copy/$(dirname "$file")"
    cp "$file" "$copy/$file"
    if [ -n "$1" ] && ! (cd "$copy" && patch -p1) <"$1" >"$work/patch.log" 2>&1; then
        echo "$1 does not fit $file:" >&2
        cat "$work/patch.log" >&2
        return 1
    fi
    awk -v dir="$(dirname "$file")" -v lesson="$lesson" '
        /^#include "/ {
            split($0, part, "\"")
            path = dir "/" part[2]
            while (sub(/[^\/.][^\/]*\/\.\.\//, "", path));
            if (index(path, lesson "/") == 1)
                path = ".." substr(path, length(lesson) + 1)
            else
                path = "../../" path
            $0 = "#include \"" path "\""
        }
        { print }' "$copy/$file"
}

# write_version PATCH: makes the student's file where there is none. Many editors save by
# renaming the file and writing it anew: what comes in between stays, and the shell says so.
write_version() {
    version "$1" >"$work/version.c" && (set -C && cat "$work/version.c" >"$mine")
}

hand_out() {
    if [ -f "$mine" ]; then
        echo "$mine is there already"
    else
        write_version "$(start_patch)" && echo "$mine is yours now: $(key title)"
    fi
}

reset() {
    if [ -f "$mine" ]; then
        n=1
        while [ -e "$mine.$n" ]; do n=$((n + 1)); done
        mv "$mine" "$mine.$n"
        echo "what you wrote is kept in $mine.$n"
    fi
    rm -f "$program"
    forget solved
    forget skipped
    forget hints
    write_version "$(start_patch)" && echo "$mine is as it was handed out"
}

# solution: how the student's file and the solution differ.
solution() {
    if ! remembered solved && [ -z "${FORCE-}" ]; then
        echo "$id is not solved yet. 'make hint EX=$id' helps on; FORCE=1 shows the solution all the same."
        return 1
    fi
    version "$(solution_patch)" >"$work/solution.c" || return 1
    [ -f "$mine" ] || hand_out
    if diff -u "$mine" "$work/solution.c" >"$work/solution.diff"; then
        echo "$mine is the solution, letter for letter"
    else
        echo "From yours (-) to ours (+). There are other ways to do it."
        sed -e '1,2d' "$work/solution.diff"
    fi
}
