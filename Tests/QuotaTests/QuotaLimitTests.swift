import BlobStorage
import Metadata
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// What a quota counts and refuses, seen from outside.
@Suite struct QuotaLimitTests {
    private static func size(_ images: [SampleImage]) -> Int64 {
        images.reduce(0) { sum, image in
            sum + Int64(image.manifest.bytes.count) + image.blobs.reduce(0) { $0 + Int64($1.bytes.count) }
        }
    }

    @Test func `a blob counts once in each scope, a manifest in each repository, and all goes again`() async throws {
        try await QuotaHouse.with { house in
            let scopes: [QuotaScope] = [
                .installation, .project("team"), .project("team/sub"), .repository(house.app),
            ]
            for scope in scopes { try await house.set(scope) }
            let image = SampleImage(seed: 1)
            for name in [house.app, house.other, house.outside] {
                try await house.registry.push(image, to: name, tags: "a", "b")
            }
            let (whole, manifest) = (Self.size([image]), Int64(image.manifest.bytes.count))
            #expect(
                try await house.used(.installation)
                    == QuotaAmounts(bytes: whole + 2 * manifest, tags: 6, repositories: 3)
            )
            #expect(
                try await house.used(.project("team"))
                    == QuotaAmounts(bytes: whole + manifest, tags: 4, repositories: 2)
            )
            #expect(
                try await house.used(.project("team/sub")) == QuotaAmounts(bytes: whole, tags: 2, repositories: 1)
            )
            #expect(
                try await house.used(.repository(house.app)) == QuotaAmounts(bytes: whole, tags: 2, repositories: 1)
            )
            try await house.demandExact()
            for name in [house.app, house.other, house.outside] {
                try await house.registry.deleteManifest(image.manifest.name, in: name)
                try await house.demandExact()
            }
            try await house.collect()
            try await house.demandExact()
            #expect(try await house.used(.installation) == QuotaAmounts(repositories: 3))
            #expect(try await house.used(.project("team")) == QuotaAmounts(repositories: 2))
        }
    }

    @Test func `a refusal says what nothing needs and what only the trash needs`() async throws {
        try await QuotaHouse.with(trashTime: .seconds(3600)) { house in
            for scope in [QuotaScope.project("team"), .repository(house.app)] {
                try await house.set(scope, QuotaLimits(bytes: 9000))
                let (image, idle) = (SampleImage(seed: 1), SampleBlob(count: 3000, seed: 2))
                try await house.registry.push(image, to: house.app)
                try await house.registry.push(idle, to: house.app)
                let large = SampleBlob(count: 8000, seed: 3)
                func sentence() async throws -> String {
                    let refusal = try await house.refusal { try await house.registry.push(large, to: house.app) }
                    return refusal?.message ?? ""
                }
                let first = try await sentence()
                #expect(first.contains("; 3000 bytes are needed by nothing any more and go by themselves; delete"))
                try await house.registry.deleteManifest(image.manifest.name, in: house.app)
                let bytes = image.blobs.reduce(0) { $0 + $1.bytes.count }
                let second = try await sentence()
                #expect(second.contains("; \(bytes) bytes are only in the trash: purge it; delete"), "\(second)")
                try await house.purgeTrash()
                let third = try await sentence()
                #expect(third.contains("; \(3000 + bytes) bytes are needed by nothing any more"), "\(third)")
                _ = try await house.stores.facts.write { try $0.deleteQuota(of: scope) }
                try await house.collect()
            }
        }
    }

    @Test func `the installation says what waits to be given up`() async throws {
        try await QuotaHouse.with { house in
            try await house.set(.installation, QuotaLimits(bytes: 5000))
            let blob = SampleBlob(count: 3000, seed: 1)
            try await house.registry.push(blob, to: house.app)
            let large = SampleBlob(count: 2500, seed: 2)
            func sentence() async throws -> String {
                try await house.refusal { try await house.registry.push(large, to: house.app) }?.message ?? ""
            }
            let first = try await sentence()
            #expect(first.contains("2000 bytes are left; delete what is not needed"), "\(first)")
            try await house.registry.deleteBlob(Digest(blob.digest), in: house.app)
            let second = try await sentence()
            #expect(second.contains("; at least 3000 bytes are needed by nothing any more and go by"), "\(second)")
        }
    }

    @Test func `a push that is too much is refused with what is left, and leaves nothing`() async throws {
        try await QuotaHouse.with { house in
            try await house.set(.project("team"), QuotaLimits(bytes: 5000))
            let (small, large) = (SampleBlob(count: 3000, seed: 1), SampleBlob(count: 2500, seed: 2))
            try await house.registry.push(small, to: house.app)
            let used = try await house.used(.project("team"))
            let refusal = try await house.refusal { try await house.registry.push(large, to: house.app) }
            #expect(
                refusal?.message.hasPrefix(
                    "the quota of the project team is used up: 3000 bytes of 5000 bytes are used, this needs 2500 bytes"
                        + " and 2000 bytes are left;"
                ) == true,
                "\(refusal?.message ?? "")"
            )
            #expect(try await house.used(.project("team")) == used)
            try await house.demandExact()
            #expect(try await house.stores.facts.read { try $0.uploads(after: nil, limit: 9) } == [])
            #expect(try await house.stores.blobs.list(after: nil, limit: 9).entries.count == 1)
            // What is shared takes nothing more, elsewhere there is no limit, and what goes makes room.
            try await house.registry.push(small, to: house.other)
            try await house.registry.push(large, to: house.outside)
            #expect(
                try await house.refusal {
                    _ = try await house.registry.mountBlob(large.name, from: .anywhere, into: house.app)
                } != nil
            )
            for name in [house.app, house.other] { try await house.registry.deleteBlob(small.name, in: name) }
            #expect(try await house.registry.mountBlob(large.name, from: .anywhere, into: house.app))
            try await house.demandExact()
        }
    }

    @Test func `bytes of which the size is not said are refused at the end, and dropped`() async throws {
        try await QuotaHouse.with { house in
            try await house.set(.repository(house.app), QuotaLimits(bytes: 1000))
            let blob = SampleBlob(count: 1001, seed: 1)
            let id = try await house.registry.startUpload(in: house.app, algorithm: .sha256).id
            _ = try await house.registry.append(blob.body(), to: id, at: 0, in: house.app)
            let refusal = try await house.refusal {
                _ = try await house.registry.finishUpload(
                    id,
                    appending: nil,
                    at: nil,
                    expecting: blob.name,
                    in: house.app
                )
            }
            #expect(refusal != nil)
            #expect(try await house.stores.facts.read { try $0.uploads(after: nil, limit: 9) } == [])
            #expect(try await house.stores.blobs.list(after: nil, limit: 9).entries.count == 0)
            try await house.demandExact()
            try await house.registry.push(SampleBlob(count: 1000, seed: 2), to: house.app)
            try await house.demandExact()
        }
    }

    @Test func `a large blob is refused before its bytes come, but not one that counts already`() async throws {
        try await QuotaHouse.with { house in
            let (blob, other) = (SampleBlob(count: 2 << 20, seed: 1), SampleBlob(count: (1 << 20) + 1, seed: 2))
            try await house.set(.project("team"), QuotaLimits(bytes: 3 << 20))
            try await house.registry.push(blob, to: house.app)
            // Whose bytes would never come.
            let id = try await house.registry.startUpload(in: house.app, algorithm: .sha256).id
            let refusal = try await house.refusal {
                _ = try await house.registry.finishUpload(
                    id,
                    appending: UnreadBody(declaredByteCount: (1 << 20) + 1),
                    at: 0,
                    expecting: other.name,
                    in: house.app
                )
            }
            #expect(refusal?.message.contains("1.0 MiB (1048577 bytes) and 1.0 MiB (1048576 bytes) are left") == true)
            #expect(try await house.stores.facts.read { try $0.uploads(after: nil, limit: 9) } == [])
            try await house.registry.push(blob, to: house.other)
            try await house.demandExact()
        }
    }

    /// A body that nobody may read.
    private struct UnreadBody: ByteStream {
        let declaredByteCount: Int64?
        let batchByteCount = 1 << 16

        func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
            Issue.record("the bytes were asked for")
            return nil
        }
    }

    @Test func `tags and repositories have limits as well; a tag that moves takes nothing`() async throws {
        try await QuotaHouse.with { house in
            try await house.set(.project("team"), QuotaLimits(tags: 2, repositories: 1))
            let images = (1...2).map { SampleImage(seed: $0) }
            try await house.registry.push(images[0], to: house.app, tags: "a", "b")
            try await house.registry.push(images[1], to: house.app, tags: "a", "b")
            let third = try await house.refusal {
                try await house.registry.push(images[0], to: house.app, tags: "c")
            }
            #expect(third?.message.contains("2 tags of 2 tags are used") == true)
            try await house.registry.deleteTag(Tag("b"), in: house.app)
            try await house.registry.push(images[0], to: house.app, tags: "c")
            let second = try await house.refusal { try await house.registry.push(images[0], to: house.other) }
            #expect(second?.message.contains("1 repositories of 1 repositories") == true)
            try await house.registry.push(images[0], to: house.outside, tags: "a", "b", "c")
            try await house.demandExact()
        }
    }

    @Test func `a limit below what is used refuses until enough has gone, and a larger one lets in at once`()
        async throws
    {
        try await QuotaHouse.with { house in
            let blobs = (1...6).map { SampleBlob(count: 1000, seed: UInt64($0)) }
            try await house.set(.project("team"), QuotaLimits(bytes: 100_000))
            for blob in blobs.prefix(4) { try await house.registry.push(blob, to: house.app) }
            try await house.set(.project("team"), QuotaLimits(bytes: 2500))
            #expect(try await house.refusal { try await house.registry.push(blobs[4], to: house.app) } != nil)
            for blob in blobs.prefix(2) {
                try await house.registry.deleteBlob(blob.name, in: house.app)
                #expect(try await house.refusal { try await house.registry.push(blobs[4], to: house.app) } != nil)
                try await house.demandExact()
            }
            try await house.registry.deleteBlob(blobs[2].name, in: house.app)
            try await house.registry.push(blobs[4], to: house.app)
            #expect(try await house.refusal { try await house.registry.push(blobs[5], to: house.app) } != nil)
            try await house.set(.project("team"), QuotaLimits(bytes: 3000))
            try await house.registry.push(blobs[5], to: house.app)
            try await house.demandExact()
            try await house.set(.project("team"))
            try await house.registry.push(SampleBlob(count: 50_000, seed: 9), to: house.app)
            try await house.demandExact()
        }
    }

    @Test func `it is warned once for each crossing`() async throws {
        try await QuotaHouse.with { house in
            _ = try await house.stores.facts.write { try $0.registerEventConsumer("listener") }
            try await house.set(.project("team"), QuotaLimits(bytes: 1000), warnPercent: 50)
            let blob = SampleBlob(count: 600, seed: 1)
            for _ in 0..<2 {
                #expect(try await house.upkeep().warned == [])
                try await house.registry.push(blob, to: house.app)
                #expect(try await house.upkeep().warned.map(\.scope) == [.project("team")])
                #expect(try await house.upkeep().warned == [])
                try await house.registry.deleteBlob(blob.name, in: house.app)
                #expect(try await house.upkeep().warned == [])
            }
            let claim = try await house.stores.facts.write { facts in
                let consumer = try #require(try facts.eventConsumers().first)
                return try facts.eventCounts(of: consumer.id, upTo: 100)
            }
            #expect(claim.waiting == 2)
        }
    }
}
