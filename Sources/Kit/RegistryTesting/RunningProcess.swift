import Foundation
import Synchronization

/// A program that was started; it is killed when the last reference to it goes.
public final class RunningProcess: Sendable {
    /// The process id; also the id of its process group.
    public let pid: Int32
    private let output: CapturedOutput
    private let errors: CapturedOutput
    /// The exit status once the process was reaped.
    ///
    /// A signal is sent only while this lock is held and the status is absent, so it never reaches a stranger that was
    /// given the same id.
    private let ended = Mutex<Int32?>(nil)
    private let sentinel: Sentinel?

    init(_ command: Command, endsWithTests: Bool) throws {
        output = try CapturedOutput()
        errors = try CapturedOutput()
        let input = try CapturedOutput(command.input)
        let descriptors = (input.descriptor, output.descriptor, errors.descriptor)
        pid = try spawning.withLock { _ in
            try spawn(command, input: descriptors.0, output: descriptors.1, errors: descriptors.2)
        }
        sentinel = endsWithTests ? Sentinel(watching: pid) : nil
    }

    deinit {
        killGroup()
        while reap() == nil { usleep(1000) }
    }

    /// What was written to standard output so far.
    public var standardOutput: String { output.text }

    /// What was written to standard error so far.
    public var standardError: String { errors.text }

    /// The exit status, or `nil` while the program runs.
    public var status: Int32? { reap() }

    /// Sends a signal to the program alone, or does nothing when it has ended.
    public func signal(_ number: Int32) {
        ended.withLock { if $0 == nil { _ = Foundation.kill(pid, number) } }
    }

    /// Waits for the end of the program; `nil` when it still runs after `limit`.
    public func exit(within limit: Duration) async throws -> Int32? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let status = reap() { return status }
            if ContinuousClock.now > deadline { return nil }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Kills the program and its process group with SIGKILL and waits until they are gone.
    public func kill() async {
        killGroup()
        while reap() == nil { await Task.yield() }
    }

    /// Asks the program to end with SIGTERM; kills it when it still runs after `limit`.
    ///
    /// - Returns: The exit status, or `nil` when it had to be killed.
    @discardableResult
    public func stop(within limit: Duration = .seconds(15)) async -> Int32? {
        signal(SIGTERM)
        // A cancelled test still stops its daemons: the wait is then cut short by the kill.
        let status = try? await exit(within: limit)
        if status == nil { await kill() }
        return status
    }

    /// Waits until `condition` holds; throws `CommandFailure` when the program ends or `limit` passes before that.
    public func waitUntil(
        _ expectation: String,
        within limit: Duration = .seconds(20),
        condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            let ended = status
            guard ended == nil, ContinuousClock.now < deadline else {
                let reason = ended.map { "ended with status \($0)" } ?? "was not ready within \(limit)"
                throw CommandFailure(
                    command: Command("process \(pid)"),
                    reason: "\(reason): waited until \(expectation)",
                    result: result(ended ?? -1)
                )
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func result(_ status: Int32) -> CommandResult {
        CommandResult(status: status, standardOutput: standardOutput, standardError: standardError)
    }

    private func killGroup() {
        ended.withLock { if $0 == nil { _ = Foundation.kill(-pid, SIGKILL) } }
    }

    private func reap() -> Int32? {
        ended.withLock { ended in
            var status: Int32 = 0
            guard ended == nil, waitpid(pid, &status, WNOHANG) == pid else { return ended }
            let signal = status & 0x7f
            ended = signal == 0 ? (status >> 8) & 0xff : 128 + signal
            sentinel?.dismiss()
            return ended
        }
    }
}

/// Ends a watched process when this process dies: a shell that waits for the end of a pipe only we hold open.
private final class Sentinel: Sendable {
    private let shell: Int32
    private let pipe: Int32

    init?(watching pid: Int32) {
        let script = "read _; kill -TERM \(pid); sleep 5; kill -KILL -- -\(pid)"
        // Under the lock no other child can inherit our end before it is marked.
        let started: (shell: Int32, pipe: Int32)? = spawning.withLock { _ in
            var ends: [Int32] = [-1, -1]
            guard Foundation.pipe(&ends) == 0 else { return nil }
            defer { close(ends[0]) }
            _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
            let watch = Command("/bin/sh", ["-c", script])
            guard let shell = try? spawn(watch, input: ends[0], output: -1, errors: -1) else {
                close(ends[1])
                return nil
            }
            return (shell, ends[1])
        }
        guard let started else { return nil }
        (shell, pipe) = started
    }

    /// Called once, when the watched process was reaped.
    func dismiss() {
        kill(shell, SIGKILL)
        var status: Int32 = 0
        waitpid(shell, &status, 0)
        close(pipe)
    }
}

/// A file without a name that a child writes and we read, at any time.
private final class CapturedOutput: Sendable {
    let descriptor: Int32

    init(_ content: [UInt8] = []) throws {
        let path = FileManager.default.temporaryDirectory.path + "/output-" + UUID().uuidString
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        unlink(path)
        guard content.isEmpty || pwrite(descriptor, content, content.count, 0) == content.count else {
            throw POSIXError(.EIO)
        }
    }

    deinit { close(descriptor) }

    var text: String {
        // The child shares our file offset, so nothing here may move it.
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { space in
                pread(descriptor, space.baseAddress.map { $0 + filled }, space.count - filled, off_t(filled))
            }
            guard count > 0 else { break }
            filled += count
        }
        return String(decoding: bytes.prefix(filled), as: UTF8.self)
    }
}

/// One child at a time is started, so that none inherits what was opened for another.
private let spawning = Mutex(())

/// Starts a program in a process group of its own, with no open files but the three given; -1 stands for none.
private func spawn(_ command: Command, input: Int32, output: Int32, errors: Int32) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, descriptor) in [input, output, errors].enumerated() {
        if descriptor >= 0 {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
        } else {
            posix_spawn_file_actions_addopen(&actions, Int32(target), "/dev/null", O_RDWR, 0)
        }
    }

    // A listening socket of a server in this process would live on in the child: not everybody marks what it opens.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
        if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    // Servers ignore SIGPIPE and test runners may block signals: neither is the child's business.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var variables: [String: String] = ProcessInfo.processInfo.environment
    for (name, value) in command.environment { variables[name] = value }
    return try withWords([command.executable] + command.arguments) { arguments in
        try withWords(variables.map { "\($0.key)=\($0.value)" }) { environment in
            var pid: Int32 = 0
            let code = posix_spawnp(&pid, command.executable, &actions, &attributes, arguments, environment)
            guard code == 0 else {
                throw CommandFailure(
                    command: command,
                    reason: "could not be started: \(String(cString: strerror(code)))"
                )
            }
            return pid
        }
    }
}

/// Lends the words as C strings with a null at the end, as exec wants them.
private func withWords<Value>(
    _ words: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) throws -> Value
) rethrows -> Value {
    let copies = words.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return try body(copies + [nil])
}
