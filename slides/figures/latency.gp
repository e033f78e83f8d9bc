set title "How long an answer takes while 64 clients talk"
set ylabel "microseconds"
set logscale y
set format y "%g"
set xrange [0.4:words(names) + 0.6]
set boxwidth 0.26
set style fill solid 0.9 noborder
eval(name_tics)
shares = "p50_us p99_us p999_us"
titles = "50\\_% 99\\_% 99.9\\_%"
shades = "#9fc5e8 #3d85c6 #073763"
set key title "answers within"
set yrange [100:*]
plot for [k = 1:3] data using (place(strcol(1)) + (k - 2) * 0.27):(strcol(2) eq word(shares, k) ? $3 : NaN) \
    with boxes linecolor rgb word(shades, k) title word("50% 99% 99.9%", k)
