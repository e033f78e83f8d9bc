# The names of tests, for the scripts that choose some of them.

# tests_in FILE...: the names as the files have them, without $NAME in front.
tests_in() {
    sed -n 's/^@test "\(.*\)" {$/\1/p' "$@" | sed 's/^[$]NAME //'
}

# pattern: reads such names and prints the regular expression for these tests and no others.
# What stands for $NAME is one word.
pattern() {
    sed 's/[][().*+?^$|\\{}]/\\&/g' | awk '
        { names = names (NR > 1 ? "|" : "") $0 }
        END { print "^([^ ]+ )?(" names ")$" }'
}
