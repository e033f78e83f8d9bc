set title "Memory of the server for each silent client"
set ylabel "bytes, without the kernel's"
set logscale y
set format y "%g"
set xrange [0.4:words(names) + 0.6]
set yrange [10:40000]
set boxwidth 0.6
set style fill solid 0.9 noborder
eval(name_tics)
unset key
# With the largest crowd that each server took.
largest(n) = real(system("awk -v n=" . n . " '$1 == n { last = $3 } END { print last }' " . data))
set for [i = 1:words(names)] label i sprintf("%.0f", largest(word(names, i))) at i, largest(word(names, i)) * 1.25 center
plot for [i = 1:words(names)] "+" using (i):(largest(word(names, i))) every ::0::0 \
    with boxes linecolor rgb color(word(names, i))
