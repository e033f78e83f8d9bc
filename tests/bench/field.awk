# The table of the field, from the data of waits, silent and memory, in this order.
FNR == 1 { nfiles++ }
/^#/ { next }
nfiles == 1 { wait_us[$1, $2] = $3 }
nfiles == 2 { if ($2 > served[$1] + 0) served[$1] = $2; if ($2 > asked) asked = $2 }
nfiles == 3 { bytes[$1] = $3 }

function number(x) {
    return x == "" ? "-" : sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : "%.2f", x)
}

# What was tried ends with what was asked for: a server that served as many has its limit
# above that, if it has one.
function limit(server) {
    if (!(server in served)) return "-"
    return served[server] < asked ? served[server] : "over " asked
}

function row(technique, server, wait, when) {
    if (!(server in served)) return
    printf "%-12s %11s %8s %8s %8s %9s  %s\n", technique, limit(server),
        number(wait_us[wait, 10]), number(wait_us[wait, 1000]), number(wait_us[wait, 10000]),
        number(bytes[server]), when
}

END {
    print ""
    print "The field: how many clients were served, what one wait costs with so many descriptors"
    print "watched, in microseconds, and the server's memory for a silent client, in bytes"
    printf "%-12s %11s %8s %8s %8s %9s  %s\n", "", "clients", 10, 1000, 10000, "memory", "when to use it"
    row("a thread", "01-threads", "", "few clients, or work that needs all processors")
    row("busy polling", "02-polling", "", "never: to see what waiting is for")
    row("select", "03-select", "select", "a handful of descriptors, on any system")
    row("poll", "04-poll", "poll", "up to hundreds, or all of them busy, on any system")
    row("epoll", "05-epoll", "epoll", "thousands, most of them silent, on Linux")
    row("epoll, edge", "05-edge", "epoll-edge", "the same, if every read goes on to its end")
    row("selector", "06-epoll", "selector-epoll", "the best there is, on each system")
    row("selector", "06-kqueue", "selector-kqueue", "the best there is, on each system")
}
