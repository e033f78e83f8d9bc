set title "System calls of a round trip"
set ylabel "calls"
set xrange [0.4:words(names) + 0.6]
set yrange [0:3.6]
set boxwidth 0.7
set style fill solid 0.9 border rgb "#fbfaf5"
names = system("awk '!/^#/ && !/^floor/ && !seen[$1]++ { print $1 }' " . data)
eval(name_tics)
set xtics font ",16"
count(n, call) = real(system("awk -v n=" . n . " -v c=" . call . " '$1 == n && $2 == c { x = $3 } END { print x + 0 }' " . data))
waits(n) = count(n, "select") + count(n, "poll") + count(n, "epoll_wait")
set bmargin 8
set for [i = 1:words(names)] label i sprintf("%.2f", count(word(names, i), "all")) at i, count(word(names, i), "all") + 0.1 center font ",14"
plot for [i = 1:words(names)] "+" using (i):(count(word(names, i), "all")) every ::0::0 with boxes linecolor rgb "#999999" title (i == 1 ? "other" : ""), \
    for [i = 1:words(names)] "+" using (i):(count(word(names, i), "recv") + count(word(names, i), "send") + waits(word(names, i))) every ::0::0 with boxes linecolor rgb "#c0392b" title (i == 1 ? "the wait" : ""), \
    for [i = 1:words(names)] "+" using (i):(count(word(names, i), "recv") + count(word(names, i), "send")) every ::0::0 with boxes linecolor rgb "#3d85c6" title (i == 1 ? "send" : ""), \
    for [i = 1:words(names)] "+" using (i):(count(word(names, i), "recv")) every ::0::0 with boxes linecolor rgb "#9fc5e8" title (i == 1 ? "recv" : "")
