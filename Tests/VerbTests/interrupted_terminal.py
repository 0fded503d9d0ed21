"""Runs a program at a terminal of its own, types Ctrl-C when it has drawn bars for a while, and says what is left.

Usage: interrupted_terminal.py PROGRAM ARGUMENT…
"""

import os
import pty
import sys
import termios
import time

pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])

seen, typed, status = b"", False, None
deadline = time.monotonic() + 60
os.set_blocking(terminal, False)
while status is None and time.monotonic() < deadline:
    try:
        seen += os.read(terminal, 65536)
    except (BlockingIOError, OSError):
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(code)
            try:
                while rest := os.read(terminal, 65536):
                    seen += rest
            except OSError:
                pass
        time.sleep(0.005)
    if not typed and seen.count(b"total") > 5:
        typed = True
        os.write(terminal, b"\x03")
left = seen.decode(errors="replace").split("\x1b[J")[-1]
print("left", left)
print("status", status)
print("echoes", bool(termios.tcgetattr(terminal)[3] & termios.ECHO))
print("cursor shown", seen.rfind(b"\x1b[?25l") <= seen.rfind(b"\x1b[?25h"))
print("bars left", "total" in left)
