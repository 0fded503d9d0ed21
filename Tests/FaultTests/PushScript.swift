import Hosting
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// What clients do in an hour, in a few steps, and what was acknowledged of it.
///
/// It goes once through every way that bytes and facts take: in chunks with checkpoints, in one go, the same bytes
/// again, a mount, another algorithm than was begun with, a wrong digest, a cancellation, a tag that moves and one that
/// goes, an upload that is left unfinished.
struct PushScript {
    /// How much comes between two checkpoints of the hosts that it runs on, in bytes.
    static let checkpointByteCount: Int64 = 1500

    private let app: RepositoryName
    private let other: RepositoryName
    private let image: SampleImage
    private let crossed: SampleBlob
    private let unfinished: SampleBlob

    /// The blobs that a repository was acknowledged to hold.
    private(set) var blobs: [(SampleBlob, RepositoryName)] = []
    /// The tags, and what they were acknowledged to point to last; nil is nothing.
    private(set) var tags: [String: SampleManifest?] = [:]
    /// The tags whose move was begun and not acknowledged: they may point there or not.
    private(set) var moving: Set<String> = []
    /// The upload that is left, and how much of it was acknowledged.
    private(set) var left: (id: UploadID, offset: Int64)?

    /// A script over repositories of a project; other ones do not meet it.
    init(project: String = "team", seed: UInt64 = 1) throws {
        app = try RepositoryName("\(project)/app")
        other = try RepositoryName("\(project)/other")
        image = SampleImage(seed: seed, layerSize: 6000)
        crossed = SampleBlob(count: 3000, seed: seed + 1000, algorithm: .sha512)
        unfinished = SampleBlob(count: 5000, seed: seed + 2000)
    }

    /// Does all of it, until something fails.
    mutating func run(on registry: any Registry) async throws {
        try await pushInChunks(registry, image.layer, .sha256)
        try await pushAtOnce(registry, image.config, to: app)
        try await tag(registry, image.manifest, as: "1", in: app)
        let second = RegistryRules.index(2)
        try await tag(registry, second, as: "2", in: app)
        try await tag(registry, image.manifest, as: "2", in: app)
        try await pushAtOnce(registry, image.config, to: other)
        guard try await registry.mountBlob(image.layer.name, from: .repository(app), into: other) else {
            throw Surprise("what was acknowledged cannot be mounted")
        }
        blobs.append((image.layer, other))
        try await tag(registry, image.manifest, as: "1", in: other)
        try await pushInChunks(registry, crossed, .sha256)
        try await pushWrongly(registry)
        try await cancel(registry)
        moving.insert("\(app):1")
        try await registry.deleteTag(Tag("1"), in: app)
        tags["\(app):1"] = .some(nil)
        moving.remove("\(app):1")
        try await leaveUnfinished(registry)
    }

    // MARK: - Steps

    private mutating func pushInChunks(
        _ registry: any Registry,
        _ blob: SampleBlob,
        _ algorithm: Digest.Algorithm
    ) async throws {
        let id = try await registry.startUpload(in: app, algorithm: algorithm).id
        let pieces = [0..<1000, 1000..<2000].map { ScriptedBody.Step.bytes(Array(blob.bytes[$0])) }
        _ = try await registry.append(ScriptedBody(pieces), to: id, at: 0, in: app)
        let last = ScriptedBody(
            [2000..<2500, 2500..<blob.bytes.count].map { .bytes(Array(blob.bytes[$0])) },
            declaring: Int64(blob.bytes.count - 2000)
        )
        _ = try await registry.finishUpload(id, appending: last, at: 2000, expecting: blob.name, in: app)
        blobs.append((blob, app))
    }

    private mutating func pushAtOnce(
        _ registry: any Registry,
        _ blob: SampleBlob,
        to repository: RepositoryName
    ) async throws {
        try await registry.push(blob, to: repository)
        blobs.append((blob, repository))
    }

    private mutating func tag(
        _ registry: any Registry,
        _ manifest: SampleManifest,
        as tag: String,
        in repository: RepositoryName
    ) async throws {
        moving.insert("\(repository):\(tag)")
        try await registry.push(manifest, to: repository, tags: tag)
        tags["\(repository):\(tag)"] = manifest
        moving.remove("\(repository):\(tag)")
    }

    private func pushWrongly(_ registry: any Registry) async throws {
        let id = try await registry.startUpload(in: app, algorithm: .sha256).id
        _ = try await registry.append(unfinished.body(0..<2000), to: id, at: 0, in: app)
        do {
            _ = try await registry.finishUpload(id, appending: nil, at: nil, expecting: unfinished.name, in: app)
            throw Surprise("a wrong digest was acknowledged")
        } catch let error as RegistryError where error.code == .digestMismatch {}
    }

    private func cancel(_ registry: any Registry) async throws {
        let id = try await registry.startUpload(in: app, algorithm: .sha256).id
        _ = try await registry.append(unfinished.body(0..<2000), to: id, at: 0, in: app)
        try await registry.cancelUpload(id, in: app)
    }

    private mutating func leaveUnfinished(_ registry: any Registry) async throws {
        let id = try await registry.startUpload(in: app, algorithm: .sha256).id
        left = (id, 0)
        left = (id, try await registry.append(unfinished.body(0..<2000), to: id, at: 0, in: app).offset)
        left = (id, try await registry.append(unfinished.body(2000..<3000), to: id, at: 2000, in: app).offset)
    }

    // MARK: - Looking

    /// Throws unless all that was acknowledged is whole, and the upload that is left can be finished from where it
    /// says that it stands.
    ///
    /// - Parameters:
    ///   - registry: The registry that is asked.
    ///   - mayBeDropped: Whether the disk has failed so that nobody knows which bytes of that upload it has.
    /// - Throws: What is not as it was acknowledged.
    func check(_ registry: any Registry, mayBeDropped: Bool = false) async throws {
        for (blob, repository) in blobs { try await registry.demandWhole(blob, in: repository) }
        for (name, manifest) in tags where !moving.contains(name) {
            let parts = name.split(separator: ":")
            let repository = try RepositoryName(parts[0])
            if let manifest {
                try await registry.demandWhole(manifest, as: String(parts[1]), in: repository)
                try await registry.demandWhole(manifest, as: manifest.digest, in: repository)
            } else {
                let found = try await registry.tags(in: repository, after: nil, limit: 100).elements
                guard !found.contains(where: { $0.description == parts[1] }) else {
                    throw Surprise("\(name) was deleted, and is back")
                }
            }
        }
        guard let left else { return }
        do {
            try await finish(left, registry)
        } catch let error as RegistryError where mayBeDropped && error.code == .uploadUnknown {}
    }

    private func finish(_ left: (id: UploadID, offset: Int64), _ registry: any Registry) async throws {
        let offset = try await registry.upload(left.id, in: app).offset
        guard offset >= left.offset else { throw Surprise("bytes of an upload that were acknowledged are lost") }
        let rest = unfinished.body(Int(offset)..<unfinished.bytes.count)
        _ = try await registry.finishUpload(left.id, appending: rest, at: offset, expecting: unfinished.name, in: app)
        try await registry.demandWhole(unfinished, in: app)
    }

    /// What a script did not count on.
    struct Surprise: Error, CustomStringConvertible {
        let description: String

        init(_ sentence: String) {
            description = sentence
        }
    }
}

extension TestStores {
    /// What a verification of everything finds.
    func findings() async throws -> [StorageVerification.Finding] {
        let (stream, sink) = AsyncStream.makeStream(of: StorageVerification.Finding.self)
        _ = try await StorageVerification(facts: facts, blobs: blobs) { sink.yield($0) }.run()
        sink.finish()
        return await stream.reduce(into: []) { $0.append($1) }
    }

    /// Throws unless nothing is damaged, all acknowledged pushes of the script are whole, and it can be done again.
    ///
    /// - Parameters:
    ///   - script: What was done.
    ///   - mayBeDropped: See ``PushScript/check(_:mayBeDropped:)``.
    ///   - mayLeaveGarbage: Whether the process may have ended between a commit and the removal of bytes that were
    ///     there already, or could not remove them.
    /// - Throws: What was found.
    func demandSound(
        after script: PushScript,
        mayBeDropped: Bool = false,
        mayLeaveGarbage: Bool = false
    ) async throws {
        let damage = try await findings().filter { $0.severity == .damage }
        guard damage.isEmpty else { throw PushScript.Surprise("\(damage)") }
        try await script.check(registry(), mayBeDropped: mayBeDropped)
        var again = try PushScript()
        try await again.run(on: registry(.init(checkpointByteCount: PushScript.checkpointByteCount)))
        try await again.check(registry())
        // Without uploads in progress nothing may be left of those that have ended, one way or another.
        _ = try await UploadSweep(facts: facts, blobs: blobs).run(before: Timestamp(microseconds: .max))
        let left = try await findings()
        guard left.count <= (mayLeaveGarbage ? 1 : 0), left.allSatisfy({ $0.severity == .garbage }) else {
            throw PushScript.Surprise("in the end: \(left)")
        }
    }
}
