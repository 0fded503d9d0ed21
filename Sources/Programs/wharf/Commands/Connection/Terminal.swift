import Glibc

/// The terminal that the user sits at, whatever standard input and output are.
enum Terminal {
    /// Whether somebody is there who sees questions.
    static var isThere: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether somebody reads standard output as it comes.
    static var showsOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Asks for a password, which is not shown.
    ///
    /// The terminal hands over each key by itself meanwhile, Ctrl-C too, so that it is as it was before when the
    /// program ends.
    static func password(_ prompt: String) throws -> String {
        let descriptor = try open()
        defer { close(descriptor) }
        var before = termios()
        guard tcgetattr(descriptor, &before) == 0 else { throw none }
        var during = before
        during.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        withUnsafeMutableBytes(of: &during.c_cc) { keys in
            keys[Int(VMIN)] = 1
            keys[Int(VTIME)] = 0
        }
        guard tcsetattr(descriptor, TCSAFLUSH, &during) == 0 else { throw none }
        write(prompt, to: descriptor)
        let line = line(from: descriptor)
        tcsetattr(descriptor, TCSAFLUSH, &before)
        write("\n", to: descriptor)
        guard let line else {
            // The threads that tasks run on take no signals.
            var interrupts = sigset_t()
            sigemptyset(&interrupts)
            sigaddset(&interrupts, SIGINT)
            pthread_sigmask(SIG_UNBLOCK, &interrupts, nil)
            signal(SIGINT, SIG_DFL)
            raise(SIGINT)
            throw Failure(description: "Interrupted.")
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Asks for a line, which is shown as it is typed.
    static func line(_ prompt: String) throws -> String {
        let descriptor = try open()
        defer { close(descriptor) }
        write(prompt, to: descriptor)
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n"), bytes.count < 4096 { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Asks for a new password, twice.
    static func newPassword(of name: String) throws -> String {
        let first = try password("New password of \(name): ")
        guard try password("The same again: ") == first else {
            throw Failure(description: "The two passwords differ: nothing was changed.")
        }
        return first
    }

    /// Asks a question that is answered by yes or no; no unless the answer is yes.
    static func confirms(_ question: String) throws -> Bool {
        let descriptor = try open()
        defer { close(descriptor) }
        write("\(question) [y/N] ", to: descriptor)
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &buffer, buffer.count)
        let answer = String(decoding: buffer[..<max(0, count)], as: UTF8.self).lowercased()
        return ["y\n", "yes\n"].contains(answer)
    }

    private static var none: Failure { Failure(description: "There is no terminal to ask at.") }

    private static func open() throws -> Int32 {
        let descriptor = Glibc.open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw none }
        return descriptor
    }

    private static func write(_ text: String, to descriptor: Int32) {
        _ = Glibc.write(descriptor, text, text.utf8.count)
    }

    /// The keys up to the end of the line; nil after Ctrl-C.
    private static func line(from descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return bytes }
            switch byte {
            case 0x03, 0x1C: return nil
            case 0x0A, 0x0D, 0x04: return bytes
            case 0x08, 0x7F:
                // The bytes of one character of UTF-8.
                while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
            case 0x15: bytes = []
            case 0..<0x20: break
            default: if bytes.count < 4096 { bytes.append(byte) }
            }
        }
    }
}
