# Reads the texts of the behaviours and the record of a grading, for what prints them.
#
# count, name[i], result[i] (yes, unsteady, no or skip), got[i] and of[i] points, why[i] it
# was skipped; seen[i, k], calls[i, k] with their numbers nseen[i] and ncalls[i]; again[i];
# done[name], right[name], page[name]; score, total, kept and tried behaviours.

FILENAME == ARGV[1] {
    if (/^behaviour: /) what = substr($0, 12)
    if (/^done: /) done[what] = substr($0, 7)
    if (/^right: /) right[what] = substr($0, 8)
    if (/^page: /) page[what] = substr($0, 7)
    next
}
/^behaviour: / { name[++count] = substr($0, 12) }
/^of: / { of[count] = substr($0, 5) }
/^why: / { why[count] = substr($0, 6) }
/^seen: / { seen[count, ++nseen[count]] = substr($0, 7) }
/^calls: / { calls[count, ++ncalls[count]] = substr($0, 8) }
/^again: / { again[count] = substr($0, 8) }
/^result: / {
    result[count] = substr($0, 9)
    if (result[count] == "skip") next
    tried++
    total += of[count]
    got[count] = result[count] == "no" ? 0 : of[count]
    kept += result[count] != "no"
    score += got[count]
}
