# The hints of an exercise: parts with a line "==" between them. The last part says what
# others do here, and is for afterwards.

# hint_part N: prints the Nth part; how many there are is hint_parts.
hint_part() {
    awk -v wanted="$1" '$0 == "==" { part++; next } part == wanted - 1' "$here/$id/hints"
}

hint_parts() {
    awk '$0 == "==" { part++ } END { print part + 1 }' "$here/$id/hints"
}

# hint: the next one, below those that were given before. What comes last is given to who has
# solved it.
hint() {
    most=$(($(hint_parts) - 1))
    if remembered solved; then
        echo 'What others do here:'
        hint_part $((most + 1))
        return
    fi
    given=$(hints_given)
    given=$((${given:-0} + 1))
    if [ "$given" -gt "$most" ]; then
        given=$most
        echo 'There are no more. Here they are again.'
    fi
    remember hints "$given"
    layer=1
    while [ "$layer" -le "$given" ]; do
        echo "Hint $layer of $most:"
        hint_part "$layer"
        layer=$((layer + 1))
    done
}
