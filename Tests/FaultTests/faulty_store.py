"""Stands before an S3 server of this machine, and makes it a bad one.

Usage: faulty_store.py PORT SEED

It listens on a free port of 127.0.0.1, which is the first line that it prints. `POST /-/faults/30/0/0` sets, in
hundredths, how many requests are answered with SlowDown, how many connections are cut in the middle of a body, and how
many answers come late. `POST /-/count` tells how many it has done of each since then, and how many it passed on as they
were.

`POST /-/hang/DELETE` makes a hole of it for requests of that method, `POST /-/hang/ANY` for all: they are neither read
to their end nor answered, and stay so when `POST /-/hang/NONE` ends it for others. Each tells the paths of those that
have hung, without their queries, a line each.

Of each hundred requests since the faults were set, exactly so many go wrong, in an order that the seed decides. A
request that is refused is read to its end, so that the client hears of it.
"""

import random
import select
import socket
import sys
import threading
import time

port, seed = int(sys.argv[1]), int(sys.argv[2])
lock = threading.Lock()
chance = random.Random(seed)
shares = [0, 0, 0]
done = [0, 0, 0, 0]
deck = []
hanging = ["NONE"]
hung = set()
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


def say(*words):
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def fate():
    """What becomes of the next request: nothing (3), or one of the faults by its number; and where in its body."""
    with lock:
        if not deck:
            deck.extend(kind for kind, share in enumerate(shares) for _ in range(share))
            deck.extend([3] * (100 - len(deck)))
            chance.shuffle(deck)
        kind = deck.pop()
        done[kind] += 1
        return kind, chance.random()


class Gone(Exception):
    pass


def read_head(reader):
    """The bytes of a head, and what it says of the body: its length, or that it comes in chunks."""
    head, length, is_chunked = b"", 0, False
    while True:
        line = reader.readline(65536)
        if not line:
            raise Gone
        head += line
        if line in (b"\r\n", b"\n"):
            return head, length, is_chunked
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"transfer-encoding" and b"chunked" in value.lower():
            is_chunked = True


def pieces(reader, length, is_chunked):
    """The body as it is on the wire."""
    while is_chunked:
        line = reader.readline(65536)
        count = int(line.split(b";")[0], 16)
        yield line + reader.read(count + 2)
        if count == 0:
            return
    while length > 0:
        piece = reader.read1(min(length, 65536))
        if not piece:
            raise Gone
        length -= len(piece)
        yield piece


def command(path):
    """Does what a test says, and returns the counts."""
    with lock:
        if path.startswith("/-/faults/"):
            shares[:] = [int(word) for word in path.split("/")[3:6]]
            done[:] = [0, 0, 0, 0]
            deck.clear()
        if path.startswith("/-/hang/"):
            hanging[0] = path.split("/")[3]
            return "\n".join(sorted(hung)).encode()
        return " ".join(str(count) for count in done).encode()


def hang(client, target):
    """Keeps a client waiting until it goes."""
    with lock:
        hung.add(target.partition("?")[0])
    watch = select.poll()
    watch.register(client, select.POLLRDHUP)
    watch.poll()
    raise Gone


def serve(client):
    server = socket.create_connection(("127.0.0.1", port))
    from_client, from_server = client.makefile("rb"), server.makefile("rb")
    try:
        while True:
            head, length, is_chunked = read_head(from_client)
            if head.startswith(b"POST /-/"):
                said = command(head.split(b" ")[1].decode())
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said)
                continue
            if hanging[0] in ("ANY", head.split(b" ")[0].decode()):
                hang(client, head.split(b" ")[1].decode())
            kind, place = fate()
            if kind == 0:
                for _ in pieces(from_client, length, is_chunked):
                    pass
                answer = b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
                body = b"" if head.startswith(b"HEAD ") else SLOW_DOWN
                client.sendall(answer % len(body) + body)
                continue
            if kind == 2:
                time.sleep(0.2 + place)
            server.sendall(head)
            cut_at = length * place if kind == 1 and length > 0 else None
            passed = 0
            for piece in pieces(from_client, length, is_chunked):
                server.sendall(piece)
                passed += len(piece)
                if cut_at is not None and passed > cut_at:
                    raise Gone
            answer, size, comes_chunked = read_head(from_server)
            if kind == 1 and length == 0 and not size:
                raise Gone
            client.sendall(answer)
            has_body = not head.startswith(b"HEAD ") and answer.split(b" ")[1] not in (b"204", b"304", b"100")
            passed = 0
            for piece in pieces(from_server, size, comes_chunked) if has_body else ():
                passed += len(piece)
                if kind == 1 and length == 0 and passed > size * place:
                    client.sendall(piece[: len(piece) // 2])
                    raise Gone
                client.sendall(piece)
    except (Gone, OSError, ValueError):
        pass
    finally:
        for end in (from_client, from_server, client, server):
            try:
                end.close()
            except OSError:
                pass


def listen(listener):
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(client,), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0), backlog=256)
say(listener.getsockname()[1])
listen(listener)
