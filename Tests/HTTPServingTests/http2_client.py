"""Speaks HTTP/2 over TLS as badly as a test wants.

usage: http2_client.py PORT STEP...

Steps, in order:
  window=N              begin with SETTINGS_INITIAL_WINDOW_SIZE N (before all others; 16 MiB when it is left out)
  get=STREAM,PATH       a request without a body
  put=STREAM,PATH[,NAME=VALUE...]   the header of a request with a body
  data=STREAM,COUNT     that many bytes of a body, as far as the windows allow, in frames as large as the server takes
  frames                says FRAMES, and how large a frame may be
  end=STREAM            the end of a body
  fill=COUNT            bytes of all bodies that have begun, as far as the windows allow, at most that many; says FILLED
  long=STREAM,COUNT     a request with a header field of that many bytes
  storm=STREAM,COUNT    that many requests from that stream on, each taken back at once
  raw=HEX[,COUNT]       bytes as they are, that many times
  until=TEXT            wait until a line of the output begins with TEXT
  vanish                close the socket without a word

Prints one line for each frame that tells something, and EOF when the server ends the connection. Ends after that, or
after the last step and a `vanish`.
"""
import socket
import ssl
import struct
import sys

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
STATIC = {0x88: "200", 0x89: "204", 0x8A: "206", 0x8B: "304", 0x8C: "400", 0x8D: "404", 0x8E: "500"}
PATIENCE = 20
QUIET = 1


def status(block):
    """The first field of a header block, which is the status."""
    if block[0] in STATIC:
        return STATIC[block[0]]
    length = block[1] & 0x7F
    text = block[2 : 2 + length]
    if not block[1] & 0x80:
        return text.decode()
    bits = "".join(f"{byte:08b}" for byte in text)
    codes = {"00000": "0", "00001": "1", "00010": "2"} | {f"{0b011001 + n:06b}": str(3 + n) for n in range(7)}
    digits = ""
    while len(digits) < 3:
        code = next(code for code in codes if bits.startswith(code))
        digits += codes[code]
        bits = bits[len(code) :]
    return digits


class Client:
    def __init__(self, port, window):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket = context.wrap_socket(plain)
        self.received = b""
        self.lines = []
        self.connection_window = 65535
        self.stream_window = 65535
        self.frame_size = 16384
        self.windows = {}
        self.bodies = []
        self.resets = set()
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.frame(SETTINGS, 0, 0, struct.pack(">HI", 4, window))

    def frame(self, kind, flags, stream, payload=b""):
        self.send(struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload)

    def send(self, data):
        """Sends, unless the server has ended the connection: what it said before is read all the same."""
        try:
            self.socket.sendall(data)
        except (ConnectionError, ssl.SSLError):
            pass

    def request(self, method, stream, path, fields, ends):
        def text(value):
            return bytes([0x7F]) + self.integer(len(value) - 127) + value if len(value) >= 127 else bytes([len(value)]) + value

        block = bytes([0x02]) + text(method.encode()) + bytes([0x04]) + text(path.encode()) + bytes([0x87])
        for name, value in [(":authority", "localhost")] + fields:
            block += b"\0" + text(name.encode()) + text(value.encode())
        if not ends:
            self.bodies.append(stream)
        kind, flags = HEADERS, 1 if ends else 0
        while len(block) > 16384:
            self.frame(kind, flags, stream, block[:16384])
            kind, flags, block = CONTINUATION, 0, block[16384:]
        self.frame(kind, flags | 4, stream, block)

    @staticmethod
    def integer(value):
        out = b""
        while value >= 128:
            out += bytes([value % 128 + 128])
            value //= 128
        return out + bytes([value])

    def data(self, stream, count):
        while count > 0 and stream not in self.resets:
            room = min(count, self.frame_size, self.connection_window, self.windows.get(stream, self.stream_window))
            if room <= 0:
                if not self.step():
                    return
                continue
            self.windows[stream] = self.windows.get(stream, self.stream_window) - room
            self.connection_window -= room
            count -= room
            self.frame(DATA, 0, stream, b"x" * room)

    def fill(self, limit):
        """Sends until the server has said nothing for a while."""
        sent = 0
        while sent < limit:
            before = sent
            for stream in self.bodies:
                room = min(limit - sent, 16384, self.connection_window, self.windows.get(stream, self.stream_window))
                if room > 0:
                    self.windows[stream] = self.windows.get(stream, self.stream_window) - room
                    self.connection_window -= room
                    self.frame(DATA, 0, stream, b"x" * room)
                    sent += room
            if sent == before and not self.hears():
                break
        self.say("FILLED", sent)

    def hears(self):
        """Reads one frame; False when none comes in time, and at the end."""
        self.socket.settimeout(QUIET)
        try:
            return self.step()
        except TimeoutError:
            return False
        finally:
            self.socket.settimeout(PATIENCE)

    def say(self, *words):
        line = " ".join(str(word) for word in words)
        self.lines.append(line)
        print(line, flush=True)

    def take(self, count):
        while len(self.received) < count:
            try:
                more = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                more = b""
            if not more:
                return None
            self.received += more
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def step(self):
        """Reads one frame; False at the end."""
        head = self.take(9)
        if head is None:
            self.say("EOF")
            return False
        length = int.from_bytes(head[:3], "big")
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7FFFFFFF
        payload = self.take(length) or b""
        ends = ["end"] if flags & 1 else []
        if kind == HEADERS:
            self.say("HEADERS", stream, status(payload), *ends)
        elif kind == DATA:
            self.say("DATA", stream, length, *ends)
        elif kind == RST_STREAM:
            self.resets.add(stream)
            self.say("RST_STREAM", stream, int.from_bytes(payload, "big"))
        elif kind == GOAWAY:
            self.say("GOAWAY", int.from_bytes(payload[:4], "big"), int.from_bytes(payload[4:8], "big"))
        elif kind == SETTINGS and not flags & 1:
            for at in range(0, length, 6):
                name, value = struct.unpack(">HI", payload[at : at + 6])
                if name == 5:
                    self.frame_size = value
                if name == 4:
                    self.windows = {key: old + value - self.stream_window for key, old in self.windows.items()}
                    self.stream_window = value
            self.frame(SETTINGS, 1, 0)
        elif kind == WINDOW_UPDATE:
            increment = int.from_bytes(payload, "big")
            if stream == 0:
                self.connection_window += increment
            else:
                self.windows[stream] = self.windows.get(stream, self.stream_window) + increment
        elif kind == PING and not flags & 1:
            self.frame(PING, 1, 0, payload)
        return True


def main():
    steps = sys.argv[2:]
    window = 16 << 20
    if steps and steps[0].startswith("window="):
        window = int(steps.pop(0).partition("=")[2])
    client = Client(int(sys.argv[1]), window)
    for step in steps:
        name, _, value = step.partition("=")
        if name == "get":
            stream, path = value.split(",")
            client.request("GET", int(stream), path, [], True)
        elif name == "put":
            stream, path, *fields = value.split(",")
            client.request("PUT", int(stream), path, [tuple(field.split("=")) for field in fields], False)
        elif name == "data":
            stream, count = value.split(",")
            client.data(int(stream), int(count))
        elif name == "frames":
            client.say("FRAMES", client.frame_size)
        elif name == "end":
            client.frame(DATA, 1, int(value))
        elif name == "fill":
            client.fill(int(value))
        elif name == "long":
            stream, count = value.split(",")
            client.request("GET", int(stream), "/hello", [("x-long", "x" * int(count))], True)
        elif name == "storm":
            stream, count = (int(part) for part in value.split(","))
            for each in range(stream, stream + 2 * count, 2):
                client.request("GET", each, "/hello", [], True)
                client.frame(RST_STREAM, 0, each, struct.pack(">I", 8))
        elif name == "raw":
            data, _, count = value.partition(",")
            client.send(bytes.fromhex(data) * int(count or 1))
        elif name == "until":
            while not any(line.startswith(value) for line in client.lines):
                if not client.step():
                    return
        elif name == "vanish":
            client.socket.close()
            return
        else:
            sys.exit(f"no such step: {step}")
    while client.step():
        pass


main()
