# One style for all figures. The ground is opaque, so that they are read on a light page and
# on a dark one. A technique has the same colour in every figure.
if (form eq "svg") {
    set terminal svg size 1000,600 dynamic font "Helvetica,21" background "#fbfaf5"
} else {
    set terminal pngcairo size 1500,900 font "Helvetica,21" background "#fbfaf5" fontscale 1.2
}
data = name . ".data"
set output name . "." . form

set encoding utf8
set border 3 linecolor "#444444"
set tics nomirror textcolor "#222222"
set grid linecolor "#d8d5cc" linetype 1 linewidth 0.6
set key outside right center reverse Left samplen 2 textcolor "#222222" spacing 1.15 font ",18"
set title textcolor "#111111" font ",23"
set xlabel textcolor "#222222"
set ylabel textcolor "#222222"
set lmargin 10
set bmargin 6

# The machine stands in the first line of the data.
machine = system("sed -n '1s/^# //p' " . data)
set label 100 machine at screen 0.012, 0.025 left textcolor "#555555" font ",15"

# Every name in the data's first column, in order, and where one of them stands.
names = system("awk '!/^#/ && !seen[$1]++ { print $1 }' " . data)
index_in(list, name) = sum [i = 1:words(list)] (word(list, i) eq name ? i : 0)
place(name) = index_in(names, name)

# By the number of the lesson, or by the name of the call.
known = "01-blocking 01-threads 02-polling 03-select select 06-select selector-select 04-poll poll 06-poll selector-poll 05-epoll epoll 05-edge epoll-edge 06-epoll selector-epoll 06-kqueue selector-kqueue"
colors = "#8c8c8c #4d4d4d #c0392b #e67e22 #e67e22 #e67e22 #e67e22 #2471a3 #2471a3 #2471a3 #2471a3 #1e8449 #1e8449 #52be80 #52be80 #7d3c98 #7d3c98 #7d3c98 #7d3c98"
color(name) = index_in(known, name) == 0 ? "#777777" : word(colors, index_in(known, name))
# The selector with poll and with select: dashed, in the colour of the call.
dash(name) = name[1:3] eq "06-" || name[1:9] eq "selector-" ? 2 : 1

# A tic for each name.
name_tics = 'unset xtics; set xtics nomirror rotate by -35 left scale 0 textcolor "#222222"; set grid noxtics; set for [i = 1:words(names)] xtics add (word(names, i) i)'
