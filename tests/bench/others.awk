# Says so if others than the servers and their load used the machine.
{ read(v) }
"others" in v { n++; sum += v["others"] }
END {
    if (n && sum / n > 0.2)
        printf "%s: other programs kept %.1f processors busy\n", part, sum / n
}
