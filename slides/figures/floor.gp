set title "Our servers against the least program with the same technique"
set ylabel "CPU of a round trip, times the floor's"
ours = "03-select 04-poll 05-epoll 05-edge 06-epoll"
cells = "1 64 512 8x64KiB 8+900 8+9000"
set yrange [0.9:1.15]
set xrange [0.5:words(cells) + 0.5]
unset xtics
set for [i = 1:words(cells)] xtics add (word(cells, i) i)
set xlabel "clients that talk (+ silent ones), messages of 64 bytes or of 64 KiB"
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead linecolor "#222222" linewidth 1.5
plot for [k = 1:words(ours)] data using \
    (strcol(1) eq word(ours, k) ? index_in(cells, strcol(2)) + (k - 3) * 0.12 : NaN):3:4:5 \
    with yerrorbars linewidth 2.5 pointtype 7 pointsize 1 linecolor rgb color(word(ours, k)) title word(ours, k)
