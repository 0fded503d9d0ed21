/// What is typed at a terminal, and when.
public struct Typing: Sendable {
    let keys: String
    let text: String
    let count: Int

    /// Answers, separated by commas: each is typed when the last line there ends with a colon or a bracket and a space.
    ///
    /// In them `^C`, `^U` and `^H` stand for those keys; a line end follows all but those with `^C`.
    public static func answers(_ keys: String) -> Typing {
        Typing(keys: keys, text: "", count: 0)
    }

    /// Ctrl-C, typed when a text has come so many times.
    public static func interruption(after text: String, times count: Int) -> Typing {
        Typing(keys: "^C", text: text, count: count)
    }
}

extension Command {
    /// The same at a terminal of its own.
    ///
    /// Its output is what stood on the terminal, with `|` where something was typed, and then two lines: `status` with
    /// the exit status (or the signal, negative), and `echoes` with whether the terminal echoes.
    public func atTerminal(typing: Typing) -> Command {
        var command = self
        command.arguments = ["-c", script, typing.keys, typing.text, "\(typing.count)", executable] + arguments
        command.executable = "/usr/bin/python3"
        return command
    }
}

private let script = #"""
    import os, pty, sys, termios, time

    keys = sys.argv[1].split(",") if sys.argv[1] else []
    text, count = sys.argv[2].encode(), int(sys.argv[3])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[4], sys.argv[4:])

    seen, status = b"", None
    deadline = time.monotonic() + 55
    os.set_blocking(terminal, False)
    # While the terminal is open here, its settings can be read after the program has ended.
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
        is_asked = seen.count(text) >= count if text else seen.split(b"\n")[-1].endswith((b": ", b"] "))
        if keys and is_asked:
            key = keys.pop(0)
            typed = key.encode()
            for name, byte in {b"^C": b"\x03", b"^U": b"\x15", b"^H": b"\x7f"}.items():
                typed = typed.replace(name, byte)
            seen += b"|"
            os.write(terminal, typed if "^C" in key else typed + b"\n")
    print(seen.decode(errors="replace").replace("\r\n", "\n"))
    print("status", status)
    print("echoes", bool(termios.tcgetattr(terminal)[3] & termios.ECHO))
    """#
