import Foundation
import Synchronization

/// Several built `wharf serve` over one PostgreSQL and one bucket, behind Debian's nginx, which gives each request to
/// the next one.
///
///     FOLDER/
///       1/ 2/ 3/        the data folder of each
///       nginx/          what the load balancer needs; access.log says who got which request
public final class ReplicaSet: Sendable {
    /// Host and port of the load balancer.
    public let authority: String
    /// The load balancer.
    public let balancer: RunningProcess

    private let folder: String
    private let environment: [String: String]
    private let ports: [Int]
    private let running: Mutex<[WharfProcess?]>

    /// The address of the load balancer.
    public var address: String { "http://\(authority)" }

    private init(
        folder: String,
        environment: [String: String],
        ports: [Int],
        balancer: RunningProcess,
        authority: String
    ) {
        self.folder = folder
        self.environment = environment
        self.ports = ports
        self.balancer = balancer
        self.authority = authority
        running = Mutex(ports.map { _ in nil })
    }

    /// Starts replicas over stores that belong to a folder, and the load balancer.
    ///
    /// - Parameters:
    ///   - folder: What holds the data folders; the stores belong to it.
    ///   - count: How many replicas.
    ///   - blobs: Where the blobs are: not in files.
    ///   - connection: The way to an empty database; nil for one of the server that tests share.
    ///   - environment: More variables for each.
    /// - Returns: All of them, ready.
    /// - Throws: ``CommandFailure``.
    public static func start(
        in folder: String,
        count: Int = 3,
        blobs: TestBlobs = .radosgw,
        connection: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> ReplicaSet {
        var variables: [String: String]
        if let connection {
            variables = ["WHARF_POSTGRESQL_CONNECTION": connection]
        } else {
            variables = try await TestDatabase.postgresql.environment(for: folder)
        }
        variables.merge(try await blobs.environment(for: folder)) { $1 }
        variables.merge(environment) { $1 }
        let ports = try (0..<count).map { _ in try FreePort.find() }
        let port = try FreePort.find()
        let balancer = try await startBalancer(in: "\(folder)/nginx", port: port, before: ports)
        let set = ReplicaSet(
            folder: folder,
            environment: variables,
            ports: ports,
            balancer: balancer,
            authority: "127.0.0.1:\(port)"
        )
        do {
            for index in 0..<count { try await set.startReplica(index) }
        } catch {
            await set.stop()
            throw error
        }
        return set
    }

    /// How many replicas there are, running or not.
    public var count: Int { ports.count }

    /// A replica; nil while it does not run.
    public subscript(index: Int) -> WharfProcess? { running.withLock { $0[index] } }

    /// Starts a replica that does not run, on the port that it had.
    public func startReplica(_ index: Int) async throws {
        let data = "\(folder)/\(index + 1)"
        let listen = "127.0.0.1:\(ports[index])"
        let server = try await WharfProcess.start(
            data: data,
            listen: listen,
            environment: environment,
            readyWithin: .seconds(60)
        )
        running.withLock { $0[index] = server }
    }

    /// Ends a replica with SIGKILL.
    public func killReplica(_ index: Int) async {
        await running.withLock { $0[index].take() }?.kill()
    }

    /// Ends a replica with SIGTERM; the exit status.
    @discardableResult
    public func stopReplica(_ index: Int) async -> Int32? {
        await running.withLock { $0[index].take() }?.stop(within: .seconds(60))
    }

    /// Ends all of them; whether each has ended by itself and in order.
    @discardableResult
    public func stop() async -> Bool {
        var isGood = true
        for index in ports.indices where self[index] != nil {
            if await stopReplica(index) != 0 { isGood = false }
        }
        await balancer.stop()
        return isGood
    }

    /// The ports of the replicas that got the requests whose line has a text, in their order.
    public func portsAsked(for text: String) throws -> [Int] {
        let log = try String(contentsOfFile: "\(folder)/nginx/access.log", encoding: .utf8)
        return log.split(separator: "\n").filter { $0.contains(text) }.compactMap { line in
            line.split(separator: " ").last?.split(separator: ":").last.flatMap { Int($0) }
        }
    }

    /// What `wharf storage verify` says of the stores.
    public func verify() async throws -> CommandResult {
        let arguments = ["storage", "verify", "--data", "\(folder)/1"]
        var command = WharfProcess.command(arguments, environment: environment)
        // It reads all that was pushed, one after the other, from a bucket on a busy machine.
        command.timeout = .seconds(600)
        return try await command.run()
    }

    /// All that the replicas that run wrote, for a test's failure message.
    public var log: String {
        running.withLock { $0 }.compactMap { $0?.log.suffix(2000) }.joined(separator: "\n---\n")
    }

    /// The load balancer as the documentation has it, and its log.
    private static func startBalancer(in folder: String, port: Int, before ports: [Int]) async throws -> RunningProcess
    {
        let servers = ports.map { "server 127.0.0.1:\($0) max_fails=0;" }.joined(separator: " ")
        return try await Command.nginx(
            in: folder,
            port: port,
            http: """
                log_format who '$request_method $request_uri $status $upstream_addr';
                access_log \(folder)/access.log who;
                upstream wharf {
                    \(servers)
                    keepalive 32;
                }
                server {
                    listen 127.0.0.1:\(port);
                    client_max_body_size 0;
                    location / {
                        proxy_pass http://wharf;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $http_host;
                        proxy_set_header X-Forwarded-For $remote_addr;
                        proxy_set_header X-Forwarded-Proto $scheme;
                        proxy_request_buffering off;
                        proxy_buffering off;
                        proxy_read_timeout 300s;
                        proxy_send_timeout 300s;
                    }
                }
                """
        )
    }
}
