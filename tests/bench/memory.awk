# Resident memory for each silent client: what the server has with them and without.
{ read(v) }
v["silent"] == 0 { none[v["server"]] = v["rss_kib"] }
v["silent"] >= 100 {
    bytes = (v["rss_kib"] - none[v["server"]]) * 1024 / v["silent"]
    print "round=" v["round"], "server=" v["server"], "silent=" v["silent"], "bytes=" bytes
}
