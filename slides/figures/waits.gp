set title "What one wait costs, when one descriptor of many is ready"
set xlabel "descriptors watched"
set ylabel "microseconds a wait"
set logscale xy
set format y "%g"
set format x "%g"
plot for [i = 1:words(names)] data using (strcol(1) eq word(names, i) ? $2 : NaN):3 \
    with linespoints linewidth 3 pointtype 7 pointsize 0.7 linecolor rgb color(word(names, i)) \
    dashtype dash(word(names, i)) title word(names, i)
