set title "The nap of lesson 02: what it saves, and what it costs"
set xlabel "percent of a core"
set ylabel "microseconds until the answer is there"
set logscale xy
set format "%g"
set xrange [0.02:300]
set yrange [10:300000]
unset key
taken(n, what) = real(system("awk -v n=" . n . " -v w=" . what . " '$1 == n && $2 == w { x = $3 } END { print x }' " . data))
nap(n) = n[8:*] eq "0" ? "no nap" : "nap of " . n[8:*] . " ms"
set for [i = 1:words(names)] label i nap(word(names, i)) at taken(word(names, i), "cpu_percent"), taken(word(names, i), "p50_us") offset 0, 1.1 center
plot for [i = 1:words(names)] "+" using (taken(word(names, i), "cpu_percent")):(taken(word(names, i), "p50_us")) every ::0::0 \
    with points pointtype 7 pointsize 1.6 linecolor rgb color("02-polling")
