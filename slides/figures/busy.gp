set title "What a round trip costs when everybody talks"
set xlabel "clients, all of them talk"
set ylabel "server's CPU a round trip, microseconds"
set logscale x
set xrange [0.8:640]
set yrange [0:40]
set xtics ("1" 1, "8" 8, "64" 64, "512" 512)
plot for [i = 1:words(names)] data using (strcol(1) eq word(names, i) ? $2 : NaN):3:4:5 \
    with yerrorlines linewidth 3 pointtype 7 pointsize 0.7 linecolor rgb color(word(names, i)) \
    dashtype dash(word(names, i)) title word(names, i)
