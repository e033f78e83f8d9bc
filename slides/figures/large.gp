set title "Eight clients with messages of 64 KiB"
set ylabel "MB a second"
set xrange [0.4:words(names) + 0.6]
set yrange [0:*]
set boxwidth 0.6
set style fill solid 0.9 noborder
eval(name_tics)
unset key
plot for [i = 1:words(names)] data using (strcol(1) eq word(names, i) && strcol(2) eq "mb_s" ? i : NaN):3 \
    with boxes linecolor rgb color(word(names, i)), \
    data using (strcol(2) eq "mb_s" ? place(strcol(1)) : NaN):3:4:5 with yerrorbars linecolor rgb "#222222" pointtype 0
