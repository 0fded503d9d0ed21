import Foundation
import Synchronization

/// A PostgreSQL of Debian's package in a temporary folder, for tests: it trusts this machine.
///
/// It listens on a socket in its folder and on a port of 127.0.0.1, and ends with the last reference to it.
public final class PostgreSQLServer: Sendable {
    /// Where Debian puts the programs of the version that the tests are for.
    public static let programs = "/usr/lib/postgresql/15/bin"

    /// The port, also of the socket's name.
    public let port: Int
    /// The folder with the socket and the data.
    public let folder: TemporaryFolder
    /// The disks of its own that it lies on, in place of the folder.
    private let disks: Disks
    private let process = Mutex<RunningProcess?>(nil)
    private let databaseCount = Atomic(0)

    /// How long a server may take to start, or to end.
    private static let startDuration = Duration.seconds(60)

    /// The server that tests share which do it no harm.
    public static var shared: PostgreSQLServer {
        get async throws { try await sharing.value }
    }

    private static let sharing = Task {
        let server = try await PostgreSQLServer()
        server.endAtExit()
        return server
    }

    private static let left = Mutex<[PostgreSQLServer]>([])

    /// Disks that a test can fill.
    public struct Disks: Sendable {
        /// Where the tables are; nil for the folder.
        public var tables: MountedFolder?
        /// Where the write-ahead log is; nil for the folder.
        public var log: MountedFolder?

        /// Names them.
        public init(tables: MountedFolder? = nil, log: MountedFolder? = nil) {
            self.tables = tables
            self.log = log
        }
    }

    /// Ends it, and removes what it leaves, when the program ends: nobody lets go of what is shared.
    public func endAtExit() {
        let isFirst = Self.left.withLock { left in
            left.append(self)
            return left.count == 1
        }
        guard isFirst else { return }
        atexit { PostgreSQLServer.left.withLock { for server in $0 { server.end() } } }
    }

    /// Makes and starts a server.
    ///
    /// - Parameters:
    ///   - settings: Further lines of its configuration.
    ///   - base: A server whose copy this is to be, as a standby that follows it.
    ///   - inMemory: Whether its data may lie in memory; false for more than that has room for.
    ///   - disks: Disks of its own for its data.
    /// - Throws: ``CommandFailure`` when PostgreSQL is not installed, or does not start.
    public init(
        settings: [String] = [],
        standbyOf base: PostgreSQLServer? = nil,
        inMemory: Bool = true,
        disks: Disks = Disks()
    ) async throws {
        folder = try TemporaryFolder(inMemory: inMemory)
        port = try FreePort.find()
        self.disks = disks
        if getuid() == 0, let user = getpwnam("postgres")?.pointee {
            for path in [folder.path, disks.tables?.path, disks.log?.path].compactMap({ $0 }) {
                guard chown(path, user.pw_uid, user.pw_gid) == 0 else { throw POSIXError(.EPERM) }
            }
        }
        if let base {
            let source = ["-h", base.folder.path, "-p", "\(base.port)", "-U", "postgres"]
            try await program("pg_basebackup", source + ["-D", data, "-R", "-X", "stream", "-c", "fast"]).output()
        } else {
            var options = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8"]
            // Small segments fill a small disk, and not at once.
            if disks.log != nil { options += ["--wal-segsize", "1"] }
            if disks.log != nil || disks.tables != nil { options += ["-X", "\(disks.log?.path ?? folder.path)/log"] }
            try await program("initdb", options + ["--no-sync"]).output()
        }
        let lines =
            [
                "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(folder.path)'",
                "shared_buffers = 64MB", "max_connections = 600", "hot_standby = on", "wal_level = replica",
                "dynamic_shared_memory_type = mmap",
            ] + settings
        let path = "\(data)/postgresql.conf"
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(("\n" + lines.joined(separator: "\n") + "\n").utf8))
        try file.close()
        try await start()
    }

    deinit {
        end()
    }

    /// The folder of the data.
    public var data: String { "\(disks.tables?.path ?? folder.path)/data" }

    /// Whether its first process runs; it may be starting, or going.
    public var isRunning: Bool { process.withLock { $0.map { $0.status == nil } ?? false } }

    /// Whether it takes connections now.
    public var isReady: Bool {
        get async throws {
            let options = ["-q", "-h", folder.path, "-p", "\(port)"]
            return try await program("pg_isready", options).run().status == 0
        }
    }

    /// Starts it, or starts it again after it has ended.
    public func start() async throws {
        let end = ContinuousClock.now + Self.startDuration
        // The memory of one that was killed is free only when the last of its processes has gone.
        while true {
            let started = try program("postgres", ["-D", data]).start()
            process.withLock { $0 = started }
            do {
                try await started.waitUntil("PostgreSQL answers", within: Self.startDuration) { try await isReady }
                return
            } catch {
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Ends it as a loss of power would.
    public func kill() async {
        await process.withLock { $0.take() }?.kill()
    }

    /// Ends it at once and removes what it leaves, so that nothing of it stays in the memory of the machine.
    private func end() {
        guard let running = process.withLock({ $0 }) else { return }
        running.signal(SIGQUIT)
        let end = ContinuousClock.now + .seconds(2)
        while running.status == nil, ContinuousClock.now < end { usleep(1000) }
        try? FileManager.default.removeItem(atPath: folder.path)
    }

    /// Ends it in order, which cuts every connection.
    public func stop() async {
        await end(by: SIGINT)
    }

    /// Ends it at once and without order (`pg_ctl stop --mode immediate`): the next start recovers from the log.
    public func crash() async {
        await end(by: SIGQUIT)
    }

    private func end(by signal: Int32) async {
        guard let running = process.withLock({ $0.take() }) else { return }
        running.signal(signal)
        if (try? await running.exit(within: Self.startDuration)) == nil { await running.kill() }
    }

    /// What `psql` prints for an SQL text, rows apart by lines and columns by bars.
    @discardableResult
    public func ask(_ sql: String, in database: String = "postgres") async throws -> String {
        let options = ["-X", "-h", folder.path, "-p", "\(port)", "-U", "postgres", "-d", database, "-A", "-t", "-q"]
        let command = Command("\(Self.programs)/psql", options + ["-v", "ON_ERROR_STOP=1", "-c", sql])
        return try await command.output().trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Makes an empty database; returns its name.
    public func makeDatabase() async throws -> String {
        let name = "test_\(databaseCount.add(1, ordering: .relaxed).newValue)"
        try await ask("CREATE DATABASE \(name) STRATEGY file_copy")
        return name
    }

    /// The way to a database over the socket in the folder.
    public func address(of database: String) -> String {
        // Many tests at once make a small machine slow.
        "host=\(folder.path) port=\(port) user=postgres dbname=\(database) connect_timeout=60"
    }

    /// Makes one that follows this into a primary.
    public func promote() async throws {
        try await program("pg_ctl", ["-D", data, "-w", "promote"]).output()
    }

    /// PostgreSQL refuses to run as root.
    private func program(_ name: String, _ arguments: [String]) throws -> Command {
        try owned(Command("\(Self.programs)/\(name)", arguments))
    }

    /// The command as the owner of the data runs it.
    func owned(_ command: Command) throws -> Command {
        let (path, arguments) = (command.executable, command.arguments)
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                command: command,
                reason: "is not there: run Scripts/install-test-parties",
                result: nil
            )
        }
        guard getuid() == 0, let user = getpwnam("postgres")?.pointee else { return command }
        let identity = ["--reuid", "\(user.pw_uid)", "--regid", "\(user.pw_gid)", "--clear-groups"]
        return Command("setpriv", identity + [path] + arguments)
    }
}
