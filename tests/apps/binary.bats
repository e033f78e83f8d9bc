#!/usr/bin/env bats
# What the binary protocol promises on the wire.

load apps

@test "$NAME binary: answers each type with its emoji" {
    start_binary
    client 'ann connect' \
        'ann send \0\0\0\x02\0\x01hi' 'ann expect \0\0\0\x0d\0\x01🚀 Echo: hi' \
        'ann send \0\0\0\x02\0\x02hi' 'ann expect \0\0\0\x0d\0\x02💪 Echo: hi' \
        'ann send \0\0\0\x02\0\x03hi' 'ann expect \0\0\0\x0c\0\x03✨ Echo: hi'
}

@test "$NAME binary: answers every other type with a question mark" {
    start_binary
    client 'ann connect' \
        'ann send \0\0\0\x02\0\0hi' 'ann expect \0\0\0\x0c\0\0❓ Echo: hi' \
        'ann send \0\0\0\x02\0\x04hi' 'ann expect \0\0\0\x0c\0\x04❓ Echo: hi' \
        'ann send \0\0\0\x02\x01\0hi' 'ann expect \0\0\0\x0c\x01\0❓ Echo: hi' \
        'ann send \0\0\0\x02\x02\x01hi' 'ann expect \0\0\0\x0c\x02\x01❓ Echo: hi' \
        'ann send \0\0\0\x02\xff\xffhi' 'ann expect \0\0\0\x0c\xff\xff❓ Echo: hi'
}

@test "$NAME binary: answers an empty payload, and any bytes" {
    start_binary
    client 'ann connect' 'ann send \0\0\0\0\0\x02' 'ann expect \0\0\0\x0b\0\x02💪 Echo: ' \
        'ann send \0\0\0\x07\0\x01\0\xff\n\0\x80\r\0' \
        'ann expect \0\0\0\x12\0\x01🚀 Echo: \0\xff\n\0\x80\r\0'
}

@test "$NAME binary: reads frames that come a byte at a time" {
    start_binary
    client 'ann connect' 'ann drip \0\0\0\x02\0\x01hi\0\0\0\0\0\x02\0\0\0\x01\xff\xff! 1' \
        'ann expect \0\0\0\x0d\0\x01🚀 Echo: hi\0\0\0\x0b\0\x02💪 Echo: ' \
        'ann expect \0\0\0\x0b\xff\xff❓ Echo: !'
}

@test "$NAME binary: sends what is left of an answer, and be it a byte" {
    need_narrator
    WRAPPER='common/narrate -n -f send:1:short=21'
    start_binary
    client 'ann connect' 'ann send \0\0\0\x05\0\x01hello' \
        'ann expect \0\0\0\x10\0\x01🚀 Echo: hello'
}

@test "$NAME binary: reads a frame wherever it is cut" {
    local cut steps=() frame=('\0' '\0' '\0' '\x02' '\0' '\x01' h i)
    for cut in 1 2 3 4 5 6 7; do
        steps+=("ann send $(printf '%s' "${frame[@]::cut}")" 'pass 10'
            "ann send $(printf '%s' "${frame[@]:cut}" "${frame[@]::cut}")" 'pass 10'
            "ann send $(printf '%s' "${frame[@]:cut}")"
            'ann expect \0\0\0\x0d\0\x01🚀 Echo: hi\0\0\0\x0d\0\x01🚀 Echo: hi')
    done
    start_binary
    client 'ann connect' "${steps[@]}" 'ann silent 50'
}

@test "$NAME binary: answers the frames of one segment in order" {
    start_binary
    client 'ann connect' 'bob connect' \
        'ann send \0\0\0\x01\0\x01a\0\0\0\x01\0\x02b\0\0\0\x01\0\x03c\0\0\0\x01\0\x04d\0\0' \
        'ann expect \0\0\0\x0c\0\x01🚀 Echo: a\0\0\0\x0c\0\x02💪 Echo: b' \
        'ann expect \0\0\0\x0b\0\x03✨ Echo: c\0\0\0\x0b\0\x04❓ Echo: d' \
        'ann silent 50' 'bob silent 1'
}

@test "$NAME binary: answers a payload of 1 MiB" {
    start_binary
    client 'ann connect' 'ann send \0\x10\0\0\0\x07' 'ann pour 1048576' \
        'ann expect \0\x10\0\x0a\0\x07❓ Echo: ' 'ann collect' \
        'ann send \0\0\0\0\0\x01' 'ann expect \0\0\0\x0b\0\x01🚀 Echo: '
}

@test "$NAME binary: a queue limit below an answer does not cut the answer" {
    start_binary -q 1024
    client 'ann connect-small' 'ann send \0\x03\x0d\x40\0\x02' 'ann pour 200000' \
        'ann expect \0\x03\x0d\x4b\0\x02💪 Echo: ' 'ann collect'
}

@test "$NAME binary: refuses a length over the limit at once, and ends" {
    start_binary
    send_raw '\0\020\0\001\0\001'
    matches "$REPLY" '000000..ffff.+'
    # The length in the header is that of the text, which is all that follows.
    [ "$((16#${REPLY:0:8}))" -eq "$((${#REPLY} / 2 - 6))" ]
    send_raw '\0\0\0\001\0\001a\377\377\377\377\0\001'
    matches "$REPLY" '0000000c0001f09f9a80204563686f3a2061000000..ffff.+'
    [ "$((16#${REPLY:36:8}))" -eq "$((${#REPLY} / 2 - 18 - 6))" ]
    # Of the length every bit counts.
    send_raw '\200\0\0\0\0\001'
    matches "$REPLY" '000000..ffff.+'
}

@test "$NAME binary: -f sets the longest payload" {
    start_binary -f 5
    client 'ann connect' 'ann send \0\0\0\x05\0\x01hello' \
        'ann expect \0\0\0\x10\0\x01🚀 Echo: hello' 'ann send \0\0\0\x06\0\x01hello!' \
        'ann expect \0\0\0' 'ann gone'
    send_raw '\0\0\0\006\0\001'
    matches "$REPLY" '000000..ffff.+'
}

@test "$NAME binary: the length of an answer of 16 MiB has four bytes, too" {
    start_binary -f 20000000
    client 'ann connect' 'ann send \x01\0\0\0\0\x02' 'ann pour 16777216' \
        'ann expect \x01\0\0\x0b\0\x02💪 Echo: '
}

@test "$NAME binary: the refusal arrives though the client keeps sending" {
    local more
    more=$(printf '%060000d' 0)
    start_binary
    client 'ann connect' 'bob connect' 'signal STOP' "ann send \\0\\x10\\0\\x01\\0\\x01$more" \
        "ann send $more" 'signal CONT' "ann send $more" 'pass 100' "ann send $more" \
        'ann expect \0\0\0' 'ann gone' \
        'bob send \0\0\0\0\0\x01' 'bob expect \0\0\0\x0b\0\x01🚀 Echo: '
}

@test "$NAME binary: takes no memory for what 200 clients promise" {
    start_binary
    client 'lone connect' 'crowd*200 connect' 'crowd send \0\0\0\0\0\x01' \
        'crowd expect \0\0\0\x0b\0\x01🚀 Echo: ' 'mark' 'crowd send \0\x10\0\0\0\x01' \
        'pass 100' 'lone send \0\0\0\x01\0\x01a' 'lone expect \0\0\0\x0c\0\x01🚀 Echo: a' \
        "$(memory_below 512)"
}

@test "$NAME binary: takes no memory for clients that have been answered" {
    local i steps=()
    start_binary
    for ((i = 0; i < 14; i++)); do
        steps+=("c$i connect" "c$i send \\0\\x03\\xd0\\x90\\0\\x02" "c$i pour 250000"
            "c$i expect \\0\\x03\\xd0\\x9b\\0\\x02💪 Echo: " "c$i collect")
    done
    client 'mark' "${steps[@]}" "$(memory_below 1024)"
}

@test "$NAME binary: promises of 200 MiB fit into 100 MiB of address space" {
    if [ -n "${SANITIZER-}" ]; then skip 'a sanitizer needs more address space'; fi
    (ulimit -v 100000) 2>/dev/null || skip 'memory cannot be limited here'
    WRAPPER="bash -c 'ulimit -v 100000; exec \"\$@\"' bash"
    start_binary
    client 'crowd*200 connect' 'crowd send \0\x10\0\0\0\x01a' 'crowd silent 100' \
        'lone connect' 'lone send \0\0\0\x01\0\x01a' 'lone expect \0\0\0\x0c\0\x01🚀 Echo: a'
}

@test "$NAME binary: after a half-close all answers still come, then the end" {
    start_binary
    client 'ann connect' 'ann send \0\0\0\x01\0\x01a\0\0\0\x01\0\x02b\0\0\0\x05\0\x01ab' \
        'ann half-close' 'ann expect \0\0\0\x0c\0\x01🚀 Echo: a\0\0\0\x0c\0\x02💪 Echo: b' \
        'ann end' 'bob connect-small' 'bob send \0\x03\x0d\x40\0\x02' 'bob pour 200000' \
        'bob half-close' 'pass 50' 'bob expect \0\x03\x0d\x4b\0\x02💪 Echo: ' 'bob collect' \
        'bob end'
}

@test "$NAME binary: clients that reset in the middle of a frame harm nobody" {
    start_binary
    client 'ann connect' 'crowd*50 connect' 'crowd send \0\0\0\x64\0\x01abc' 'pass 50' \
        'crowd reset' 'more*20 connect' 'signal STOP' 'more send \0\0\0\x01\0\x01a' \
        'more reset' 'ann send \0\0\0\x01\0\x01a' 'signal CONT' \
        'ann expect \0\0\0\x0c\0\x01🚀 Echo: a'
}

@test "$NAME binary: speaks the frames of another program's library" {
    command -v python3 >/dev/null || skip 'python3 is not installed'
    start_binary
    run python3 - "$PORT" <<'END'
import socket, struct, sys
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=5)
stream = s.makefile('rb')
for kind, emoji in (1, '🚀'), (2, '💪'), (3, '✨'), (500, '❓'):
    for payload in b'', bytes(range(256)), 'Ünïcode 🦀'.encode():
        s.sendall(struct.pack('!IH', len(payload), kind) + payload)
        size, got = struct.unpack('!IH', stream.read(6))
        assert got == kind
        assert stream.read(size) == (emoji + ' Echo: ').encode() + payload
END
    echo "$output"
    [ "$status" -eq 0 ]
}
