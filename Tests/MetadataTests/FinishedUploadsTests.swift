import OCI
import Testing

@testable import Metadata

/// The end of an upload, which makes it a blob.
@Suite(.everyEngine) struct FinishedUploadsTests {
    private static let first = Fixture.blob(1, byteCount: 10, key: "first")
    private static let second = Fixture.blob(1, byteCount: 10, key: "second")

    /// Begins an upload and ends it as a blob.
    private func push(
        _ blob: BlobFact,
        to name: RepositoryName,
        _ fixture: Fixture,
        standing: StandingBytes = .whole
    ) async throws -> BlobPlacement {
        try await begin("upload", in: name, fixture)
        return try await finish("upload", as: blob, in: name, fixture, standing)
    }

    private func begin(_ id: String, in name: RepositoryName, _ fixture: Fixture) async throws {
        let upload = Fixture.upload(id, in: name)
        try await fixture.facts.write { try $0.insertUpload(upload) }
    }

    private func finish(
        _ id: String,
        as blob: BlobFact,
        in name: RepositoryName,
        _ fixture: Fixture,
        _ standing: StandingBytes
    ) async throws -> BlobPlacement {
        try await fixture.facts.write { try $0.finishUpload(id, as: blob, in: name, standing: standing) }
    }

    @Test func `an upload ends as a blob that its repository may read, and is counted`() async throws {
        let fixture = try await Fixture()
        let other = try RepositoryName("team/new")
        for name in [fixture.name, other] {
            #expect(try await push(Self.first, to: name, fixture) == BlobPlacement(standing: Self.first))
            try await fixture.facts.read { (facts) throws in
                #expect(try facts.linkedBlob(Self.first.digest, in: name)?.blob == Self.first)
                #expect(try facts.upload("upload", in: name) == nil)
                #expect(try facts.usage() == Usage(blobCount: 1, byteCount: 10))
            }
        }
        #expect(try await fixture.facts.read { try $0.repositories(after: nil, limit: 9) } == [fixture.name, other])
    }

    @Test func `an upload that is not there ends as nothing`() async throws {
        let fixture = try await Fixture()
        await #expect(throws: NoSuchUpload.self) {
            _ = try await finish("upload", as: Self.first, in: RepositoryName("team/new"), fixture, .whole)
        }
        try await fixture.facts.read { (facts) throws in
            #expect(try facts.blobs(after: nil, limit: 9) == [])
            #expect(try facts.usage() == Usage(blobCount: 0, byteCount: 0))
            #expect(try facts.repositories(after: nil, limit: 9) == [fixture.name])
        }
    }

    @Test func `a blob that stands is to be looked at first, and the upload stays until then`() async throws {
        let fixture = try await Fixture()
        #expect(try await push(Self.first, to: fixture.name, fixture).standing == Self.first)
        let error = await #expect(throws: UnexaminedBlob.self) {
            _ = try await push(Self.second, to: fixture.name, fixture, standing: .unexamined)
        }
        #expect(error?.blob == Self.first)
        #expect(try await fixture.facts.read { try $0.upload("upload", in: fixture.name) } != nil)
        let placement = try await finish("upload", as: Self.second, in: fixture.name, fixture, .whole)
        #expect(placement == BlobPlacement(standing: Self.first))
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 1, byteCount: 10))
    }

    @Test func `a blob takes the place of one that nobody may read, unexamined`() async throws {
        let fixture = try await Fixture()
        #expect(try await push(Self.first, to: fixture.name, fixture).standing == Self.first)
        #expect(try await fixture.facts.write { try $0.unlink(Self.first.digest, in: fixture.repository) })
        let placement = try await push(Self.second, to: fixture.name, fixture, standing: .unexamined)
        #expect(placement == BlobPlacement(standing: Self.second, replaced: Self.first))
        #expect(
            try await fixture.facts.read { try $0.linkedBlob(Self.first.digest, in: fixture.name)?.blob } == Self.second
        )
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 1, byteCount: 10))
    }

    @Test func `a blob takes the place of one that was found to be damaged, whoever may read it`() async throws {
        let fixture = try await Fixture()
        let third = Fixture.blob(1, byteCount: 15, key: "third")
        #expect(try await push(Self.first, to: fixture.name, fixture).standing == Self.first)
        let damaged = StandingBytes.damaged(key: Self.first.key)
        let placement = try await push(Self.second, to: fixture.name, fixture, standing: damaged)
        #expect(placement == BlobPlacement(standing: Self.second, replaced: Self.first))
        // Somebody else has mended it since it was looked at: those bytes stand.
        let late = try await push(third, to: fixture.name, fixture, standing: damaged)
        #expect(late == BlobPlacement(standing: Self.second))
        let again = try await push(third, to: fixture.name, fixture, standing: .damaged(key: Self.second.key))
        #expect(again == BlobPlacement(standing: third, replaced: Self.second))
        #expect(try await fixture.facts.read { try $0.linkedBlob(third.digest, in: fixture.name)?.blob } == third)
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 1, byteCount: 15))
    }
}
