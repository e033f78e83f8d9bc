# Prints the record as JUnit XML, which course systems read.

function escape(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/"/, "\\&quot;", text)
    gsub(/\357\277[\276\277]/, "?", text) # U+FFFE and U+FFFF are no characters of XML
    return text
}

END {
    print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    printf "<testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" skipped=\"%d\">\n", \
        escape(ENVIRON["SERVER"]), count, tried - kept, count - tried
    printf "<properties><property name=\"score\" value=\"%d\"/>", score
    printf "<property name=\"of\" value=\"%d\"/></properties>\n", total
    for (i = 1; i <= count; i++) {
        printf "<testcase classname=\"echo\" name=\"%s\">", escape(name[i])
        if (result[i] == "skip") printf "<skipped message=\"%s\"/>", escape(why[i])
        if (result[i] == "no") {
            printf "<failure message=\"%s\">", escape(seen[i, nseen[i]])
            printf "done: %s\nright: %s\n", escape(done[name[i]]), escape(right[name[i]])
            for (k = 1; k <= nseen[i]; k++) printf "seen: %s\n", escape(seen[i, k])
            for (k = 1; k <= ncalls[i]; k++) printf "calls: %s\n", escape(calls[i, k])
            printf "page: %s\nagain: %s</failure>", escape(page[name[i]]), escape(again[i])
        }
        if (result[i] == "unsteady") print "<system-out>failed once, kept twice</system-out>"
        print "</testcase>"
    }
    print "</testsuite>"
}
