import CLinux
import Glibc

/// A program that writes a secret on its standard output.
///
/// It runs without a shell, with nothing to read, in a process group of its own that ends with it, in an environment
/// that has only a path, a home and a language. What it writes is never shown; what it says on standard error is.
struct SecretCommand {
    /// How long it may run.
    static let standardTimeMax = Duration.seconds(10)
    /// How much of its complaints is kept.
    private static let complaintByteCountMax = 4096

    private let words: [String]
    private let timeMax: Duration

    init(_ words: [String], timeMax: Duration = standardTimeMax) {
        self.words = words
        self.timeMax = timeMax
    }

    /// What it writes.
    func output() throws(Secret.Problem) -> [UInt8] {
        var output = try Pipe(problem)
        defer { output.close() }
        var complaints = try Pipe(problem)
        defer { complaints.close() }
        let process = try start(output, complaints)
        output.closeEntrance()
        complaints.closeEntrance()
        return try finish(process, output.exit, complaints.exit)
    }

    private func problem(_ what: String) -> Secret.Problem {
        Secret.Problem(description: "the command \(words.first ?? "") \(what)")
    }

    private func start(_ output: Pipe, _ complaints: Pipe) throws(Secret.Problem) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.entrance, 1)
        posix_spawn_file_actions_adddup2(&actions, complaints.entrance, 2)
        wharf_close_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var process = pid_t()
        let number = Self.withCStrings(words) { arguments in
            Self.withCStrings(Self.environment) { environment in
                posix_spawn(&process, words.first ?? "", &actions, &attributes, arguments, environment)
            }
        }
        guard number == 0 else { throw problem("cannot be started: \(String(cString: strerror(number)))") }
        return process
    }

    private static var environment: [String] {
        let home = getenv("HOME").map { String(cString: $0) } ?? "/"
        return ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(home)", "LANG=C.UTF-8"]
    }

    private static func withCStrings<Value>(
        _ texts: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }

    /// Reads until the program has closed both pipes and ended, or its time is over; nothing of it is left then.
    private func finish(_ process: pid_t, _ output: CInt, _ complaints: CInt) throws(Secret.Problem) -> [UInt8] {
        let end = ContinuousClock.now + timeMax
        var written: [UInt8] = []
        var said: [UInt8] = []
        var open = [output, complaints]
        while !open.isEmpty, ContinuousClock.now < end, written.count <= Secret.byteCountMax {
            var waits = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waits, nfds_t(waits.count), Self.milliseconds(until: end)) > 0 else { continue }
            for wait in waits where wait.revents != 0 {
                guard let bytes = Self.read(wait.fd), !bytes.isEmpty else {
                    open.removeAll { $0 == wait.fd }
                    continue
                }
                if wait.fd == output { written += bytes } else { said += bytes.prefix(Self.room(in: said)) }
            }
        }
        let isTooMuch = written.count > Secret.byteCountMax
        let hasEnded = !isTooMuch && Self.hasEnded(process, before: end)
        // Before the process is forgotten: later its number may be another's.
        kill(-process, SIGKILL)
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard !isTooMuch else { throw problem("writes more than a secret may have (64 KiB)") }
        guard hasEnded else { throw problem("did not end within \(timeMax)\(Self.quoted(said))") }
        guard status == 0 else {
            let signal = status & 0x7f
            let how = signal == 0 ? "ended with status \((status >> 8) & 0xff)" : "was ended by signal \(signal)"
            throw problem(how + Self.quoted(said))
        }
        return written
    }

    private static func milliseconds(until end: ContinuousClock.Instant) -> CInt {
        let left = (end - .now).components
        return CInt(clamping: max(1, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000))
    }

    private static func room(in said: [UInt8]) -> Int { complaintByteCountMax - said.count }

    /// What can be read; empty at the end, nil when it cannot be read.
    private static func read(_ descriptor: CInt) -> ArraySlice<UInt8>? {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? (errno == EINTR ? [0][..<0] : nil) : bytes.prefix(count)
    }

    /// Whether a program ends by itself in time; it stays known until it is waited for.
    private static func hasEnded(_ process: pid_t, before end: ContinuousClock.Instant) -> Bool {
        while true {
            var info = siginfo_t()
            if waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0, info.si_signo != 0 { return true }
            guard ContinuousClock.now < end else { return false }
            usleep(2000)
        }
    }

    /// Complaints as the end of a sentence, in one line without control characters.
    private static func quoted(_ said: [UInt8]) -> String {
        let text = String(decoding: said, as: UTF8.self)
        let words = text.unicodeScalars.split { $0.value <= 0x20 || (0x7f..<0xa0).contains($0.value) }
        return words.isEmpty ? "" : ": " + words.map { String($0) }.joined(separator: " ")
    }
}

/// A pipe whose ends no other program gets.
private struct Pipe {
    private(set) var exit: CInt
    private(set) var entrance: CInt

    init(_ problem: (String) -> Secret.Problem) throws(Secret.Problem) {
        var ends: [CInt] = [-1, -1]
        guard wharf_pipe(&ends) == 0 else {
            throw problem("cannot be started: \(String(cString: strerror(errno)))")
        }
        (exit, entrance) = (ends[0], ends[1])
    }

    mutating func closeEntrance() {
        Glibc.close(entrance)
        entrance = -1
    }

    mutating func close() {
        Glibc.close(exit)
        if entrance >= 0 { closeEntrance() }
    }
}
