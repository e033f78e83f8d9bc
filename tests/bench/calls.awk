# Calls a round trip of a short and of a long run, lines of NAME COUNT: what is done once is
# in both, and so not in their difference.
NR == FNR { short[$1] = $2; next }
{
    each = ($2 - short[$1]) / roundtrips
    all += each
    if (each >= 0.001) print "round=1", "server=" server, "call=" $1, "calls=" each
}
END { print "round=1", "server=" server, "call=all", "calls=" all }
