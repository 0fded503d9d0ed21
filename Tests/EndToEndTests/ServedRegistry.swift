import RegistryTesting

/// What the clients talk to: one server, or replicas behind nginx where the tests stand on stores that servers share.
enum ServedRegistry: Sendable {
    case one(WharfProcess, data: String)
    case replicas(ReplicaSet)

    static func start(in folder: String) async throws -> ServedRegistry {
        guard TestDatabase.current == .postgresql, TestBlobs.current != .files else {
            return .one(try await WharfProcess.start(data: folder), data: folder)
        }
        return .replicas(try await ReplicaSet.start(in: folder, blobs: TestBlobs.current))
    }

    /// Host and port.
    var authority: String {
        switch self {
        case .one(let server, _): server.authority
        case .replicas(let set): set.authority
        }
    }

    var address: String { "http://\(authority)" }

    /// The address of each server.
    var servers: [String] {
        switch self {
        case .one(let server, _): [server.address]
        case .replicas(let set): (0..<set.count).compactMap { set[$0]?.address }
        }
    }

    /// What was written, for the message of a failure.
    var log: String {
        switch self {
        case .one(let server, _): server.log
        case .replicas(let set): set.log
        }
    }

    /// What `wharf storage verify` says of its stores.
    func verify() async throws -> CommandResult {
        switch self {
        case .one(_, let data):
            let environment = try await TestDatabase.current.environment(for: data)
            return try await WharfProcess.command(["storage", "verify", "--data", data], environment: environment).run()
        case .replicas(let set):
            return try await set.verify()
        }
    }

    /// Ends it; whether it has ended by itself and in order.
    func stop() async -> Bool {
        switch self {
        case .one(let server, _): await server.stop() == 0
        case .replicas(let set): await set.stop()
        }
    }
}
