# For the recorded bugs: lesson 01 with a change, built into $dir/echo_server. Read it after
# server.sh.
#
#   spoil FILE SED...   changes 01-blocking/FILE by the sed script and builds the server

spoil() {
    file=$1
    shift
    cp 01-blocking/echo_server.c 01-blocking/serve.c "$dir" || exit 1
    changed "01-blocking/$file" "$dir/$file" "$@"
    ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -w -I 01-blocking -o "$dir/echo_server" \
        "$dir/echo_server.c" "$dir/serve.c" common/clock.c common/die.c common/io_status.c \
        common/net.c common/options.c common/stop.c || exit 1
}
