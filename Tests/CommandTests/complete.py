"""Types a line and the Tab key into a shell at a terminal of its own, and prints what the line has become.

Usage: complete.py bash|zsh SCRIPT FOLDER LINE
SCRIPT is the completion script, which the shell reads first; FOLDER is where it stands. ^I in LINE stands for the Tab
key; one follows its end. The program must be in PATH. What the line has become is printed with a bracket behind it.
"""

import os
import pty
import select
import sys
import time

shell, script, folder, line = sys.argv[1:]
programs = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
setup = {
    "bash": "source '%s'",
    "zsh": "bindkey -e; setopt no_prompt_cr; autoload -Uz compinit; compinit -D -u; source '%s'",
}

pid, terminal = pty.fork()
if pid == 0:
    os.chdir(folder)
    os.environ.update(TERM="vt100", PS1="", COLUMNS="200")
    os.execvp(programs[shell][0], programs[shell])

seen = b""
deadline = time.monotonic() + 30


def wait(mark):
    """Reads until a line that begins with the mark has come whole, and returns the rest of it."""
    global seen
    while time.monotonic() < deadline:
        for whole in seen.replace(b"\r", b"\n").split(b"\n")[:-1]:
            if whole.startswith(mark):
                return whole[len(mark):].decode()
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    sys.exit("no line begins with %r in %r" % (mark, seen))


# The marks are put together by the shell, so that their echo is none of them.
os.write(terminal, (setup[shell] % script + "; echo REA''DY\n").encode())
wait(b"READY")
# To the beginning of the line and to its end: what stands between becomes the argument of echo.
os.write(terminal, (line.replace("^I", "\t") + "\t\x01echo 'RES'ULT'[\x05]'\n").encode())
print(wait(b"RESULT["))
os.write(terminal, b"exit\n")
os.close(terminal)
os.waitpid(pid, 0)
