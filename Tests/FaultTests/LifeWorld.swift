import AdminClient
import AdminModel
import BlobStorage
import Foundation
import RegistryTesting
import Testing

/// The servers over the same stores, and what has to be so of all that is there.
///
/// There is one, or two where a database and a bucket are there that two may share.
final class LifeWorld: Sendable {
    /// Where the choices come from: `LIFE_SEED`, or that of the run.
    static let seed = number("LIFE_SEED").map(UInt64.init) ?? TestSeed.run
    /// For how long: `LIFE_SECONDS`, or some of a minute, or an hour.
    static let duration = Duration.seconds(number("LIFE_SECONDS") ?? (TestSeed.isSoaking ? 3600 : 40))

    /// Whether there are stores that several servers may share: TEST_METADATA=postgresql and TEST_BLOBS=radosgw.
    static var isShared: Bool { TestDatabase.current == .postgresql && TestBlobs.current == .radosgw }

    /// All of them; each lane has one.
    let servers: [LifeServer]
    private let bucket: (any BlobStore)?

    private init(_ servers: [LifeServer], _ bucket: (any BlobStore)?) {
        (self.servers, self.bucket) = (servers, bucket)
    }

    /// Starts all of them, with data folders in a folder.
    static func start(in folder: String) async throws -> LifeWorld {
        let data = "\(folder)/1"
        var environment = try await TestDatabase.current.environment(for: data)
        environment.merge(try await TestBlobs.current.environment(for: data)) { $1 }
        let servers = try (1...(isShared ? 2 : 1)).map { number in
            try LifeServer("\(folder)/\(number)", environment: environment)
        }
        let bucket = TestBlobs.current == .files ? nil : try await TestBlobs.current.open(in: data)
        let world = LifeWorld(servers, bucket)
        try await world.replace()
        return world
    }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    /// What the servers that run have written last.
    var log: String { servers.map { "\($0.log.suffix(3000))" }.joined(separator: "\n---\n") }

    func kill() async {
        for server in servers { await server.kill() }
    }

    /// Ends all of them; whether each has ended in order.
    func stop() async -> Bool {
        var isGood = true
        for server in servers where await server.stop() != 0 { isGood = false }
        return isGood
    }

    /// Kills those that run, and starts all.
    func replace() async throws {
        await kill()
        for server in servers { try await server.replace() }
    }

    /// Asks the management of one.
    func manage<Value: Sendable>(_ body: (AdminClient) async throws -> Value) async throws -> Value {
        try await servers[0].manage(body)
    }

    /// What `storage verify` says of the stores.
    func verify() async throws -> CommandResult {
        try await WharfProcess.verify(servers[0].data)
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

    /// Throws unless each collection that ended did all that it had before it.
    func demandCollections() async throws {
        let failed = try await manage { try await $0.jobs(kind: "gc.run", state: "failed").all() }
        let faulty = failed.filter { $0.outcome?.hasPrefix("its program ended") != true }
        try #require(faulty.isEmpty, "collections failed: \(faulty)")
    }

    /// Throws unless exactly these blobs are stored before long, or as soon as what is left becomes less no more.
    func demandStored(_ digests: Set<String>, _ situation: String) async throws {
        let needed = Set(digests.map { String($0.dropFirst("sha256:".count)) })
        var (end, least) = (ContinuousClock.now + .seconds(180), Int.max)
        while true {
            let found = try await stored()
            let (lost, left) = (needed.subtracting(found), found.subtracting(needed))
            try #require(lost.isEmpty, "lost while \(situation): \(lost.sorted())")
            if left.isEmpty { return }
            if left.count < least { (end, least) = (ContinuousClock.now + .seconds(180), left.count) }
            let names = left.sorted().prefix(9)
            try #require(ContinuousClock.now < end, "left while \(situation): \(left.count), such as \(names)")
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// The hexadecimal digits of the digests of what is there.
    private func stored() async throws -> Set<String> {
        guard let bucket else { return Self.files(in: "\(servers[0].data)/blobs/sha256") }
        var (found, token): (Set<String>, String?) = ([], nil)
        repeat {
            let page = try await bucket.list(after: token, limit: 1000)
            found.formUnion(page.entries.compactMap { $0.digest.map { "\($0)".replacing("sha256:", with: "") } })
            token = page.next
        } while token != nil
        return found
    }

    private static func files(in folder: String) -> Set<String> {
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let blobs = files.filter { $0.contains(".") }
        return Set(blobs.map { String($0.replacing("/", with: "").prefix { $0 != "." }) })
    }
}
