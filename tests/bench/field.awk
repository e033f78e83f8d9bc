# The table of the field, from the data of waits, silent and memory, in this order.
FNR == 1 { nfiles++ }
/^#/ { next }
nfiles == 1 { wait_us[$1, $2] = $3 }
nfiles == 2 { if ($2 > served[$1] + 0) served[$1] = $2; if ($2 > asked) asked = $2 }
# With few clients a page more or less would count: the least is with many.
nfiles == 3 && (!($1 in bytes) || $3 < bytes[$1]) { bytes[$1] = $3 }

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
    printf "%-12s %10s %6s %6s %6s %7s  %s\n", technique, limit(server),
        number(wait_us[wait, 10]), number(wait_us[wait, 1000]), number(wait_us[wait, 10000]),
        number(bytes[server]), when
}

END {
    print ""
    print "The field: how many clients were served, what one wait costs with so many descriptors"
    print "watched, in microseconds, and the server's memory for a silent client, in bytes"
    printf "%-12s %10s %6s %6s %6s %7s  %s\n", "", "clients", 10, 1000, 10000, "memory", "when to use it"
    row("a thread", "01-threads", "", "few clients, or work for all processors")
    row("busy polling", "02-polling", "", "never: it shows what waiting is for")
    row("select", "03-select", "select", "a handful, on any system")
    row("poll", "04-poll", "poll", "hundreds, or all busy, on any system")
    row("epoll", "05-epoll", "epoll", "thousands, most silent, on Linux")
    row("epoll, edge", "05-edge", "epoll-edge", "the same, if reads go on to their end")
    row("selector", "06-epoll", "selector-epoll", "whatever is best on each system")
    row("selector", "06-kqueue", "selector-kqueue", "whatever is best on each system")
}
