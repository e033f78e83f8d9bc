# Makes the mutants of one C source: a line each, with tabs between
#
#     OPERATOR  TEXT  FROM  TO  REPLACEMENT
#
# Lines FROM to TO are to be replaced by REPLACEMENT. TEXT is what stood there, without its
# indent: with the operator it names the mutant, wherever in the file it stands. Where that
# is not enough the operator ends in "#2", "#3" and so on.
#
# Only what stands in functions is changed: no comment, no string, no directive. It counts on
# the format that clang-format gives the sources here: a function begins with a "{" alone in
# the first column, and ends with such a "}".

{ line[NR] = $0 }

END {
    hide()
    for (i = 1; i <= NR; i++) {
        if (line[i] ~ /^\{/)
            inside = 1
        else if (line[i] ~ /^\}/)
            inside = 0
        else if (inside && code[i] !~ /^[ \t]*(#|$)/)
            unit(i)
    }
}

# In code[] every byte of a comment is a blank, and every byte of a string or a character is
# a "~": the columns stay.
function hide(    i, j, c, two, state, out) {
    for (i = 1; i <= NR; i++) {
        out = ""
        if (state == "//")
            state = ""
        for (j = 1; j <= length(line[i]); j++) {
            c = substr(line[i], j, 1)
            two = substr(line[i], j, 2)
            if (state == "" && (two == "/*" || two == "//"))
                state = two
            if (state == "/*" || state == "//") {
                out = out " "
                if (state == "/*" && two == "*/") {
                    out = out " "
                    j++
                    state = ""
                }
            } else if (state != "") {
                out = out "~"
                if (c == "\\") {
                    out = out "~"
                    j++
                } else if (c == state)
                    state = ""
            } else if (c == "\"" || c == "'") {
                out = out "~"
                state = c
            } else
                out = out c
        }
        code[i] = out
    }
}

function trim(text) {
    sub(/^[ \t]+/, "", text)
    sub(/[ \t]+$/, "", text)
    return text
}

function emit(operator, text, from, to, replacement,    n) {
    if (replacement == line[from])
        return
    text = trim(text)
    gsub(/\t/, " ", text)
    gsub(/\t/, " ", replacement)
    n = ++times[operator, text]
    print operator (n > 1 ? " #" n : "") "\t" text "\t" from "\t" to "\t" replacement
}

function depth_of(text,    opened, closed) {
    opened = gsub(/[(]/, "", text)
    closed = gsub(/[)]/, "", text)
    return opened - closed
}

# A unit is a statement, or the head of one, that may go over several lines. It is looked at
# whole where it begins, and then line by line.
function unit(i,    depth, text, control) {
    if (i > unit_end) {
        unit_end = i
        whole = line[i]
        hidden = code[i]
        control = trim(hidden) ~ /^(\} )?(else )?(if|for|while|switch) \(/
        depth = depth_of(code[i])
        while (unit_end < NR && (depth > 0 || !ends(trim(code[unit_end]), control))) {
            unit_end++
            whole = whole " " trim(line[unit_end])
            hidden = hidden " " trim(code[unit_end])
            depth += depth_of(code[unit_end])
        }
        change_unit(i)
    }
    change_line(i)
}

function ends(text, control) {
    return text ~ /[;{}:]$/ || text == "else" || text == "do" || (control && text ~ /\)$/)
}

function change_unit(i,    indent, text) {
    match(line[i], /^[ \t]*/)
    indent = substr(line[i], 1, RLENGTH)
    text = trim(hidden)
    if (text ~ /^(\} )?(else )?(if|while) \(/)
        change_condition(i)
    else if (text ~ /^return .*;$/)
        change_return(i, indent, text)
    else if (text ~ /;$/ && !is_declaration(text) && text !~ /^(return|for|switch|case|default|do|else|goto|\}|\(void\))/)
        emit("drop", whole, i, unit_end, indent ";")
    else if (text == "return;")
        emit("drop", whole, i, unit_end, indent ";")
}

function is_declaration(text) {
    return text ~ /^(static|const|struct|union|enum|unsigned|int|long|short|char|bool|double|float|void|FILE|DIR|[a-z0-9_]+_t|fd_set|va_list) / &&
        text !~ /^[a-z0-9_]+_t (=|\()/
}

# if (condition): never, and always. while (condition): never.
function change_condition(i,    first, last, depth, c, head, tail) {
    first = index(hidden, "(")
    for (last = first; last <= length(hidden); last++) {
        c = substr(hidden, last, 1)
        depth += c == "(" ? 1 : c == ")" ? -1 : 0
        if (depth == 0)
            break
    }
    head = substr(whole, 1, first)
    tail = substr(whole, last)
    if (substr(hidden, first + 1, last - first - 1) !~ /^[01]$/) {
        emit("never", whole, i, unit_end, head "0" tail)
        if (head ~ /if \($/)
            emit("always", whole, i, unit_end, head "1" tail)
    }
}

function change_return(i, indent, text) {
    if (text !~ /^return (0|NULL|true|false|EXIT_SUCCESS);$/)
        emit("return 0", whole, i, unit_end, indent "return 0;")
}

# An "if" with a single comparison: its opposite says no more than "never" and "always" do.
function is_whole_condition(i, operator) {
    return (operator == "==" || operator == "!=" || operator == "!") &&
        code[i] ~ /^ *(\} else )?if \(.*\)( \{)?$/ && code[i] !~ /&&|\|\||\?/
}

function put(i, at, size, new, operator) {
    emit(operator, line[i], i, i, substr(line[i], 1, at - 1) new substr(line[i], at + size))
}

# The operators, the numbers and the truths in a line.
function change_line(i,    text, j, two, before, rest, number) {
    text = code[i]
    for (j = 1; j <= length(text); j++) {
        two = substr(text, j, 2)
        before = j > 1 ? substr(text, j - 1, 1) : " "
        if (two in swap) {
            if (!is_whole_condition(i, two))
                put(i, j, 2, swap[two], two " to " swap[two])
            j++
        } else if (two == "->" || two == "<<" || two == ">>")
            j++
        else if (two ~ /^[<>]/)
            put(i, j, 1, substr(two, 1, 1) "=", substr(two, 1, 1) " to " substr(two, 1, 1) "=")
        else if (two ~ /^!/) {
            if (!is_whole_condition(i, "!"))
                put(i, j, 1, "", "no !")
        }
        else if (two == "+ " && before == " ")
            put(i, j, 1, "-", "+ to -")
        else if (two == "- " && before == " ")
            put(i, j, 1, "+", "- to +")
        else if (before !~ /[A-Za-z0-9_.]/ && two ~ /^[A-Za-z0-9_]/) {
            rest = substr(text, j)
            match(rest, /^[A-Za-z0-9_.]+/)
            number = substr(rest, 1, RLENGTH)
            change_word(i, j, number, before)
            j += RLENGTH - 1
        }
    }
}

function change_word(i, j, word, before) {
    if (word == "true" || word == "false")
        put(i, j, length(word), word == "true" ? "false" : "true", word == "true" ? "false" : "true")
    else if (before == "-" && trim(code[i]) ~ /^(return -1;|if \([^(]* == -1\))/)
        return # as "return 0", as "never"
    else if (word == "0")
        put(i, j, 1, "1", "0 to 1")
    else if (word ~ /^0[xX][0-9A-Fa-f]+$/)
        put(i, j, length(word), "(" word " + 1)", "n to n + 1")
    else if (word ~ /^[0-9]+$/)
        put(i, j, length(word), word + 1, "n to n + 1")
    else if (word ~ /^[0-9]+[uUlL]+$/)
        put(i, j, length(word), "(" word " + 1)", "n to n + 1")
}

BEGIN {
    swap["=="] = "!="
    swap["!="] = "=="
    swap["<="] = "<"
    swap[">="] = ">"
    swap["&&"] = "||"
    swap["||"] = "&&"
    swap["++"] = "--"
    swap["--"] = "++"
    swap["+="] = "-="
    swap["-="] = "+="
}
