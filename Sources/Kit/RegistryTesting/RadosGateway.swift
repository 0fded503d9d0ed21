import Foundation
public import Outgoing
import Synchronization

/// Ceph's gateway over a cluster of one in memory: the fullest S3 that a machine without network can have.
///
/// It takes some 12 seconds to start, and 650 MB of memory.
public final class RadosGateway: S3Server {
    /// Where it is.
    public let endpoint: OutgoingURL
    /// The name of the user's key.
    public let accessKeyID = "AKRADOSGATEWAY"
    /// The user's key.
    public let secretAccessKey = "secret of the rados gateway"
    /// What the names of buckets are put in front of, where they stand in the host's name.
    public static let domain = "s3.localhost"

    private let folder: TemporaryFolder
    private let processes: Mutex<[RunningProcess]>

    private static let startDuration = Duration.seconds(120)

    /// The server that tests share.
    public static var shared: RadosGateway {
        get async throws { try await sharing.value }
    }

    private static let sharing = Task {
        let server = try await RadosGateway()
        left.withLock { $0 = server }
        // Nobody lets go of what is shared.
        atexit { RadosGateway.left.withLock { $0?.end() } }
        return server
    }

    private static let left = Mutex<RadosGateway?>(nil)

    /// Makes a cluster and starts it.
    ///
    /// - Throws: ``CommandFailure`` when Ceph is not installed, or does not start.
    public init() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let port = try FreePort.find()
        self.folder = folder
        endpoint = try OutgoingURL("http://127.0.0.1:\(port)/")
        processes = Mutex([])
        try await start(port: port)
    }

    deinit {
        end()
    }

    /// Makes an empty bucket.
    public func makeBucket(_ name: String) async throws {
        try await put(bucket: name)
    }

    private func start(port: Int) async throws {
        for name in ["mon", "mgr", "osd", "rgw", "run", "log"] {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        let monitors = (try FreePort.find(), try FreePort.find())
        let cluster = UUID().uuidString.lowercased()
        try configuration(cluster: cluster, monitors: monitors, port: port)
            .write(toFile: "\(folder.path)/ceph.conf", atomically: true, encoding: .utf8)
        try await makeKeys()
        let addresses = "[v2:127.0.0.1:\(monitors.0),v1:127.0.0.1:\(monitors.1)]"
        let map = "\(folder.path)/monmap"
        try await run("monmaptool", ["--create", "--addv", "a", addresses, "--fsid", cluster, map])
        try await run("ceph-mon", ["--mkfs", "-i", "a", "--monmap", map, "--keyring", keyring])
        try keep(program("ceph-mon", ["-i", "a", "-f"]))
        let disk = UUID().uuidString.lowercased()
        try await run("ceph", ["--connect-timeout", "30", "osd", "new", disk, "0"])
        try keep(program("ceph-mgr", ["-i", "x", "-f"]))
        try await run("ceph-osd", ["-i", "0", "--mkfs", "--osd-uuid", disk])
        try keep(program("ceph-osd", ["-i", "0", "-f"]))
        let gateway = try keep(program("radosgw", ["-n", "client.rgw.a", "-f"]))
        try await OutgoingClient.withClient { client in
            try await gateway.waitUntil("the gateway answers", within: Self.startDuration) {
                (try? await client.send(OutgoingRequest(.get, self.endpoint)))?.status == 200
            }
        }
        let user = ["--uid=test", "--display-name=test", "--access-key", accessKeyID, "--secret-key", secretAccessKey]
        try await run("radosgw-admin", ["user", "create"] + user)
    }

    private var keyring: String { "\(folder.path)/keyring" }

    private func makeKeys() async throws {
        let every = ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"]
        let keys: [(String, [String])] = [
            ("client.admin", every), ("client.rgw.a", every),
            (
                "osd.0",
                ["--cap", "mon", "allow profile osd", "--cap", "mgr", "allow profile osd", "--cap", "osd", "allow *"]
            ),
            ("mgr.x", ["--cap", "mon", "allow profile mgr", "--cap", "osd", "allow *"]),
        ]
        let monitor = ["--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"]
        try await run("ceph-authtool", monitor)
        for (name, caps) in keys { try await run("ceph-authtool", [keyring, "--gen-key", "-n", name] + caps) }
    }

    private func configuration(cluster: String, monitors: (Int, Int), port: Int) -> String {
        """
        [global]
        fsid = \(cluster)
        mon host = [v2:127.0.0.1:\(monitors.0),v1:127.0.0.1:\(monitors.1)]
        mon initial members = a
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 8
        osd pool default pg autoscale mode = off
        mon allow pool size one = true
        auth allow insecure global id reclaim = false
        mon data avail crit = 1
        mon data avail warn = 1
        osd crush chooseleaf type = 0
        run dir = \(folder.path)/run
        admin socket = \(folder.path)/run/$name.$pid.asok
        pid file = \(folder.path)/run/$name.pid
        log file = \(folder.path)/log/$name.log
        mon cluster log file = \(folder.path)/log/cluster.log
        keyring = \(keyring)
        [mon.a]
        mon data = \(folder.path)/mon
        [mgr]
        mgr data = \(folder.path)/mgr
        mgr initial modules =
        [osd.0]
        osd objectstore = memstore
        memstore device bytes = 2147483648
        osd data = \(folder.path)/osd
        osd memory target = 939524096
        [client.rgw.a]
        keyring = \(keyring)
        rgw data = \(folder.path)/rgw
        rgw frontends = beast endpoint=127.0.0.1:\(port)
        rgw dns name = \(Self.domain)
        rgw thread pool size = 32

        """
    }

    private func program(_ name: String, _ arguments: [String]) -> Command {
        Command(name, arguments, environment: ["CEPH_CONF": "\(folder.path)/ceph.conf"], timeout: Self.startDuration)
    }

    private func run(_ name: String, _ arguments: [String]) async throws {
        try await program(name, arguments).output()
    }

    @discardableResult
    private func keep(_ command: Command) throws -> RunningProcess {
        let process = try command.start()
        processes.withLock { $0.append(process) }
        return process
    }

    /// Ends it at once and removes what it leaves, so that nothing of it stays in the memory of the machine.
    private func end() {
        let running = processes.withLock { processes in
            defer { processes = [] }
            return processes
        }
        for process in running { process.signal(SIGKILL) }
        let end = ContinuousClock.now + .seconds(2)
        while running.contains(where: { $0.status == nil }), ContinuousClock.now < end { usleep(1000) }
        try? FileManager.default.removeItem(atPath: folder.path)
    }
}
