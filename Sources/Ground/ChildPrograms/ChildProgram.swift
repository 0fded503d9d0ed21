import CLinux
import Glibc

/// A program that is run for what it writes: a command that has a secret, a credential helper.
///
/// It runs without a shell, with no open files but its standard streams, in a process group of its own that ends with
/// it. What it reads lies in memory, so that no other program sees it and no end of a pipe has to be waited for.
public struct ChildProgram: Sendable {
    /// How much of its complaints is kept.
    public static let complaintByteCountMax = 4096

    /// The absolute path, and the arguments.
    public var words: [String]
    /// The variables that it has, as `NAME=VALUE`.
    public var environment: [String]
    /// What it reads on its standard input.
    public var input: [UInt8]
    /// How long it may run.
    public var timeMax: Duration
    /// How much it may write on its standard output.
    public var byteCountMax: Int

    /// Names a program and its limits.
    public init(
        _ words: [String],
        environment: [String],
        input: [UInt8] = [],
        timeMax: Duration,
        byteCountMax: Int
    ) {
        self.words = words
        self.environment = environment
        self.input = input
        self.timeMax = timeMax
        self.byteCountMax = byteCountMax
    }

    /// What a program that ended has left.
    public struct Ending: Sendable {
        /// How it ended.
        public let status: Status
        /// What it wrote on its standard output.
        public let output: [UInt8]
        /// What it wrote on its standard error, in one line without control characters; empty when it wrote nothing.
        public let complaint: String
    }

    /// How a program ends.
    public enum Status: Sendable, Equatable, CustomStringConvertible {
        /// By itself, with a number; 0 says that all went well.
        case exit(Int32)
        /// By a signal.
        case signal(Int32)

        /// Such as `ended with status 3`.
        public var description: String {
            switch self {
            case .exit(let number): "ended with status \(number)"
            case .signal(let number): "was ended by signal \(number)"
            }
        }
    }

    /// Why a program has left nothing.
    public enum Failure: Error, Sendable, Equatable {
        /// It is not there or may not be run; the system's reason.
        case start(String)
        /// It writes more than it may.
        case output
        /// It did not end in its time; what it said on its standard error.
        case time(complaint: String)
    }

    /// Runs it to its end; blocks.
    public func run() throws(Failure) -> Ending {
        var output = try Pipe()
        defer { output.close() }
        var complaints = try Pipe()
        defer { complaints.close() }
        let process = try start(output, complaints)
        output.closeEntrance()
        complaints.closeEntrance()
        return try finish(process, output.exit, complaints.exit)
    }

    /// Words that others wrote, in one line without control characters.
    public static func oneLine(_ said: some Sequence<UInt8>) -> String {
        let text = String(decoding: Array(said), as: UTF8.self)
        let words = text.unicodeScalars.split { $0.value <= 0x20 || (0x7f..<0xa0).contains($0.value) }
        return words.map { String($0) }.joined(separator: " ")
    }
}

extension ChildProgram {
    private func start(_ output: Pipe, _ complaints: Pipe) throws(Failure) -> pid_t {
        let file = try inputFile()
        defer { if file >= 0 { close(file) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if file >= 0 {
            posix_spawn_file_actions_adddup2(&actions, file, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
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
            Self.withCStrings(environment) { environment in
                posix_spawn(&process, words.first ?? "", &actions, &attributes, arguments, environment)
            }
        }
        guard number == 0 else { throw .start(String(cString: strerror(number))) }
        return process
    }

    /// A file in memory that has the input; -1 where there is none.
    private func inputFile() throws(Failure) -> CInt {
        guard !input.isEmpty else { return -1 }
        let file = wharf_memory_file()
        guard file >= 0 else { throw .start(String(cString: strerror(errno))) }
        guard pwrite(file, input, input.count, 0) == input.count else {
            close(file)
            throw .start("its input cannot be kept in memory")
        }
        return file
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
    private func finish(_ process: pid_t, _ output: CInt, _ complaints: CInt) throws(Failure) -> Ending {
        let end = ContinuousClock.now + timeMax
        var written: [UInt8] = []
        var said: [UInt8] = []
        var open = [output, complaints]
        while !open.isEmpty, ContinuousClock.now < end, written.count <= byteCountMax {
            var waits = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waits, nfds_t(waits.count), Self.milliseconds(until: end)) > 0 else { continue }
            for wait in waits where wait.revents != 0 {
                guard let bytes = Self.read(wait.fd), !bytes.isEmpty else {
                    open.removeAll { $0 == wait.fd }
                    continue
                }
                if wait.fd == output {
                    written += bytes
                } else {
                    said += bytes.prefix(Self.complaintByteCountMax - said.count)
                }
            }
        }
        let isTooMuch = written.count > byteCountMax
        let hasEnded = !isTooMuch && Self.hasEnded(process, before: end)
        // Before the process is forgotten: later its number may be another's.
        kill(-process, SIGKILL)
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard !isTooMuch else { throw .output }
        guard hasEnded else { throw .time(complaint: Self.oneLine(said)) }
        let signal = status & 0x7f
        return Ending(
            status: signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal),
            output: written,
            complaint: Self.oneLine(said)
        )
    }

    private static func milliseconds(until end: ContinuousClock.Instant) -> CInt {
        let left = (end - .now).components
        return CInt(clamping: max(1, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000))
    }

    /// What can be read; empty at the end or when it cannot be read now, nil when it cannot be read.
    private static func read(_ descriptor: CInt) -> ArraySlice<UInt8>? {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            if count >= 0 { return bytes.prefix(count) }
            guard errno == EINTR else { return nil }
        }
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
}

/// A pipe whose ends no other program gets.
private struct Pipe {
    private(set) var exit: CInt
    private(set) var entrance: CInt

    init() throws(ChildProgram.Failure) {
        var ends: [CInt] = [-1, -1]
        guard wharf_pipe(&ends) == 0 else { throw .start(String(cString: strerror(errno))) }
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
