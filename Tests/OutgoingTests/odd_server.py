"""A server of HTTP/1.1 that answers oddly, by the path; prints its port, or "ready" for a socket of this machine.

/show            the request line, the header fields and the body, as they came; X-Connection counts connections
/to?status&url   a redirect
/circle          a redirect to itself
/silence         nothing at all
/stall           half of a body, and then nothing
/cut             half of a body, and then the end
/garbage         what is not HTTP
/header?count    header fields of 1000 bytes
/zeros?count     so many bytes
/deaf            reads nothing of the body
"""
import itertools, os, socket, sys, threading, urllib.parse

connections = itertools.count(1)

def answer(status, body=b"", fields=()):
    head = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body

def serve(client):
    number = next(connections)
    stream = client.makefile("rb")
    while True:
        lines = []
        while (line := stream.readline()) not in (b"\r\n", b""):
            lines.append(line.decode().rstrip())
        if not lines:
            return
        method, target, _ = lines[0].split(" ")
        path, _, query = target.partition("?")
        query = urllib.parse.parse_qs(query)
        length = sum(int(l.split(":")[1]) for l in lines if l.lower().startswith("content-length:"))
        if path == "/deaf":
            threading.Event().wait(30)
        body = stream.read(length)
        if path == "/show":
            text = "\n".join(lines).encode() + b"\n\n" + body
            client.sendall(answer(200, b"" if method == "HEAD" else text, [f"X-Connection: {number}"]))
        elif path == "/to":
            client.sendall(answer(query["status"][0], b"moved", ["Location: " + query["url"][0]]))
        elif path == "/circle":
            client.sendall(answer(302, b"", ["Location: circle"]))
        elif path == "/silence":
            threading.Event().wait(30)
        elif path in ("/stall", "/cut"):
            client.sendall(answer(200, b"0123456789").replace(b"Length: 10", b"Length: 20"))
            if path == "/stall":
                threading.Event().wait(30)
            client.shutdown(socket.SHUT_RDWR)
            return
        elif path == "/garbage":
            client.sendall(b"220 mail.example ESMTP\r\n\r\n")
        elif path == "/header":
            client.sendall(answer(200, b"", [f"X-{i}: " + "x" * 1000 for i in range(int(query["count"][0]))]))
        elif path == "/zeros":
            client.sendall(answer(200, bytes(int(query["count"][0]))))
        else:
            client.sendall(answer(404, b"nothing here"))

def run(client):
    with client:
        try:
            serve(client)
        except OSError:
            pass

if len(sys.argv) > 1:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    print("ready", flush=True)
else:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=run, args=(listener.accept()[0],), daemon=True).start()
