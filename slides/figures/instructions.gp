set title "Instructions of a round trip outside the kernel"
set ylabel "instructions"
set xrange [0.4:words(names) + 0.6]
set yrange [0:*]
set boxwidth 0.38
set style fill solid 0.9 noborder
eval(name_tics)
set key title "clients"
plot data using (strcol(2) eq "1" ? place(strcol(1)) - 0.2 : NaN):3 with boxes linecolor rgb "#3d85c6" title "1", \
    data using (strcol(2) eq "64" ? place(strcol(1)) + 0.2 : NaN):3 with boxes linecolor rgb "#073763" title "64"
