import Foundation

/// What servers of ours share when there are several: Debian's PostgreSQL, and rclone's S3 over a folder.
///
/// Both write to the disk as they do by default.
final class SharedStores {
    private static let programs = "/usr/lib/postgresql/15/bin"
    /// Where `Scripts/install-test-parties bench` puts it.
    private static let rclone = FileManager.default.currentDirectoryPath + "/.build-parties/rclone/bin/rclone"
    private static let keyID = "AKBENCHMARK"
    private static let key = "measured-with-this"
    private static let bucket = "wharf"
    /// How long a start may take.
    private static let startMax = 30.0

    private let folder: String
    private let databasePort: Int
    private let bucketPort: Int
    private var processes: [ChildProcess] = []
    private var count = 0

    /// Starts both in a folder of their own.
    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/wharf-benchmark-stores-\(UUID().uuidString)"
        databasePort = try Sockets.freePort()
        bucketPort = try Sockets.freePort()
        try FileManager.default.createDirectory(
            atPath: folder + "/s3/\(Self.bucket)",
            withIntermediateDirectories: true
        )
        if getuid() == 0 {
            guard let user = getpwnam("postgres")?.pointee, chown(folder, user.pw_uid, user.pw_gid) == 0 else {
                throw Failure("there is no user postgres: Scripts/install-test-parties bench")
            }
        }
        do {
            try start()
        } catch {
            stop()
            throw error
        }
    }

    /// Ends both and removes what they hold.
    func stop() {
        for process in processes { process.stop() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The variables of servers that share an empty database, and an empty part of the bucket.
    func variables() throws -> [String] {
        count += 1
        let name = "bench\(count)"
        try run(["createdb", "-h", "127.0.0.1", "-p", "\(databasePort)", "-U", "postgres", name])
        let connection = "host=127.0.0.1 port=\(databasePort) user=postgres dbname=\(name) sslmode=disable"
        return [
            "WHARF_POSTGRESQL_CONNECTION=\(connection)", "WHARF_S3_BUCKET=\(Self.bucket)", "WHARF_S3_PREFIX=\(name)",
            "WHARF_S3_ENDPOINT=http://127.0.0.1:\(bucketPort)", "WHARF_S3_ACCESS_KEY=\(Self.keyID)",
            "WHARF_S3_SECRET_KEY=\(Self.key)",
        ]
    }

    private func start() throws {
        let data = folder + "/data"
        try run(["initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8"])
        let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "port=\(databasePort)"]
        try begin(Self.asPostgres(["postgres", "-D", data] + settings.flatMap { ["-c", $0] }), "postgres.log")
        let address = "127.0.0.1:\(bucketPort)"
        let options = ["--auth-key", "\(Self.keyID),\(Self.key)", "--addr", address, "--config", "", "--no-cleanup"]
        try begin([Self.rclone, "serve", "s3", folder + "/s3"] + options, "rclone.log")
        try wait("PostgreSQL") { try self.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p", "\(self.databasePort)"]) }
        try wait("rclone") { _ = try Clients(1, port: self.bucketPort) }
    }

    private func begin(_ arguments: [String], _ log: String) throws {
        processes.append(try ChildProcess(arguments, output: "\(folder)/\(log)"))
    }

    private func wait(_ name: String, until isReady: () throws -> Void) throws {
        let start = Clock.now
        while true {
            do {
                return try isReady()
            } catch {
                try Interruption.check()
                guard Clock.now - start < Self.startMax else { throw Failure("\(name) does not start: \(error)") }
                usleep(20_000)
            }
        }
    }

    private func run(_ arguments: [String]) throws {
        try ChildProcess(Self.asPostgres(arguments), output: folder + "/last.log").waitForSuccess()
    }

    /// PostgreSQL does not run as root.
    private static func asPostgres(_ arguments: [String]) -> [String] {
        let whole = ["\(programs)/\(arguments[0])"] + arguments.dropFirst()
        return getuid() == 0 ? ["runuser", "-u", "postgres", "--"] + whole : whole
    }
}
