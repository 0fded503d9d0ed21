import Foundation
import RegistryTesting
import Testing

/// Three servers over one PostgreSQL and one bucket, behind nginx, which gives each request to the next of them.
@Suite("Replicas behind nginx", .serialized)
struct ReplicaTests {
    private static func with(_ body: (ReplicaSet, ServerClient) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let replicas = try await ReplicaSet.start(in: folder.path)
        do {
            try await body(replicas, try ServerClient(authority: replicas.authority, timeout: .seconds(60)))
        } catch {
            print(replicas.log)
            await replicas.stop()
            throw error
        }
        #expect(await replicas.stop(), "a replica did not end in order")
    }

    @Test("An upload goes to another replica with each chunk")
    func uploadMovesOn() async throws {
        let chunkCount = TestSeed.count(12, soaking: 128, of: "chunks of 8 MiB")
        try await Self.with { replicas, client in
            let blob = SampleBlob(count: chunkCount * 8 << 20, seed: 700)
            let location = try await client.start(in: "team/app")
            for chunk in 0..<chunkCount {
                let start = chunk * 8 << 20
                try await client.patch(location, Array(blob.bytes[start..<start + 8 << 20]), at: start)
                #expect(try await client.offset(of: location) == start + 8 << 20)
            }
            try await client.finish(location, blob.digest)
            let asked = try replicas.portsAsked(for: "PATCH")
            #expect(asked.count == chunkCount)
            // A question comes between two chunks: of three replicas, the next chunk goes to another one than the last.
            #expect(zip(asked, asked.dropFirst()).allSatisfy { $0 != $1 }, "\(asked)")
            for _ in 0..<replicas.count {
                try await client.demand("/v2/team/app/blobs/\(blob.digest)", is: blob.digest)
            }
        }
    }

    @Test("A tag that was moved is seen at every replica by the next request")
    func movedTag() async throws {
        try await Self.with { replicas, client in
            for seed in 0..<20 {
                let image = SampleImage(seed: 710 + UInt64(seed), layerSize: 2000)
                for blob in image.blobs { try await client.push(blob, to: "team/app") }
                try await client.push(image.manifest, to: "team/app", as: "latest")
                for _ in 0..<replicas.count {
                    try await client.demand("/v2/team/app/manifests/latest", is: image.manifest.digest)
                }
            }
        }
    }

    private static func image(_ number: Int) -> SampleImage {
        SampleImage(seed: 10_000 + UInt64(number), layerSize: 200_000)
    }

    /// Pushes an image while something happens to a replica; whether the push was acknowledged.
    private static func push(
        _ image: SampleImage,
        _ tag: String,
        _ client: ServerClient,
        _ replicas: ReplicaSet,
        during fault: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await fault() }
            var isPushed = true
            do {
                try await client.push(image, to: "team/app", tag: tag)
            } catch {
                isPushed = false
            }
            try await tasks.waitForAll()
            return isPushed
        }
    }

    @Test(
        "Replicas are killed while images are pushed: what was acknowledged is whole, and pushing once more is enough"
    )
    func killed() async throws {
        let pushCount = TestSeed.count(40, soaking: 500, of: "pushes under which replicas are killed")
        try await Self.with { replicas, client in
            var random = SeededGenerator(seed: TestSeed.run)
            let victims = (0..<pushCount).map { _ in Int.random(in: 0..<replicas.count, using: &random) }
            let delays = (0..<pushCount).map { _ in Int.random(in: 0...400, using: &random) }
            var failures = 0
            for number in 0..<pushCount {
                let image = Self.image(number)
                let isPushed = try await Self.push(image, "t\(number)", client, replicas) {
                    try await Task.sleep(for: .milliseconds(delays[number]))
                    await replicas.killReplica(victims[number])
                    try await replicas.startReplica(victims[number])
                }
                guard !isPushed else { continue }
                failures += 1
                try await client.push(image, to: "team/app", tag: "t\(number)")
            }
            for number in 0..<pushCount {
                try await client.demand(Self.image(number), in: "team/app", as: "t\(number)")
            }
            print("\(pushCount) pushes, \(failures) of them failed and were done by the second")
        }
    }
}

extension ServerClient {
    /// Pushes an image as a client does: what the repository holds already is not sent again.
    func push(_ image: SampleImage, to repository: String, tag: String) async throws {
        for blob in image.blobs {
            let request = TestRequest("HEAD", "/v2/\(repository)/blobs/\(blob.digest)")
            if try await http.send(request).status == 200 { continue }
            let location = try await start(in: repository)
            let half = blob.bytes.count / 2
            try await patch(location, Array(blob.bytes[..<half]), at: 0)
            try await finish(location, blob.digest, Array(blob.bytes[half...]))
        }
        try await push(image.manifest, to: repository, as: tag)
    }
}
