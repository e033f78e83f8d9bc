#!/usr/bin/env bats
# -d: the contract is in 02-nonblocking-polling/exercise/README.md, "datagram".

load ../extend

LOG=$BATS_TEST_TMPDIR/log

# trace CALLS [OPTION...]: for start_server, keeps these calls of the server in LOG.
trace() {
    need_strace
    WRAPPER="strace -D -f -o '$LOG' -e trace=$*"
}

@test "$NAME -d echoes datagrams on the port of its clients" {
    start_server -d
    is 'the first line' "listening on 127.0.0.1:$PORT" "$FIRST_LINE"
    client 'ann connect-datagram' 'ann datagram 1' 'bob connect' 'bob echo hello' \
        'ann datagram 1000' 'bob stream 1000000' 'ann datagram 16' 'bob half-close' 'bob end'
}

@test "$NAME -d returns the largest datagram whole" {
    [ "$(uname -s)" = Linux ] || skip 'datagrams are smaller here'
    start_server -d
    client 'ann connect-datagram' 'ann datagram 65507' 'ann datagram 16385' 'ann datagram 65506'
}

@test "$NAME -d returns an empty datagram, which is no end" {
    start_server -d
    client 'ann connect-datagram' 'ann datagram 0' 'ann datagram 5' 'ann datagram 0' \
        'bob connect-datagram' 'bob datagram 0' 'bob connect' 'bob echo hello'
}

@test "$NAME -d sends each datagram back to where it came from" {
    start_server -d
    client 'crowd*50 connect-datagram' 'crowd datagram 100' 'crowd datagram 7'
}

@test "$NAME -d keeps datagrams apart that came together" {
    start_server -d
    client 'ann connect-datagram' 'signal STOP' 'ann send a' 'ann send bbb' 'ann send cc' \
        'signal CONT' 'ann expect a' 'ann expect bbb' 'ann expect cc' 'ann silent 50'
}

@test "$NAME -d is ready for datagrams when it says where it listens" {
    trace bind,write
    start_server -d
    client 'ann connect-datagram' 'ann datagram 10'
    stop_server TERM
    awk '/bind\(/ { bound++ } /write\(1, "listening/ { said = 1; exit }
        END { print bound + 0, "sockets were bound when it said so"; exit !said || bound != 2 }' "$LOG"
}

@test "$NAME -d takes 64 datagrams a round at most" {
    trace '?accept,?accept4,?recvfrom,?recvmsg'
    start_server -d
    client 'crowd*150 connect-datagram' 'bob connect' 'bob echo hello' 'signal STOP' \
        'crowd send x' 'signal CONT' 'crowd expect x' 'bob echo hello'
    stop_server TERM
    # A round begins with accept. What came from a datagram socket has a sender's address.
    awk '/accept4?\(/ { count = 0 } /recv(from|msg)\(.*sin_port/ { all++; if (++count > most) most = count }
        END { print most, "of", all, "came in one round"; exit all != 150 || most > 64 }' "$LOG"
}

@test "$NAME -d does not nap while datagrams come" {
    trace '?nanosleep,?clock_nanosleep,?sendto,?sendmsg'
    start_server -d -n 20
    client 'crowd*150 connect-datagram' 'signal STOP' 'crowd send x' 'signal CONT' 'crowd expect x'
    stop_server TERM
    # The sleep that the stop interrupted is noted once more.
    awk '/send(to|msg)\(/ { sent++ } /nanosleep\(/ && sent > 0 && sent < 150 { naps++ }
        END { print naps + 0, "naps before", sent, "were sent"; exit sent != 150 || naps }' "$LOG"
}

@test "$NAME -d drops a datagram that cannot be sent back, and serves on" {
    local error
    for error in EPERM ENOBUFS EAGAIN; do
        trace '?sendto,?sendmsg' "-e 'inject=?sendto,?sendmsg:error=$error:when=1'"
        start_server -d
        echo "$error"
        client 'ann connect-datagram' 'ann send lost' 'ann datagram 10' \
            'bob connect' 'bob echo hello' 'ann datagram 20'
        stop_server TERM
        [ "$STATUS" -eq 0 ]
    done
}

@test "$NAME -d serves on when who sent a datagram is gone" {
    start_server -d
    client 'ann connect-datagram' 'signal STOP' 'ann send hello' 'ann close' 'signal CONT' \
        'bob connect-datagram' 'bob datagram 10' 'cy connect' 'cy echo hello' 'bob datagram 10'
}

@test "$NAME -d serves datagrams beside a client that never reads" {
    start_server -d
    client 'slow connect-small' 'slow fill' 'ann connect-datagram' 'ann datagram 1000' \
        'slow collect' 'slow half-close' 'slow end'
}

@test "$NAME -d takes datagrams on an IPv6 address" {
    if [ -d /proc/net ] && [ ! -e /proc/net/if_inet6 ]; then skip 'there is no IPv6 here'; fi
    start_server -d -a ::1
    is 'the first line' "listening on [::1]:$PORT" "$FIRST_LINE"
    client -a ::1 'ann connect-datagram' 'ann datagram 100' 'bob connect' 'bob echo hello'
}

@test "$NAME -d stops on SIGTERM" {
    start_server -d
    client 'ann connect-datagram' 'ann datagram 10' 'bob connect' 'bob pour 100000'
    stop_server TERM
    [ "$STATUS" -eq 0 ]
}

@test "$NAME without -d takes no datagrams" {
    start_server
    client 'ann connect-datagram' 'ann send hello' 'ann gone' 'bob connect' 'bob echo hello'
}
