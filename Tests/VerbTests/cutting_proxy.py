"""Passes TCP connections on to a server of this machine, counts their bytes, and cuts some of them.

Usage: cutting_proxy.py PORT SEED CUTS BYTES RATE MARK

It cuts the connection over which the byte at each of CUTS random places goes, of the first BYTES in both directions:
by a reset, or by closing, in turns of the seed. It passes on at most RATE bytes a second, in each direction. It listens
on a free port of 127.0.0.1, which is the first line that it prints; for each cut it prints a line, `reached` when MARK
bytes have gone by, and after SIGUSR1 how many bytes went up and down. At the mark it holds the way for HOLD seconds, so
that whoever waits for it has time to act, however busy the machine. From one SIGUSR2 to the next nothing goes by:
each connection is closed, those that there are and those that come. It then prints `shut` or `opened`.

Its buffers are small, as those of a far network are in relation to its files: what a reset loses in them is what it
loses there.
"""

import random
import select
import signal
import socket
import struct
import sys
import threading
import time

port, seed, cut_count, span, rate, mark = (int(argument) for argument in sys.argv[1:7])
lock = threading.Lock()
chance = random.Random(seed)
places = sorted(chance.randrange(span) for _ in range(cut_count)) if cut_count else []
counts = {"up": 0, "down": 0}
free_at = {"up": time.monotonic(), "down": time.monotonic()}
is_marked = False
HOLD = 4.0
is_shut = False


def say(*words):
    """Prints a line at once and as a whole."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def account(direction, piece):
    """Counts bytes; says how many of them go on, whether the connection is cut behind them, and how long to wait."""
    global is_marked
    with lock:
        before = counts["up"] + counts["down"]
        kept, is_cut = len(piece), False
        if places and before + len(piece) > places[0]:
            kept, is_cut = max(0, places[0] - before), True
            while places and before + len(piece) > places[0]:
                places.pop(0)
        counts[direction] += len(piece)
        if not is_marked and before + len(piece) >= mark:
            is_marked = True
            say("reached")
            free_at[direction] = max(free_at[direction], time.monotonic()) + HOLD
        now = time.monotonic()
        free_at[direction] = max(free_at[direction], now) + len(piece) / rate
        return kept, is_cut, free_at[direction] - now


def end(ends, is_reset):
    """Closes both ends, as a network that is gone does, or in order."""
    for one in ends:
        if is_reset:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()


def pass_on(source, target, direction, ends):
    """Copies what there is to be read; false when the connection is over."""
    try:
        piece = source.recv(16384)
        if not piece or is_shut:
            end(ends, False)
            return False
        kept, is_cut, wait = account(direction, piece)
        time.sleep(max(0, wait))
        target.sendall(piece[:kept])
    except OSError:
        end(ends, True)
        return False
    if is_cut:
        is_reset = chance.random() < 0.5
        say("cut", direction, "reset" if is_reset else "closed")
        end(ends, is_reset)
    return not is_cut


def turn(*_):
    """Shuts the way, or opens it."""
    global is_shut
    is_shut = not is_shut
    say("shut" if is_shut else "opened")


def serve(client):
    """Passes on what one client and the server say: one thread for both, so that a reset is one at once."""
    if is_shut:
        return client.close()
    try:
        server = socket.create_connection(("127.0.0.1", port))
    except OSError:
        return client.close()
    for one in (client, server):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32768)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
    ways = {client: (server, "up"), server: (client, "down")}
    while True:
        for source in select.select(list(ways), [], [])[0]:
            if not pass_on(source, *ways[source], (client, server)):
                return


signal.signal(signal.SIGUSR1, lambda *_: say("counted", counts["up"], counts["down"]))
signal.signal(signal.SIGUSR2, turn)
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
listener.bind(("127.0.0.1", 0))
listener.listen(64)
say(listener.getsockname()[1])
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
