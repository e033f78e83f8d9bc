# Prints data of summary.awk as a table: the medians that begin in `field`, and behind each,
# if there were rounds, half the way from the least to the largest in percent. Columns that
# are numbers stand in their order.

function form(x) {
    if (x == "NaN") return "-"
    return sprintf(x >= 1000 ? "%.0f" : x >= 100 ? "%.1f" : x >= 0.1 ? "%.2f" : "%.3f", x)
}

/^#/ { next }

{
    if (!($1 in row)) { row[$1] = ++nrows; rows[nrows] = $1; if (length($1) > wide) wide = length($1) }
    if (!($2 in column)) { column[$2] = ++ncolumns; columns[ncolumns] = $2 }
    text = form($field)
    spread = $field > 0 ? ($(field + 2) - $(field + 1)) / 2 / $field * 100 : 0
    cell[$1, $2] = $9 > 1 && text != "-" ? sprintf("%s ±%.0f%%", text, spread) : text
}

# Some awks count bytes and some characters, and ± is two bytes.
function right(text, width,    n) {
    n = text
    gsub(/±/, "+", n)
    return sprintf("%" (width - length(n)) "s%s", "", text)
}

function sort_columns(    i, j, x) {
    for (i = 1; i <= ncolumns; i++) if (columns[i] !~ /^[0-9]+$/) return
    for (i = 2; i <= ncolumns; i++) {
        x = columns[i]
        for (j = i - 1; j > 0 && columns[j] + 0 > x + 0; j--) columns[j + 1] = columns[j]
        columns[j + 1] = x
    }
}

END {
    sort_columns()
    print ""
    print title
    printf "%" wide "s", ""
    for (c = 1; c <= ncolumns; c++) printf "%s", right(columns[c], 14)
    print ""
    for (r = 1; r <= nrows; r++) {
        printf "%-" wide "s", rows[r]
        for (c = 1; c <= ncolumns; c++)
            printf "%s", right((rows[r], columns[c]) in cell ? cell[rows[r], columns[c]] : "", 14)
        print ""
    }
}
