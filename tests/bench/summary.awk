# Makes data of raw figures, lines of key=value: for each pair of the keys `row` and `column`
# the median, the least and the largest of `value` over the rounds, and the same for its
# ratio to the figure with `reference` (KEY=VALUE) of the same round; last, the rounds.

function sort(list, n,    i, j, x) {
    for (i = 2; i <= n; i++) {
        x = list[i]
        for (j = i - 1; j > 0 && list[j] > x; j--) list[j + 1] = list[j]
        list[j + 1] = x
    }
}

function median(list, n) {
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# Prints median, least and largest, or what stands for none.
function put(list, n) {
    if (n == 0) { printf " NaN NaN NaN"; return }
    sort(list, n)
    printf " %.6g %.6g %.6g", median(list, n), list[1], list[n]
}

BEGIN { split(reference, wanted, "=") }

{
    read(key)
    if (!(row in key) || !(column in key) || !(value in key)) next
    r = key[row]; c = key[column]; round = key["round"]
    if (!((r, c) in known)) { known[r, c] = ++npairs; rows[npairs] = r; columns[npairs] = c }
    figure[r, c, round] = key[value] + 0
    there[r, c, round] = 1
    if (round > last) last = round
}

END {
    for (p = 1; p <= npairs; p++) {
        r = rows[p]; c = columns[p]
        split("", list); split("", ratio); n = nratios = 0
        for (round = 1; round <= last; round++) {
            if (!((r, c, round) in there)) continue
            list[++n] = figure[r, c, round]
            r0 = wanted[1] == row ? wanted[2] : r
            c0 = wanted[1] == column ? wanted[2] : c
            if (figure[r0, c0, round] > 0) ratio[++nratios] = list[n] / figure[r0, c0, round]
        }
        printf "%s %s", r, c
        put(list, n)
        put(ratio, nratios)
        printf " %d\n", n
    }
}
