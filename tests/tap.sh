# What bats says of its tests, line by line: the Test Anything Protocol.

# tally FILE...: how many tests passed, failed and were skipped.
tally() {
    cat "$@" | awk '
        /^ok .*# skip/ { skipped++; next }
        /^ok /         { passed++ }
        /^not ok /     { failed++ }
        END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }'
}

# failures FILE...: each with what the test said.
failures() {
    awk '/^(ok|not ok) / { show = /^not ok/ } show' "$@"
}
