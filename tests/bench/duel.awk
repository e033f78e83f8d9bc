# Two lines are a round: the first is ours, the second the floor's. They become one, with
# the ratio of their CPU times.
{ read(v) }
NR % 2 { ours = v["cpu_us"]; next }
{
    print "round=" v["round"], "server=" server, "cell=" cell, "ratio=" ours / v["cpu_us"],
        "others=" v["others"]
}
