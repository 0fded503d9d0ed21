import Glibc

/// A program that this one started, in a process group of its own so that Ctrl-C reaches it only through `stop`.
final class ChildProcess {
    let identifier: pid_t
    private var exitStatus: Int32?
    private(set) var cpuSeconds = 0.0

    /// Starts `arguments`, looked up in PATH; what it prints goes to the file at `output`.
    init(_ arguments: [String], environment: [String] = [], output: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))

        let inherited: [String] = ["PATH", "HOME", "TMPDIR"].compactMap { (name: String) in
            guard !environment.contains(where: { $0.hasPrefix(name + "=") }) else { return nil }
            return getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        let argumentPointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let environmentPointers: [UnsafeMutablePointer<CChar>?] = (inherited + environment).map { strdup($0) } + [nil]
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var identifier = pid_t()
        let status = posix_spawnp(
            &identifier,
            arguments[0],
            &actions,
            &attributes,
            argumentPointers,
            environmentPointers
        )
        guard status == 0 else { throw Failure("\(arguments[0]): \(String(cString: strerror(status)))") }
        self.identifier = identifier
    }

    /// Whether it still runs; collects its exit status and its CPU otherwise.
    var isRunning: Bool {
        if exitStatus != nil { return false }
        var status: Int32 = 0
        var usage = rusage()
        guard wait4(identifier, &status, WNOHANG, &usage) == identifier else { return true }
        exitStatus = status
        cpuSeconds = usage.seconds
        return false
    }

    /// Waits for it to end; it is stopped on interruption.
    func waitForSuccess() throws {
        while isRunning {
            do {
                try Interruption.check()
            } catch {
                stop()
                throw error
            }
            usleep(1000)
        }
        guard exitStatus == 0 else { throw Failure("a program failed with status \(exitStatus ?? -1)") }
    }

    /// Ends it and the processes it started: asked first, forced after five seconds.
    func stop() {
        let tree = ProcessTree.members(of: identifier)
        kill(identifier, SIGTERM)
        for _ in 0..<500 where isRunning { usleep(10_000) }
        guard isRunning else { return }
        for member in tree { kill(member, SIGKILL) }
        while isRunning { usleep(1000) }
    }
}

extension rusage {
    /// User and system time.
    var seconds: Double {
        let micro = Double(ru_utime.tv_usec + ru_stime.tv_usec)
        return Double(ru_utime.tv_sec + ru_stime.tv_sec) + micro / 1e6
    }
}
