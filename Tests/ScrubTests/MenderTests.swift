import BlobStorage
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Upkeep

@testable import Metadata

/// Whoever is asked for the bytes of a damaged blob.
@Suite struct MenderTests {
    /// Has bytes, or none, or fails.
    final class Mender: BlobMender {
        struct Away: Error {}

        let name: String
        private let bytes: [UInt8]?
        private let fails: Bool
        private let asked = Mutex<[[RepositoryName]]>([])

        init(_ name: String, _ bytes: [UInt8]?, fails: Bool = false) {
            (self.name, self.bytes, self.fails) = (name, bytes, fails)
        }

        var questions: [[RepositoryName]] { asked.withLock { $0 } }

        func bytes(of blob: BlobFact, heldBy repositories: [RepositoryName]) async throws -> (any ByteStream)? {
            asked.withLock { $0.append(repositories) }
            if fails { throw Away() }
            return bytes.map { BytesBody(ByteBuffer(bytes: $0)) }
        }
    }

    @Test func `the first that has the bytes mends the blob at once`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 30)
            try await house.registry.push(image, to: house.app, tags: "1")
            try await house.registry.push(image, to: house.other, tags: "1")
            try await house.damage(image.layer, .flipped)
            let menders = [
                Mender("away", nil, fails: true), Mender("empty", nil), Mender("backup", image.layer.bytes),
                Mender("unasked", image.layer.bytes),
            ]
            let report = try await house.run(menders: menders)
            #expect((report.damageCount, report.mendedCount) == (1, 1))
            #expect(menders.map(\.questions.count) == [1, 1, 1, 0])
            #expect(menders[2].questions == [[house.app, house.other]])
            #expect(house.found.digests(.damaged) == [image.layer.digest])
            #expect(house.found.digests(.mended) == [image.layer.digest])
            for repository in [house.app, house.other] {
                try await house.registry.demandWhole(image.layer, in: repository)
            }
            #expect(try await house.noted() == [])
            try await house.demandExactUsage()
        }
    }

    @Test func `bytes of another digest, or too many, mend nothing and leave nothing`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 31)
            try await house.registry.push(image, to: house.app, tags: "1")
            try await house.damage(image.layer, .missing)
            for bytes in [Array(image.layer.bytes.reversed()), image.layer.bytes + [0], []] {
                let report = try await house.run(menders: [Mender("liar", bytes)])
                #expect(report.mendedCount == 0)
            }
            #expect(try await !house.has(image.layer, house.app))
            #expect(try await house.stores.facts.read { try $0.uploads(after: nil, limit: 10) }.isEmpty)
            let page = try await house.faults.base.list(after: nil, limit: 100)
            #expect(page.entries.count == 2, "the damaged one is still there, and nothing else")
            #expect(try await house.run(menders: [Mender("late", image.layer.bytes)]).mendedCount == 1)
            try await house.registry.demandWhole(image.layer, in: house.app)
            try await house.demandExactUsage()
        }
    }
}
