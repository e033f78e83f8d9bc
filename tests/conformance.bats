#!/usr/bin/env bats
# The contract that every echo server here keeps, a behaviour a test.
# tests/run starts it for each server; the variables it needs stand in helper.bash.

load helper

@test "$NAME says where it listens, first and flushed" {
    start_server
    has_trait foreign || [ "$FIRST_LINE" = "listening on 127.0.0.1:$PORT" ]
    client 'ann connect' 'ann echo hello'
}

@test "$NAME echoes any bytes, NUL too" {
    start_server
    client 'ann connect' 'ann echo a\0b\xff\r\n\0' 'ann stream 100000'
}

@test "$NAME echoes a line that comes a byte at a time" {
    start_server
    client 'ann connect' 'ann drip hello 5' 'ann expect hello'
}

@test "$NAME returns a 64 MiB stream unchanged in flat memory" {
    start_server
    client 'ann connect' 'ann stream 1048576' 'mark' 'ann stream 67108864' \
        "$(memory_below 512)" 'ann half-close' 'ann end'
}

@test "$NAME sends all it owes after a half-close, then ends" {
    start_server
    client 'ann connect' 'ann pour 1000000' 'ann half-close' 'ann collect' 'ann end' \
        'slow connect-small' 'slow fill' 'slow half-close' 'slow collect' 'slow end'
}

@test "$NAME ends a client's connection when the client leaves" {
    start_server
    client 'ann connect' 'ann echo hi' 'ann half-close' 'ann end'
}

@test "$NAME ends a connection whose last bytes and end come together" {
    start_server
    client 'ann connect' 'ann echo hi' 'signal STOP' 'ann send hello' 'ann half-close' \
        'signal CONT' 'ann expect hello' 'ann end'
}

@test "$NAME delays nobody for a silent client" {
    skip_if one-at-a-time 'that is what lesson 01 shows: see the next test'
    start_server
    client 'ann connect' 'bob connect' 'bob echo hello' 'cy connect' 'cy echo hello'
}

@test "$NAME makes a second client wait for the first (01 alone)" {
    has_trait one-at-a-time || skip 'it serves many at once'
    start_server
    client 'ann connect' 'ann echo hi' 'bob connect' 'bob send hello' 'bob silent 300' \
        'ann close' 'bob expect hello'
}

@test "$NAME delays nobody for a client that never reads" {
    skip_if one-at-a-time 'it serves one client'
    start_server
    client 'bob connect' 'slow connect-small' 'slow fill' 'bob echo hello' \
        'cy connect' 'cy echo hello'
}

@test "$NAME keeps 64 KiB at most for a client that never reads" {
    start_server
    if has_trait one-at-a-time; then
        client 'slow connect-small' 'slow stream 1000000' 'mark' 'slow fill' \
            "$(memory_below 128)"
    else
        client 'bob connect' 'bob stream 1000000' 'slow*4 connect-small' \
            'slow stream 200000' 'mark' 'slow fill' "$(memory_below 320)"
    fi
}

@test "$NAME rests while a client does not read, and gives it every byte at last" {
    start_server
    client 'slow connect-small' 'slow fill' 'mark' 'pass 500' \
        "$(cpu_at_rest)" \
        'slow collect' 'slow half-close' 'slow end'
}

@test "$NAME rests once a slow client has read what it was owed" {
    start_server
    client 'slow connect-small' 'slow fill' 'slow collect' 'mark' 'pass 500' \
        "$(cpu_at_rest)" 'slow echo hello'
}

@test "$NAME rests after clients have left, whichever way" {
    start_server
    if has_trait one-at-a-time; then
        client 'ann connect' 'ann echo x' 'ann close' 'cy connect' 'cy echo x' 'cy reset' \
            'bob connect' 'bob echo hello' 'mark' 'pass 500' 'cpu-below 5' 'bob echo hello'
    else
        client 'bob connect' 'ann*10 connect' 'cy*10 connect' 'ann echo x' 'cy echo x' \
            'cy reset' 'ann close' 'bob echo hello' 'mark' 'pass 500' \
            "$(cpu_at_rest)" 'bob echo hello'
    fi
}

# A server that dies of one client may have served the other in the same round: so bob is
# there for a second one.

@test "$NAME keeps serving after a client resets in mid-stream" {
    start_server
    client 'ann connect' 'ann pour 200000' 'ann reset' 'bob connect' 'bob echo hello' \
        'bob ping 5'
}

@test "$NAME keeps serving after a client resets with data unread" {
    start_server
    client 'ann connect' 'signal STOP' 'ann send hello' 'ann reset' 'signal CONT' \
        'bob connect' 'bob echo hello' 'bob ping 5'
}

@test "$NAME keeps serving after clients reset before accept" {
    start_server
    client 'signal STOP' 'ann*5 connect' 'ann reset' 'bob connect' 'signal CONT' \
        'bob echo hello' 'bob ping 5'
}

@test "$NAME keeps serving after a client resets while bytes are owed to it" {
    start_server
    client 'ann connect-small' 'ann fill' 'ann reset' 'bob connect' 'bob echo hello' \
        'bob ping 5'
}

@test "$NAME keeps serving after a client closes without reading its echo" {
    start_server
    client 'ann connect' 'ann pour 9000' 'ann close' 'bob connect' 'bob echo hello' \
        'bob ping 5'
}

@test "$NAME survives sending to a client that has closed (SIGPIPE)" {
    # The first send is answered by a reset. It follows an end of input, and so the second
    # send fails with EPIPE, and raises SIGPIPE unless that is ignored (send(2)). The stream
    # makes the receive window grow, so that all of what is poured is there, with the end.
    start_server
    client 'ann connect' 'ann stream 4000000' 'signal STOP' 'ann pour 250000' 'ann close' \
        'signal CONT' \
        'bob connect' 'bob echo hello' 'bob ping 20'
}

@test "$NAME serves others while clients reset" {
    skip_if one-at-a-time 'it serves one client'
    start_server
    client 'bob connect' 'ann*50 connect' 'ann pour 20000' 'ann reset' 'bob echo hello' \
        'mark' 'bob ping 100'
}

@test "$NAME takes in a burst of clients that came while it was stopped" {
    skip_if one-at-a-time 'it serves one client'
    start_server
    client 'signal STOP' 'burst*50 connect' 'signal CONT' 'burst echo hello'
}

@test "$NAME serves who is in when descriptors run out, at rest, and others later" {
    skip_if one-at-a-time 'it never has two clients'
    LIMIT=32
    start_server
    client 'crowd*100 connect' 'crowd send x' 'crowd answered-at-least 15' \
        'crowd answered-at-most 32' 'mark' 'pass 1000' \
        "$(cpu_at_rest)" \
        'crowd close-answered 15' 'crowd answered-at-least 30' \
        'crowd close-answered 15' 'crowd answered-at-least 45'
}

@test "$NAME leaves no descriptor behind after 5000 clients" {
    start_server
    client 'mark' 'ann visit 5000' 'descriptors-same' "$(memory_below 512)"
}

# Which call of the server fails when ann resets depends on how far it has come: cy's fails in
# recv.
@test "$NAME leaves no descriptor behind after clients reset" {
    start_server
    client 'mark' 'ann*20 connect' 'ann pour 20000' 'ann reset' 'cy connect' 'cy echo x' \
        'cy reset' 'bob connect' 'bob echo hello' 'bob close' 'descriptors-same'
}

@test "$NAME with -m 5 serves five of twenty and lets the rest wait at rest" {
    skip_if one-at-a-time 'it serves one client'
    skip_if foreign 'it has no -m'
    start_server -m 5
    client 'crowd*20 connect' 'crowd send x' 'crowd answered 5 200' 'mark' 'pass 500' \
        "$(cpu_at_rest)" \
        'crowd close-answered 3' 'crowd answered 8 200' \
        'crowd reset-answered 5' 'crowd answered-at-least 13'
}

@test "$NAME serves 1500 clients at once, select as many as a set holds" {
    skip_if one-at-a-time 'it serves one client'
    [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 2000 ] ||
        skip 'the limit on descriptors is below 2000'
    start_server "$(has_trait foreign || echo '-m 2000')"
    if has_trait ceiling; then
        client 'crowd*1500 connect' 'crowd send x' 'crowd answered-at-least 1000' \
            'crowd answered-at-most 1024' 'crowd close-answered 1000' \
            'crowd answered-at-least 1500'
    elif has_trait foreign; then
        client 'crowd*900 connect' 'crowd echo x' 'crowd echo hello'
    else
        client 'crowd*1500 connect' 'crowd echo x' 'crowd echo hello'
    fi
}

@test "$NAME rests while a hundred silent clients are connected" {
    skip_if busy 'it burns a core: see the next test'
    start_server
    if has_trait one-at-a-time; then
        client 'ann connect' 'ann echo x' 'crowd*99 connect' 'mark' 'pass 2000' 'cpu-below 1'
    else
        client 'crowd*100 connect' 'crowd echo x' 'mark' 'pass 2000' 'cpu-below 1'
    fi
}

@test "$NAME burns a core while nobody talks, unless it naps (02 alone)" {
    has_trait busy || skip 'it waits in the kernel'
    start_server
    client 'crowd*100 connect' 'crowd echo x' 'mark' 'pass 500' 'cpu-above 30'
    stop_server
    start_server -n 20
    client 'crowd*100 connect' 'crowd echo x' 'mark' 'pass 500' 'cpu-below 10'
    stop_server
    start_server -n 1000 # a second, and no rest
    client 'mark' 'pass 500' 'cpu-below 2'
}

@test "$NAME keeps another client's round trips short during a flood" {
    skip_if one-at-a-time 'it serves one client'
    start_server
    client 'bob connect' 'ann connect' 'bob ping 500' 'ann flood' 'bob ping-within 10 500'
}

@test "$NAME loses nothing to stops, continues and window changes" {
    start_server
    client 'ann connect' 'pester 60' 'ann stream 20000000' 'pester-wait' 'ann echo x'
}

@test "$NAME loses nothing to calls interrupted by signals (EINTR)" {
    need_strace
    local waits='?select,?pselect6,?poll,?ppoll,?epoll_wait,?epoll_pwait,?accept,?accept4'
    WRAPPER="$STRACE \
        -e trace=recvfrom,sendto,$waits \
        -e inject=recvfrom,sendto:error=EINTR:when=2+3 \
        -e inject=$waits:error=EINTR:when=1+2"
    start_server
    client -t 8000 'ann connect' 'ann stream 300000' 'ann half-close' 'ann end' \
        'slow connect-small' 'slow fill' 'slow collect' 'slow half-close' 'slow end' \
        'bob connect' 'bob echo hello'
}

@test "$NAME takes the next client after one that left before accept (ECONNABORTED)" {
    need_strace
    WRAPPER="strace -D -f -o /dev/null -e trace=?accept,?accept4 \
        -e inject=?accept,?accept4:error=ECONNABORTED:when=1..3"
    start_server
    client 'ann connect' 'ann echo hello' 'ann close' 'bob connect' 'bob echo hello'
}

@test "$NAME serves on after accept was refused for want of descriptors (EMFILE)" {
    skip_if one-at-a-time 'accept is called for one client at a time'
    need_strace
    WRAPPER="$STRACE -e trace=?accept,?accept4 \
        -e inject=?accept,?accept4:error=EMFILE:when=1..3"
    start_server
    client 'ann connect' 'ann echo hello' 'mark' 'bob connect' 'bob echo hello'
}

@test "$NAME stops on SIGTERM while a hundred clients are in mid-stream" {
    start_server
    if has_trait one-at-a-time; then
        client 'ann connect' 'ann pour 100000' 'signal TERM' 'server-gone'
    else
        client 'crowd*100 connect' 'crowd pour 100000' 'signal TERM' 'server-gone'
    fi
    await_end
    ended_well
}

@test "$NAME stops on SIGINT while nobody talks" {
    start_server
    client 'ann connect' 'ann echo x'
    stop_server INT
    ended_well
}

@test "$NAME stops on a signal that comes right after the first line" {
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do
        start_server
        stop_server TERM
        ended_well
    done
}

@test "$NAME binds the same port again at once" {
    start_server
    skip_if foreign 'its port is not ours to choose'
    client 'ann connect' 'ann echo x' 'signal TERM' 'server-gone'
    await_end
    FIXED_PORT=$PORT
    start_server
    client 'ann connect' 'ann echo x'
}

@test "$NAME keeps its port from programs that it starts (close-on-exec)" {
    skip_if foreign 'it need not start any'
    [ -d /proc/self/fdinfo ] || skip 'this system shows no flags of descriptors'
    local fd flags sockets=0
    start_server
    for fd in "/proc/$SERVER_PID/fd/"*; do
        case $(readlink "$fd") in
        socket:*)
            flags=$(sed -n 's/^flags:[[:space:]]*//p' "/proc/$SERVER_PID/fdinfo/${fd##*/}")
            echo "descriptor ${fd##*/} is a socket with the flags $flags"
            # 02000000 is O_CLOEXEC in fdinfo (proc(5)).
            [ $((8#$flags & 8#2000000)) -ne 0 ]
            sockets=$((sockets + 1))
            ;;
        esac
    done
    [ "$sockets" -gt 0 ]
}

@test "$NAME says so if its port is taken" {
    skip_if foreign 'it has no -p'
    start_server
    cd "$ROOT" || return 1
    run bash -c "${SERVER//\{port\}/$PORT}"
    [ "$status" -eq 1 ]
    says ": 127.0.0.1:$PORT: Address "
    says 'in use'
    [ "${#lines[@]}" -eq 1 ]
}

@test "$NAME listens on an IPv6 address" {
    skip_if foreign 'it has no -a'
    if [ -d /proc/net ] && [ ! -e /proc/net/if_inet6 ]; then skip 'there is no IPv6 here'; fi
    start_server -a ::1
    [ "$FIRST_LINE" = "listening on [::1]:$PORT" ]
    client -a ::1 'ann connect' 'ann echo x'
}

@test "$NAME refuses wrong arguments with status 2, a clear line and the usage" {
    skip_if foreign 'it has options of its own'
    local base=${SERVER%% *} wrong
    cd "$ROOT" || return 1
    for wrong in '-p abc' '-p 70000' '-p -1' "-p ''" '-p 80x' "-p ' 80'" '-p 0x50' '-p' \
        '-m 0' '-m -5' '-m many' '-a nonsense' "-a ''" '-a 1.2.3.4.5' '-z' 'stray'; do
        run bash -c "$base $wrong"
        echo "$base $wrong: status $status: $output"
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 2 ]
        says 'usage: '
    done
    run bash -c "$base -a 192.0.2.1 -p 0"
    echo "$output"
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
}

@test "$NAME explains its options with -h" {
    skip_if foreign 'it has options of its own'
    cd "$ROOT" || return 1
    run bash -c "${SERVER%% *} -h"
    [ "$status" -eq 0 ]
    says 'usage: '
    says '-m CLIENTS'
}
