set title "What a round trip costs beside clients that say nothing"
set xlabel "silent clients"
set ylabel "server's CPU a round trip, microseconds"
set logscale xy
set xrange [1:20000]
set xtics ("none" 1, "10" 10, "100" 100, "1000" 1000, "5000" 5000, "15000" 15000)
set format y "%g"
plot for [i = 1:words(names)] data using (strcol(1) eq word(names, i) ? ($2 == 0 ? 1 : $2) : NaN):3 \
    with linespoints linewidth 3 pointtype 7 pointsize 0.7 linecolor rgb color(word(names, i)) \
    dashtype dash(word(names, i)) title word(names, i)
