# Which files are ours, for the scripts that look at all of them. No name has a blank.

# sources: our C, and none of a student's.
sources() {
    find . -name '*.[ch]' ! -path './.*' ! -path './0*/exercise/*' | sed 's|^\./||' | sort
}

# scripts SHELL: all that sh or bash reads. What is started has no ending, but its first line.
scripts() {
    if [ "$1" = bash ]; then set -- bash '*.bash' '*.bats'; else set -- sh '*.sh' '*.sh'; fi
    find . -type f \( -name "$2" -o -name "$3" \) ! -path './.build/*' ! -path './0*/exercise/*'
    # shellcheck disable=SC2016 # the $0 is awk's
    find . -type f ! -name '*.*' -perm -u+x ! -path './.git/*' ! -path './.build/*' \
        -exec env LC_ALL=C awk -v shell="$1" \
        'FNR == 1 && $0 ~ "^#!.*[/ ]" shell "$" { print FILENAME }' {} +
}
