# Lines of several servers in turn get their names, server=NAME, one of `names` after the other.
{
    count = split(names, name, " ")
    print $0, "server=" name[(NR - 1) % count + 1]
}
