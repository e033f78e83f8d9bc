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
        }' "$here"/*/exercise | sort | cut -d '|' -f 2-
}

# key KEY: what the chosen exercise says of it, or nothing.
key() {
    sed -n "s/^$1: *//p" "$here/$id/exercise"
}

# place is where the student's files and what is remembered of them lie: here, or in a folder of
# that name, which the tests use. There it is like here: the lessons' files are links.
place=${PLACE:+$PLACE/}

# place_of ID: sets what follows from its name.
#   id       04-hunt-1
#   name     hunt-1
#   lesson   04-poll
#   folder   04-poll/exercise, where the student works
#   mine     04-poll/exercise/hunt-1.c, the student's file
#   program  04-poll/exercise/hunt-1, what is built from it
#   work     what is needed meanwhile
place_of() {
    id=$1
    for lesson in "${id%%-*}"-*/; do
        lesson=${lesson%/}
    done
    name=${id#*-}
    folder=$place$lesson/exercise
    mine=$folder/$name.c
    program=$folder/$name
    work=$place.build/exercises/$id
}

# choose ID: the exercise that all else is about. Sets also
#   file     04-poll/echo_server.c, the source that it is made from
choose() {
    case ${1:-/} in
    */*) ;;
    *) [ ! -f "$here/$1/exercise" ] || found=$1 ;;
    esac
    if [ "${found-}" != "$1" ] || [ -z "$1" ]; then
        echo "there is no exercise '$1'. There are:"
        course | cut -d '|' -f 1 | awk '{ printf "%s%s", sep, $0; sep = " " } END { print "" }' |
            fold -s -w 78
        exit 2
    fi >&2
    place_of "$1"
    file=$(key file)
    mkdir -p "$work" "$folder"
}

# bar: how far the student has come.
bar() {
    course | awk -F '|' -v progress="$progress" '
        BEGIN { while ((getline row <progress) > 0) known[row] }
        { solved += ("solved " $1) in known }
        END {
            for (i = 0; i < 30; i++) line = line (i < int(30 * solved / NR) ? "#" : "-")
            printf "[%s] %d of %d\n", line, solved, NR
        }'
}

list() {
    known=$(sed 's/.*/[&]/' "$progress" 2>/dev/null)
    while IFS='|' read -r each kind title; do
        place_of "$each"
        state=open
        [ ! -f "$mine" ] || state=begun
        case $known in
        *"[solved $id]"*) state=solved ;;
        *"[skipped $id]"*) state='for later' ;;
        esac
        printf '%-12s %-9s %-6s  %s\n' "$id" "$state" "$kind" "$title"
    done <<END
$(course)
END
    bar
}
