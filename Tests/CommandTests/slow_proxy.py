"""Passes TCP connections on to a server of this machine, and what the server sends slowly: so many bytes a second in all.

Usage: slow_proxy.py PORT BYTES. It listens on a free port of 127.0.0.1, which is the first line that it prints.
"""

import socket
import sys
import threading
import time

port, rate = int(sys.argv[1]), int(sys.argv[2])
lock = threading.Lock()
free_at = time.monotonic()


def pass_on(source, target, is_slow):
    """Copies bytes until one side ends."""
    global free_at
    try:
        while piece := source.recv(32768):
            if is_slow:
                with lock:
                    free_at = max(free_at, time.monotonic()) + len(piece) / rate
                    wait = free_at - time.monotonic()
                time.sleep(max(0, wait))
            target.sendall(piece)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client = listener.accept()[0]
    server = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=pass_on, args=(client, server, False), daemon=True).start()
    threading.Thread(target=pass_on, args=(server, client, True), daemon=True).start()
