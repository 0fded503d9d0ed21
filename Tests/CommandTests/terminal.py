"""Runs a program at a terminal of its own and types what it is told.

Usage: terminal.py KEYS PROGRAM ARGUMENT…
KEYS are typed one after the other, separated by commas, each when the program has asked: when the last line on the
terminal ends with a colon or a bracket and a space. In them ^C, ^U and ^H stand for those keys; a line end follows all
but those with ^C.
What stood on the terminal is printed, then the exit status (or the signal, negative), and whether the terminal echoes.
"""

import os
import pty
import sys
import termios
import time

pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])

seen = b""
keys = sys.argv[1].split(",") if sys.argv[1] else []
deadline = time.monotonic() + 30
echoes = None
status = None
os.set_blocking(terminal, False)
# While the terminal is open here, its settings can be read after the program has ended.
while status is None and time.monotonic() < deadline:
    try:
        seen += os.read(terminal, 4096)
    except (BlockingIOError, OSError):
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(code)
            try:
                while rest := os.read(terminal, 4096):
                    seen += rest
            except OSError:
                pass
    if keys and seen.split(b"\n")[-1].endswith((b": ", b"] ")):
        key = keys.pop(0)
        special = {"^C": b"\x03", "^U": b"\x15", "^H": b"\x7f"}
        typed = key.encode()
        for name, byte in special.items():
            typed = typed.replace(name.encode(), byte)
        seen += b"|"
        os.write(terminal, typed if "^C" in key else typed + b"\n")
    time.sleep(0.01)
echoes = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
print(seen.decode().replace("\r\n", "\n"))
print("status", status)
print("echoes", echoes)
