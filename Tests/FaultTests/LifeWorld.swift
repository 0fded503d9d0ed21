import AdminClient
import AdminModel
import Foundation
import RegistryTesting
import Synchronization
import Testing

/// A server that is killed and comes back at the same place, over the same data.
final class LifeWorld: Sendable {
    /// Where the choices come from: `LIFE_SEED`, or that of the run.
    static let seed = number("LIFE_SEED").map(UInt64.init) ?? TestSeed.run
    /// For how long: `LIFE_SECONDS`, or some of a minute, or an hour.
    static let duration = Duration.seconds(number("LIFE_SECONDS") ?? (TestSeed.isSoaking ? 3600 : 40))
    /// For how long what a client was told of a blob holds.
    static let quarantine = Duration.seconds(20)

    private static let settings = [
        "--trash-keep", "1d", "--gc-grace", "2s", "--gc-quarantine", "20s", "--gc-interval", "2s",
        // What was on its way when the server died.
        "--uploads-abandoned-after", "1m", "--uploads-sweep-interval", "10s",
    ]

    /// The data folder.
    let data: String
    /// What speaks to the server as container clients do.
    let client: ServerClient
    private let listen: String
    private let server = Mutex<WharfProcess?>(nil)

    private init(_ data: String, _ listen: String) throws {
        (self.data, self.listen) = (data, listen)
        client = try ServerClient(authority: listen, timeout: .seconds(60))
    }

    static func start(_ data: String) async throws -> LifeWorld {
        let world = try LifeWorld(data, "127.0.0.1:\(FreePort.find())")
        try await world.replace()
        return world
    }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    /// What the server that runs has written.
    var log: String { server.withLock { $0 }?.log ?? "" }

    func kill() async {
        await server.withLock { $0.take() }?.kill()
    }

    func stop() async -> Int32? {
        await server.withLock { $0.take() }?.stop(within: .seconds(60))
    }

    /// Kills the server, if there is one, and starts it again.
    func replace() async throws {
        await kill()
        let next = try await WharfProcess.start(
            data: data,
            listen: listen,
            arguments: Self.settings,
            readyWithin: .seconds(120)
        )
        server.withLock { $0 = next }
    }

    /// Waits until the server is back.
    func demandBack() async throws {
        try await eventually("the server comes back", within: .seconds(120)) {
            (try? await client.http.send(TestRequest("GET", "/readyz")).status) == 200
        }
    }

    /// Asks the management, at the socket.
    func manage<Value: Sendable>(_ body: (AdminClient) async throws -> Value) async throws -> Value {
        try await AdminClient.withClient(.init(.socket("\(data)/admin.sock")), body)
    }

    /// Whether an error says that nobody knows what has come of a request.
    static func isLost(_ error: any Error) -> Bool {
        if let failure = error as? AdminFailure { return [.noServer, .noAnswer].contains(failure.code) }
        return error is TestConnection.Failure
    }

    /// Whether an error says that there may not be more.
    static func isOverQuota(_ error: any Error) -> Bool {
        if let failure = error as? AdminFailure { return "\(failure)".contains("the quota of ") }
        guard let refused = error as? ServerClient.Refused else { return false }
        return refused.answer.status == 403 && refused.answer.text.contains("the quota of ")
    }

    /// Throws unless exactly these blobs are stored before long.
    func demandStored(_ digests: Set<String>, _ situation: String) async throws {
        let needed = Set(digests.map { String($0.dropFirst("sha256:".count)) })
        let end = ContinuousClock.now + .seconds(180)
        while true {
            let found = stored()
            let (lost, left) = (needed.subtracting(found), found.subtracting(needed))
            try #require(lost.isEmpty, "lost while \(situation): \(lost.sorted())")
            if left.isEmpty { return }
            try #require(ContinuousClock.now < end, "left while \(situation): \(left.sorted())")
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// The hexadecimal digits of the digests of the files that are there.
    private func stored() -> Set<String> {
        let files = FileManager.default.enumerator(atPath: "\(data)/blobs/sha256")?.compactMap { $0 as? String } ?? []
        let blobs = files.filter { $0.contains(".") }
        return Set(blobs.map { String($0.replacing("/", with: "").prefix { $0 != "." }) })
    }
}
