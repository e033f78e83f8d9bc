# Each line becomes a line for each of `keys`, with figure=KEY and its value as value=.
{
    read(v)
    n = split(keys, key, " ")
    for (i = 1; i <= n; i++)
        print $0, "figure=" key[i], "value=" v[key[i]]
}
