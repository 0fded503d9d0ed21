import Foundation
import RegistryTesting
import Synchronization
import Testing

/// The server is killed while several clients push, again and again over one folder.
@Suite("The server is killed")
struct KillTests {
    private static let pointCount = TestSeed.count(20, soaking: 200, of: "points at which the server is killed")
    private static let clientCount = 4

    @Test("At random points under concurrent pushes: verify is clean, and each acknowledged push is whole")
    func randomPoints() async throws {
        let folder = try TemporaryFolder()
        var random = SeededGenerator(seed: TestSeed.run)
        let everything = Ledger()
        for point in 0..<Self.pointCount {
            let delay = Duration.milliseconds(Int.random(in: 20...600, using: &random))
            let situation = "point \(point), killed after \(delay), TEST_SEED=\(TestSeed.run)"
            let ledger = Ledger()
            let server = try await WharfProcess.serve(folder.path)
            try await Self.pushAndKill(server, ledger, after: delay, point)
            let result = try await WharfProcess.verify(folder.path)
            try #require(result.status == 0, "\(situation): \(result)\n\(server.log.suffix(2000))")
            // The next round begins by looking at what this one has left.
            let next = try await WharfProcess.serve(folder.path)
            do {
                try await ledger.check(ServerClient(next))
            } catch {
                Issue.record("\(situation): \(error)\n\(next.log.suffix(2000))")
            }
            #expect(await next.stop() == 0, "\(situation)")
            everything.add(ledger)
        }
        #expect(everything.count > Self.pointCount * 5, "too little was acknowledged to prove anything")
        let server = try await WharfProcess.serve(folder.path)
        try await everything.check(ServerClient(server))
        #expect(await server.stop() == 0)
        print("killed \(Self.pointCount) times: \(everything.count) acknowledgements hold")
    }

    @Test("storage verify beside a server that is pushed to and deleted from takes nothing of that for damage")
    func verifyBesideClients() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        let ledger = Ledger()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.clientCount {
                var client = try PushingClient(server, ledger, number: number, round: 0)
                group.addTask { try await client.run() }
            }
            for round in 0..<5 {
                let before = ledger.count
                try await eventually("clients go on") { ledger.count > before + 10 }
                let result = try await WharfProcess.verify(folder.path)
                #expect(result.status == 0, "round \(round), TEST_SEED=\(TestSeed.run): \(result)")
            }
            await server.kill()
            try await group.waitForAll()
        }
    }

    /// Lets clients push until the server dies under them.
    private static func pushAndKill(
        _ server: WharfProcess,
        _ ledger: Ledger,
        after delay: Duration,
        _ point: Int
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<clientCount {
                var client = try PushingClient(server, ledger, number: number, round: point)
                group.addTask { try await client.run() }
            }
            try await Task.sleep(for: delay)
            await server.kill()
            try await group.waitForAll()
        }
    }
}

/// What was acknowledged.
final class Ledger: Sendable {
    private struct State {
        /// The digest of what each path must bring; nil when it must be gone.
        var paths: [String: String?] = [:]
        /// Paths whose change was begun and not acknowledged.
        var open: Set<String> = []
        /// How much of each upload was acknowledged, and what it is of.
        var uploads: [String: (offset: Int, blob: SampleBlob)] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// How many acknowledgements there were.
    var count: Int { state.withLock { $0.count } }

    /// Notes that a path is to bring `digest`, or nothing, around the request for it.
    func change(_ path: String, to digest: String?, _ request: () async throws -> Void) async throws {
        state.withLock { _ = $0.open.insert(path) }
        try await request()
        state.withLock { state in
            state.open.remove(path)
            state.paths[path] = .some(digest)
            state.count += 1
        }
    }

    /// Notes how far an upload has come; nil when a request was sent that ends it.
    func upload(_ location: String, _ offset: Int?, of blob: SampleBlob) {
        state.withLock { state in
            state.uploads[location] = offset.map { ($0, blob) }
            state.count += offset == nil ? 0 : 1
        }
    }

    /// Adds what another has of paths; a later round knows better.
    func add(_ other: Ledger) {
        let (paths, open, count) = other.state.withLock { ($0.paths, $0.open, $0.count) }
        state.withLock { state in
            state.paths.merge(paths) { $1 }
            state.open.formUnion(open)
            state.count += count
        }
    }

    /// Throws unless everything is as it was acknowledged, and uploads go on from where they were.
    func check(_ client: ServerClient) async throws {
        let (paths, uploads) = state.withLock { state in
            (state.paths.filter { !state.open.contains($0.key) }, state.uploads)
        }
        for (path, digest) in paths {
            if let digest {
                try await client.demand(path, is: digest)
            } else {
                try await client.send("GET", path, expecting: 404)
            }
        }
        for (location, upload) in uploads {
            let offset = try await client.offset(of: location)
            #expect(offset >= upload.offset, "\(location) has lost bytes that were acknowledged")
            try await client.finish(location, upload.blob.digest, Array(upload.blob.bytes[offset...]))
        }
    }
}

/// A client that pushes one thing after another until the server is gone.
private struct PushingClient: Sendable {
    private let client: ServerClient
    private let ledger: Ledger
    private let repository: String
    private let others: [String]
    private let round: Int
    private let number: Int
    private var random: SeededGenerator

    init(_ server: WharfProcess, _ ledger: Ledger, number: Int, round: Int) throws {
        client = try ServerClient(server)
        self.ledger = ledger
        self.round = round
        self.number = number
        repository = "client/\(number)"
        others = (0..<4).map { "client/\($0)" }
        random = SeededGenerator(seed: TestSeed.round(round * 100 + number))
    }

    mutating func run() async throws {
        for image in 0... {
            do {
                try await push(image)
            } catch is TestConnection.Failure {
                return
            }
        }
    }

    private mutating func push(_ count: Int) async throws {
        let seed = UInt64(round * 1_000_000 + number * 10_000 + count)
        let image = SampleImage(seed: seed, layerSize: Int.random(in: 0...60_000, using: &random))
        try await push(image.layer)
        try await push(image.config)
        // The same bytes as others push at the same time.
        try await push(SampleBlob(count: 5000, seed: UInt64(round * 10 + count % 3)))
        let tag = "r\(round)-\(count)"
        for reference in [tag, "latest"] {
            try await ledger.change("/v2/\(repository)/manifests/\(reference)", to: image.manifest.digest) {
                try await client.push(image.manifest, to: repository, as: reference)
            }
        }
        if chance(0.3) {
            let path = "/v2/\(repository)/manifests/\(tag)"
            try await ledger.change(path, to: nil) { try await client.send("DELETE", path, expecting: 202) }
        }
    }

    private mutating func push(_ blob: SampleBlob) async throws {
        let path = "/v2/\(repository)/blobs/\(blob.digest)"
        let isInOneGo = chance(0.4)
        let isStreamed = chance(0.3)
        let half = blob.bytes.count / 2
        try await ledger.change(path, to: blob.digest) {
            guard !isInOneGo, half > 1 else { return try await client.push(blob, to: repository) }
            let location = try await client.start(in: repository)
            try await client.patch(location, Array(blob.bytes[..<half]), at: 0, isStreamed: isStreamed)
            ledger.upload(location, half, of: blob)
            try await client.patch(location, Array(blob.bytes[half...]), at: half)
            ledger.upload(location, nil, of: blob)
            try await client.finish(location, blob.digest)
        }
        guard chance(0.2), let other = others.randomElement(using: &random), other != repository else { return }
        let mount = "/v2/\(other)/blobs/uploads/?mount=\(blob.digest)&from=\(repository)"
        try await ledger.change("/v2/\(other)/blobs/\(blob.digest)", to: blob.digest) {
            try await client.send("POST", mount, expecting: 201)
        }
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }
}
