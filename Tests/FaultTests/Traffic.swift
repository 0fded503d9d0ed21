import Foundation
import RegistryTesting
import Synchronization
import Testing

/// Clients that push and pull without a pause while something happens to a registry, and what they were promised.
final class Traffic: Sendable {
    /// What those were told who push.
    let pushes = Witness()
    /// What those were told who pull what was acknowledged.
    let pulls = Witness()

    private struct State {
        var count = 0
        var pullCount = 0
        /// The images that were acknowledged, in that order.
        var acknowledged: [Int] = []
        /// What each lane's own tag was moved to last.
        var latest: [Int: Int] = [:]
        var isOver = false
    }

    private static let laneCount = 3
    private static let repository = "team/app"
    private let client: ServerClient
    private let state = Mutex(State())

    init(_ client: ServerClient) {
        self.client = client
    }

    /// How many images were acknowledged.
    var acknowledgedCount: Int { state.withLock { $0.acknowledged.count } }

    /// How many images were pulled.
    var pullCount: Int { state.withLock { $0.pullCount } }

    /// Pushes and pulls for as long as `fault` goes on; once it is over, all that had begun still ends well.
    func run(during fault: () async throws -> Void) async throws {
        state.withLock { $0.isOver = false }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for lane in 0..<Self.laneCount { tasks.addTask { try await self.push(in: lane) } }
            tasks.addTask { try await self.pull() }
            do {
                defer { state.withLock { $0.isOver = true } }
                try await goesOn()
                try await fault()
                try await goesOn()
            } catch {
                // What the clients ran into says more.
                try await tasks.waitForAll()
                throw error
            }
            try await tasks.waitForAll()
        }
    }

    /// Waits until so many more images were pushed and pulled.
    func goesOn(by count: Int = 3) async throws {
        let (pushed, pulled) = (acknowledgedCount + count, pullCount + count)
        try await eventually("\(count) images more are pushed and pulled", within: .seconds(60)) {
            acknowledgedCount >= pushed && pullCount >= pulled
        }
    }

    /// Throws unless all that was acknowledged is there, byte for byte, at any of the replicas.
    func demandAll(of replicas: ReplicaSet) async throws {
        let (acknowledged, latest) = state.withLock { ($0.acknowledged, $0.latest) }
        try #require(Set(acknowledged).count == acknowledged.count)
        let servers = try (0..<replicas.count).map { try ServerClient(#require(replicas[$0])) }
        for (place, number) in acknowledged.enumerated() {
            let server = servers[place % servers.count]
            try await server.demand(Self.image(number), in: Self.repository, as: "t\(number)")
        }
        for server in servers {
            for (lane, number) in latest {
                let path = "/v2/\(Self.repository)/manifests/latest-\(lane)"
                try await server.demand(path, is: Self.image(number).manifest.digest)
            }
        }
        let verified = try await replicas.verify()
        #expect(verified.status == 0, "\(verified)")
        #expect(verified.standardOutput.contains("0 damaged"), "\(verified)")
        print("\(acknowledged.count) images pushed, \(pullCount) pulled; refused: \(pushes.counts), \(pulls.counts)")
    }

    private static func image(_ number: Int) -> SampleImage {
        SampleImage(seed: 30_000 + UInt64(number), layerSize: 20_000 + number % 7 * 10_000)
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    private func push(in lane: Int) async throws {
        while !isOver {
            let number = state.withLock { state in
                state.count += 1
                return state.count
            }
            let image = Self.image(number)
            for (place, blob) in image.blobs.enumerated() {
                let isWhole = (number + place) % 2 == 0
                try await pushes.persist {
                    try await client.pushUnlessThere(blob, to: Self.repository, isWhole: isWhole)
                }
            }
            for tag in ["t\(number)", "latest-\(lane)"] {
                try await pushes.persist { try await client.push(image.manifest, to: Self.repository, as: tag) }
            }
            state.withLock { state in
                state.acknowledged.append(number)
                state.latest[lane] = number
            }
        }
    }

    private func pull() async throws {
        while !isOver {
            guard let number = state.withLock({ $0.acknowledged.randomElement() }) else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            let image = Self.image(number)
            try await pulls.persist { try await client.demand(image, in: Self.repository, as: "t\(number)") }
            state.withLock { $0.pullCount += 1 }
        }
    }
}

extension ServerClient {
    /// Pushes a blob as a client does: not when it is there, and else in one request or in three.
    func pushUnlessThere(_ blob: SampleBlob, to repository: String, isWhole: Bool) async throws {
        let path = "/v2/\(repository)/blobs/\(blob.digest)"
        let answer = try await http.send(TestRequest("HEAD", path))
        if answer.status == 200 { return }
        guard answer.status == 404 else { throw Refused(request: "HEAD \(path)", answer: answer) }
        if isWhole { return try await push(blob, to: repository) }
        let location = try await start(in: repository)
        let half = blob.bytes.count / 2
        try await patch(location, Array(blob.bytes[..<half]), at: 0)
        try await finish(location, blob.digest, Array(blob.bytes[half...]))
    }
}
