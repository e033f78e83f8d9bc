# The course: which exercises there are, in which order, and what one is made of.

# course: ID|kind|title, a line an exercise, by lesson and then build, hunt, extend. What
# this system cannot build is passed over: epoll is in Linux alone.
course() {
    awk -v kernel="$(uname -s)" '
        FNR == 1 {
            n = split(FILENAME, part, "/")
            id = part[n - 1]
            ids[id]
        }
        sub(/^kind: */, "") { kind[id] = $0 }
        sub(/^title: */, "") { title[id] = $0 }
        END {
            for (id in ids)
                if (kernel == "Linux" || id !~ /^05-/)
                    printf "%s%d|%s|%s|%s\n", substr(id, 1, 3),
                        index("build hunt extend", kind[id]) + 10, id, kind[id], title[id]
        }' $here/*/exercise | sort | cut -d '|' -f 2-
}

# key KEY: what the chosen exercise says of it, or nothing.
key() {
    sed -n "s/^$1: *//p" "$here/$id/exercise"
}

# place is where the student's files and what is remembered of them lie: here, or in a folder of
# that name, which the tests use. There it is like here: the lessons' files are links.
place=${PLACE:+$PLACE/}

# choose ID: sets what the other commands need to know of it.
#   id       04-hunt-1
#   file     04-poll/echo_server.c, the source that it is made from
#   lesson   04-poll
#   folder   04-poll/exercise, where the student works
#   mine     04-poll/exercise/hunt-1.c, the student's file
#   program  04-poll/exercise/hunt-1, what is built from it
#   work     what is needed meanwhile
choose() {
    id=$1
    if [ -z "$id" ] || [ ! -f "$here/$id/exercise" ]; then
        echo "there is no exercise '$id'. There are:"
        course | cut -d '|' -f 1 | awk '{ printf "%s%s", sep, $0; sep = " " } END { print "" }' |
            fold -s -w 78
        exit 2
    fi >&2
    file=$(key file)
    for lesson in "${id%%-*}"-*/; do
        lesson=${lesson%/}
    done
    name=${id#*-}
    folder=$place$lesson/exercise
    mine=$folder/$name.c
    program=$folder/$name
    work=$place.build/exercises/$id
    mkdir -p "$work" "$folder"
}

# state: of the chosen exercise, in a word or two.
state() {
    if remembered solved; then
        echo solved
    elif remembered skipped; then
        echo 'for later'
    elif [ -f "$mine" ]; then
        echo begun
    else
        echo open
    fi
}

# bar: how far the student has come.
bar() {
    course | cut -d '|' -f 1 | awk -v solved="$(solved_ids | tr "\n" " ")" '
        BEGIN {
            n = split(solved, id, " ")
            for (i = 1; i <= n; i++) is_solved[id[i]]
        }
        { all++; done += $0 in is_solved }
        END {
            width = 30
            full = int(done * width / all)
            for (i = 0; i < width; i++) line = line (i < full ? "#" : "-")
            printf "[%s] %d of %d\n", line, done, all
        }'
}

list() {
    course | while IFS='|' read -r each kind title; do
        choose "$each"
        printf '%-12s %-9s %-6s  %s\n' "$id" "$(state)" "$kind" "$title"
    done
    bar
}
