# Copies a deck, and puts the present text between each marker and its end. `slides/fill`
# runs it. Plain awk: no extension of any one.
#
# ENVIRON: top        the folder of the project
#          only_look  1 to complain of each block that is not as it should be

function complain(line_number, text)
{
    print FILENAME ":" line_number ": " text | "cat >&2"
    failed = 1
}

# ---- files: read once each, into lines[path, 1] to lines[path, count[path]] ----

# Returns 1 if the file is there.
function load(path,    line)
{
    if (!(path in count)) {
        count[path] = 0
        while ((getline line < (top "/" path)) > 0)
            lines[path, ++count[path]] = line
        close(top "/" path)
    }
    return count[path] > 0
}

# The first line from i to j that holds the text; 0 if there is none.
function find(path, text, i, j)
{
    for (; i <= j; i++)
        if (index(lines[path, i], text))
            return i
    return 0
}

# ---- functions in C: `name(` at the start of a line or after its type, then a body ----

function names_function(line, called,    at)
{
    at = index(line, called "(")
    if (!at || line !~ /^[A-Za-z_]/)
        return 0
    return at == 1 || substr(line, at - 1, 1) !~ /[A-Za-z0-9_]/
}

# A declaration ends in `;` before any body begins.
function has_body(path, i)
{
    for (; i <= count[path]; i++) {
        if (lines[path, i] ~ /[{]$/)
            return 1
        if (lines[path, i] ~ /[;}]$/ || lines[path, i] == "")
            return 0
    }
    return 0
}

# Sets first and last. Returns 1 if the function is there.
function find_function(path, called,    i)
{
    for (i = 1; i <= count[path]; i++)
        if (names_function(lines[path, i], called) && has_body(path, i))
            break
    first = i
    if (index(lines[path, i], called) == 1 && lines[path, i - 1] ~ /^[A-Za-z_].*[A-Za-z0-9_*]$/)
        first--
    for (; i <= count[path]; i++)
        if (lines[path, i] ~ /^[}]/) {
            last = i
            return 1
        }
    return 0
}

# ---- markers ----

# Cuts `<!-- KIND: FILE FUNCTION from "TEXT" to "TEXT" -->` up. Texts may hold quotes.
# Returns 1 if it is one.
function parse(    rest, at, words)
{
    from = to = ""
    kind = rest = marker
    gsub(/^<!-- |:.*/, "", kind)
    gsub(/^<!-- [a-z]+: *| *-->$/, "", rest)
    at = index(rest, " from \"")
    if (at) {
        from = substr(rest, at + 7)
        rest = substr(rest, 1, at - 1)
        if (length(from) < 2 || substr(from, length(from)) != "\"")
            return 0
        from = substr(from, 1, length(from) - 1)
        at = index(from, "\" to \"")
    }
    if (at) {
        to = substr(from, at + 6)
        from = substr(from, 1, at - 1)
    }
    at = split(rest, words, " ")
    file = words[1]
    name = words[2]
    if (kind == "code")
        return at == 2 || (at == 1 && from != "")
    file = (kind == "table" ? "slides/figures/" : "slides/records/") file ".txt"
    return at == 1
}

# Narrows first and last to what lies from one text to the other, or to the one line if there
# is no other. A table begins with its title and ends before an empty line.
function cut(    start, end)
{
    start = find(file, from, first, last)
    while (kind == "table" && start && index(lines[file, start], from) != 1)
        start = find(file, from, start + 1, last)
    if (!start)
        return refuse(place() " does not hold \"" from "\"")
    end = start
    if (kind == "table")
        while (end < last && lines[file, end + 1] != "")
            end++
    else if (to != "")
        end = find(file, to, start + 1, last)
    if (!end)
        return refuse(place() " does not hold \"" to "\" after line " start)
    first = start
    last = end
    return 1
}

function place()
{
    return file (name == "" ? "" : ", " name)
}

function refuse(text)
{
    complain(marked, text)
    return 0
}

# Sets file, first and last to what the marker stands for. Returns 1 if all of it is there.
function resolve()
{
    if (!parse())
        return refuse("not a marker: " marker)
    if (!load(file))
        return refuse("there is no " file)
    first = 1
    last = count[file]
    if (name != "" && !find_function(file, name))
        return refuse(file " has no function " name)
    return from == "" || cut()
}

# The block: code with the numbers of its lines, everything else as it is.
function block(    i, fence, text, line, width)
{
    fence = "```"
    width = length(last "")
    for (i = first; i <= last; i++) {
        line = lines[file, i]
        if (index(line, "```"))
            fence = "````"
        if (kind == "code")
            line = sprintf("%" width "d%s", i, line == "" ? "" : "  " line)
        text = text line "\n"
    }
    return fence (file ~ /[.][ch]$/ ? "c" : "text") "\n" text fence "\n"
}

# ---- the deck ----

# Keeps what stands in the block, to compare. That is a fenced block or nothing: anything
# else is somebody's text, and is not thrown away.
function keep(line)
{
    if (closing == "" && line ~ /^````?(c|text)$/) {
        closing = line
        sub(/[a-z]+$/, "", closing)
    } else if (closing != "" && line == closing) {
        closing = ""
    } else if (closing == "" && line != "") {
        complain(FNR, "this stands between a marker and its <!-- end -->: " line)
        exit
    }
    held = held line "\n"
}

function finish(    text)
{
    print marker
    if (resolve()) {
        text = block()
        printf "%s", text
        if (only_look && text != held)
            complain(marked, "stale: " marker)
    }
    print "<!-- end -->"
    marked = 0
}

BEGIN {
    top = ENVIRON["top"]
    only_look = ENVIRON["only_look"]
}

!marked && /^<!-- (code|output|table):.*-->$/ {
    marker = $0
    marked = FNR
    held = closing = ""
    next
}
!marked && /^<!-- end -->$/ { complain(FNR, "this ends no marker") }
!marked { print; next }
closing == "" && /^<!-- end -->$/ { finish(); next }
{ keep($0) }

END {
    if (marked && !failed)
        complain(marked, "no <!-- end --> follows: " marker)
    exit failed
}
