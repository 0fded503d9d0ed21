"""Runs a program with its standard error at a terminal of its own, and prints what stands there.

Usage: progress.py ROWS COLUMNS[,COLUMNS…] PROGRAM ARGUMENT…
The terminal has the first width at the start; each further one it gets when the program has drawn some times with the
one before. What a person sees is printed as JSON: "during" (the lines while the program ran, when it had drawn most),
"after" (the lines that are left), "raw" (all that was written there), "output" (standard output) and "status".
A line that does not fit is broken, as terminals do, also when the terminal becomes narrower.
"""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time


class Screen:
    """The lines of a terminal, each of any length: they are broken where they are looked at."""

    def __init__(self, width):
        self.width, self.lines, self.line, self.column = width, [""], 0, 0

    def rows(self, line):
        return max(1, -(-len(self.lines[line]) // self.width))

    def write(self, text):
        for part in re.findall("\x1b\\[[0-9;]*[A-Za-z]|.", text, re.S):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.line, self.column = self.line + 1, 0
                if self.line == len(self.lines):
                    self.lines.append("")
            elif part.endswith("A") and part[0] == "\x1b":
                up = int(part[2:-1])
                while up > 0 and self.line > 0:
                    self.line -= 1
                    up -= self.rows(self.line)
                assert up == 0, "the cursor went to the middle of a line: %r" % self.lines
            elif part == "\x1b[J":
                self.lines[self.line:] = [self.lines[self.line][: self.column]]
            elif part[0] == "\x1b":
                assert part.endswith("m"), "unknown: %r" % part
            else:
                line = self.lines[self.line]
                self.lines[self.line] = line[: self.column] + part + line[self.column + 1:]
                self.column += 1


def set_size(width):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, width, 0, 0))


rows, widths = int(sys.argv[1]), [int(width) for width in sys.argv[2].split(",")]
terminal, other = pty.openpty()
set_size(widths[0])
screen = Screen(widths.pop(0))
program = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=other)
os.close(other)
os.set_blocking(terminal, False)
raw, during, drawn = "", [], 0
waiting = b""
deadline = time.monotonic() + 50
while time.monotonic() < deadline:
    ended = program.poll() is not None
    try:
        waiting += os.read(terminal, 65536)
    except BlockingIOError:
        time.sleep(0.005)
    except OSError:
        break
    try:
        text, waiting = waiting.decode(), b""
    except UnicodeDecodeError:
        continue
    if text:
        raw += text
        screen.write(text.replace("\r\n", "\n"))
        seen = [line for line in screen.lines if line]
        if len(seen) >= len(during):
            during = seen
        drawn += 1
        if drawn >= 6 and widths:
            # Nothing may be half drawn while the terminal changes.
            os.kill(program.pid, signal.SIGSTOP)
            time.sleep(0.05)
            try:
                screen.write(os.read(terminal, 65536).decode().replace("\r\n", "\n"))
            except BlockingIOError:
                pass
            screen.width, drawn, during = widths.pop(0), 0, []
            set_size(screen.width)
            os.kill(program.pid, signal.SIGCONT)
    elif ended:
        break
output = program.stdout.read().decode()
print(json.dumps({
    "during": during, "after": [line for line in screen.lines if line], "raw": raw, "output": output,
    "status": program.wait(),
}))
