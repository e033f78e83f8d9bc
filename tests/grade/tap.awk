# Takes apart what bats has printed. Reads a shard of the plan, then its TAP; writes for each
# test a file: yes, no or skip in the first line, then why, or what the test said.

BEGIN { FS = "\t" }

FILENAME == ARGV[1] { number[$4] = $1; next }

/^(not )?ok [0-9]+ / {
    result = /^not/ ? "no" : "yes"
    name = $0
    sub(/^(not )?ok [0-9]+ /, "", name)
    why = name
    if (sub(/ # skip.*/, "", name)) {
        result = "skip"
        sub(/.* # skip ?/, "", why)
    }
    sub(/^yours /, "", name)
    file = prefix number[name]
    print result > file
    if (result == "skip") print why > file
    told[name] = 1
    what = "" # that failed, until the test has said something about it
    next
}

# Where in the tests it failed is of no use for whoever wrote a server.
result != "no" || !/^# / { last = $0; next }
/^# \(|^#  in |^# +(from|in test file)/ { next }
/^# +`.*'? failed( with status [0-9]+)?$/ { next }
{ print substr($0, 3) > file }

END {
    for (name in number)
        if (!(name in told)) printf "no\nthe test did not end: %s\n", last > (prefix number[name])
}
