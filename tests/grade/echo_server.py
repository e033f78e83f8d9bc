#!/usr/bin/env python3
"""An echo server that keeps the whole contract, in another language than the lessons.

    python3 tests/grade/echo_server.py 9000

It shows that the grader asks for behaviour alone: nothing here is built like the servers
in C, and it gets full marks.
"""
import errno
import selectors
import signal
import socket
import sys

PIECE_SIZE = 16384  # what one client can hold at most
REST_S = 0.1        # without a free descriptor, until the next accept

selector = selectors.DefaultSelector()
owed = {}  # connection: the bytes that it has not taken yet


def drop(connection):
    selector.unregister(connection)
    del owed[connection]
    connection.close()


def accept(listener):
    """Takes one client in. Returns False if there is no descriptor for it."""
    try:
        connection, _ = listener.accept()
    except (BlockingIOError, ConnectionAbortedError):
        return True
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
            return False
        raise
    connection.setblocking(False)
    owed[connection] = b""
    selector.register(connection, selectors.EVENT_READ)
    return True


def send(connection, data):
    """Sends what the kernel takes. Waits to write while something is left, else to read."""
    try:
        data = data[connection.send(data):]
    except BlockingIOError:
        pass
    events = selectors.EVENT_WRITE if data else selectors.EVENT_READ
    if events != selector.get_key(connection).events:
        selector.modify(connection, events)
    owed[connection] = data


def serve(connection):
    """An error ends this connection, and no other."""
    try:
        if owed[connection]:
            send(connection, owed[connection])
        elif data := connection.recv(PIECE_SIZE):
            send(connection, data)
        else:
            drop(connection)
    except BlockingIOError:
        pass
    except OSError:
        drop(connection)


def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1000)
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ)
    print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
    while True:
        resting = listener not in selector.get_map()
        ready = selector.select(REST_S if resting else None)
        if resting:
            selector.register(listener, selectors.EVENT_READ)
        for key, _ in ready:
            if key.fileobj is not listener:
                serve(key.fileobj)
            elif not accept(listener):
                selector.unregister(listener)


main()
