# shellcheck shell=sh disable=SC2154
# For the recorded bugs of lesson 06. Read it after server.sh.
#
#   spoil FILE SED...    builds the chat server with a file of apps changed by the sed
#                        script, into $dir/spoilt. FLAGS may hold more for the compiler.

spoil() {
    file=06-selectors-style/apps/$1.c
    shift
    changed "$file" "$dir/spoilt.c" "$@"
    sources=$dir/spoilt.c
    for source in 06-selectors-style/selector*.c common/clock.c common/conn.c \
        common/conn_table.c common/die.c common/io_status.c common/net.c common/options.c \
        common/rest.c common/stop.c 06-selectors-style/apps/buffer.c \
        06-selectors-style/apps/bucket.c 06-selectors-style/apps/chat_server.c \
        06-selectors-style/apps/client.c 06-selectors-style/apps/json_reader.c \
        06-selectors-style/apps/json_writer.c 06-selectors-style/apps/lines.c \
        06-selectors-style/apps/message.c 06-selectors-style/apps/server.c \
        06-selectors-style/apps/stream.c 06-selectors-style/apps/timers.c \
        06-selectors-style/apps/timestamp.c 06-selectors-style/apps/utf8.c; do
        [ "$source" = "$file" ] || sources="$sources $source"
    done
    # shellcheck disable=SC2086 # several files
    ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -w ${FLAGS-} \
        -I 06-selectors-style/apps -o "$dir/spoilt" $sources || exit 1
}
