# What the commands here make of the words on their command lines. here is the folder in which
# they were called.

# quoted WORD: as a shell reads it.
quoted() {
    printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

# whole PATH: from the root, because the command and the tests run elsewhere.
whole() {
    case $1 in
    /*) echo "$1" ;;
    *) echo "$here/$1" ;;
    esac
}
