"""Passes requests on to a server of this machine, and loses the answer to the first POST.

Usage: losing_proxy.py PORT. It listens on a free port of 127.0.0.1, which is the first line that it prints.
"""

import socket
import sys
import threading

lost = threading.Event()


def read_message(stream):
    """The bytes of one message with its body, whose length is said; nothing at the end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.recv(1)
        if not byte:
            return b""
        head += byte
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    body = b""
    while len(body) < length:
        chunk = stream.recv(length - len(body))
        if not chunk:
            return b""
        body += chunk
    return head + body


def serve(client, port):
    """Passes on what one client asks for, until its answer is lost or it has no more."""
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        while request := read_message(client):
            server.sendall(request)
            answer = read_message(server)
            if request.startswith(b"POST") and not lost.is_set():
                lost.set()
                print("lost", " ".join(request.split(b" HTTP/")[0].decode().split()), flush=True)
                return
            client.sendall(answer)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted, int(sys.argv[1])), daemon=True).start()
