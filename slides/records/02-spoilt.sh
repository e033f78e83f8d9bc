# For the recorded bugs of lessons 02 and 03: a lesson with a change, built into
# $dir/echo_server. Read it after server.sh.
#
#   spoil LESSON SED...   changes LESSON/echo_server.c by the sed script, prints what has
#                         changed and builds the server. FLAGS may hold more for the compiler

spoil() {
    lesson=$1
    shift
    changed "$lesson/echo_server.c" "$dir/echo_server.c" "$@"
    diff -U "${AROUND:-1}" "$lesson/echo_server.c" "$dir/echo_server.c" |
        sed -e '1,2d' -e '/^@@/d'
    # shellcheck disable=SC2086
    ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -g -w ${FLAGS-} -I "$lesson" \
        -o "$dir/echo_server" "$dir/echo_server.c" common/clock.c common/conn.c \
        common/conn_table.c common/die.c common/io_status.c common/net.c common/options.c \
        common/rest.c common/stop.c || exit 1
}
