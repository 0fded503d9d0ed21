import OCI
import RegistryContract
import RegistryTesting
import Testing

/// A client that pushes, pulls and deletes at random, and knows which of its manifests are there.
///
/// Blobs are shared by all lanes and repositories; manifests are its own, so that nobody else deletes them.
actor RandomLane {
    /// How often what was done.
    struct Tally {
        var pushes = 0
        var refusals = 0
        var skips = 0
        var mounts = 0
        var pulls = 0
        var deletions = 0
        var strays = 0

        mutating func add(_ other: Tally) {
            pushes += other.pushes
            refusals += other.refusals
            skips += other.skips
            mounts += other.mounts
            pulls += other.pulls
            deletions += other.deletions
            strays += other.strays
        }
    }

    /// A manifest of this lane that is there.
    private struct Held {
        var repository: RepositoryName
        var manifest: SampleManifest
        var blobs: [SampleBlob]
    }

    /// The blobs that all lanes push, again and again.
    private static let pool = (0..<24).map { SampleBlob(count: 200 + 37 * $0, seed: 5000 + UInt64($0)) }
    /// Those that are pushed seldom, so that they go meanwhile.
    private static let rarePool = (0..<400).map { SampleBlob(count: 100 + $0, seed: 8000 + UInt64($0)) }
    private static let type = "application/vnd.oci.image.layer.v1.tar+gzip"

    private let number: Int
    private let registry: any Registry
    /// For how long an answer holds.
    private let promise: Duration
    private let repositories: [RepositoryName]
    private var random: SeededGenerator
    private var held: [Held] = []
    private var pushCount = 0
    private(set) var tally = Tally()

    init(number: Int, registry: any Registry, promise: Duration) throws {
        (self.number, self.registry, self.promise) = (number, registry, promise)
        repositories = try ["team/a", "team/b", "team/c"].map { try RepositoryName($0) }
        random = SeededGenerator(seed: TestSeed.round(number))
    }

    /// The blobs that its manifests need.
    var neededBlobs: [SampleBlob] { held.flatMap(\.blobs) }

    /// Does something.
    func act() async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<45: try await push()
        case ..<65: try await pull()
        case ..<88: try await delete()
        default: try await stray()
        }
    }

    /// Throws unless all that it knows to be there is there, whole.
    func demandWhole() async throws {
        for one in held { try await demandWhole(one) }
    }

    private func demandWhole(_ one: Held) async throws {
        do {
            try await registry.demandWhole(one.manifest, as: one.manifest.digest, in: one.repository)
            for blob in one.blobs { try await registry.demandWhole(blob, in: one.repository) }
        } catch {
            Issue.record("lane \(number), \(one.repository), TEST_SEED=\(TestSeed.run): \(error)")
            throw error
        }
    }

    private func push() async throws {
        guard held.count < 12, let repository = repositories.randomElement(using: &random) else {
            return try await delete()
        }
        pushCount += 1
        var blobs = Array(Self.pool.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
        if let rare = Self.rarePool.randomElement(using: &random) { blobs.append(rare) }
        let manifest = manifest(of: blobs)
        let begun = ContinuousClock.now
        for blob in blobs { try await bring(blob, to: repository) }
        do {
            let tags = Bool.random(using: &random) ? ["lane\(number)-\(pushCount % 5)"] : []
            let push = try manifest.push(tags: tags.map { try Tag($0) })
            _ = try await registry.putManifest(push, in: repository)
        } catch let error as RegistryError where error.code == .manifestBlobUnknown {
            // Only for a client that took longer than what it was told holds.
            let duration = ContinuousClock.now - begun
            #expect(duration > promise * 0.9, "\(error), after \(duration), TEST_SEED=\(TestSeed.run)")
            tally.refusals += 1
            return
        }
        tally.pushes += 1
        guard ContinuousClock.now - begun < promise * 0.9 else {
            // An index may be pushed without its children: these may have gone meanwhile.
            return try await registry.deleteManifest(manifest.name, in: repository)
        }
        held.append(Held(repository: repository, manifest: manifest, blobs: blobs))
    }

    /// An image, or an index of blobs as some build tools keep their cache.
    private func manifest(of blobs: [SampleBlob]) -> SampleManifest {
        let note = #","annotations":{"lane":"\#(number)","push":"\#(pushCount)"}"#
        let layers = blobs.dropFirst().map { $0.descriptor(Self.type) }
        guard Int.random(in: 0..<5, using: &random) > 0 else {
            return .index(of: blobs.map { $0.descriptor(Self.type) }, extra: note)
        }
        let config = blobs[0].descriptor("application/vnd.oci.image.config.v1+json")
        return .image(config: config, layers: layers, extra: note)
    }

    /// Sees to it that a repository has a blob, as clients do: it asks, mounts, or uploads.
    private func bring(_ blob: SampleBlob, to repository: RepositoryName) async throws {
        if try await isThere(blob, in: repository) {
            tally.skips += 1
            return
        }
        if Bool.random(using: &random), let source = repositories.randomElement(using: &random), source != repository,
            try await registry.mountBlob(blob.name, from: .repository(source), into: repository)
        {
            tally.mounts += 1
            return
        }
        try await registry.push(blob, to: repository)
    }

    private func isThere(_ blob: SampleBlob, in repository: RepositoryName) async throws -> Bool {
        do {
            return try await registry.blobByteCount(blob.name, in: repository) == Int64(blob.bytes.count)
        } catch let error as RegistryError where [.blobUnknown, .nameUnknown].contains(error.code) {
            return false
        }
    }

    private func pull() async throws {
        guard let one = held.randomElement(using: &random) else { return }
        try await demandWhole(one)
        tally.pulls += 1
    }

    private func delete() async throws {
        guard let index = held.indices.randomElement(using: &random) else { return }
        let one = held.remove(at: index)
        try await registry.deleteManifest(one.manifest.name, in: one.repository)
        tally.deletions += 1
    }

    /// Leaves a blob without a manifest, or an upload that is given up.
    private func stray() async throws {
        guard let blob = Self.pool.randomElement(using: &random),
            let repository = repositories.randomElement(using: &random)
        else { return }
        tally.strays += 1
        guard Bool.random(using: &random) else {
            try await registry.push(blob, to: repository)
            return
        }
        let id = try await registry.startUpload(in: repository, algorithm: .sha256).id
        _ = try await registry.append(blob.body(0..<100), to: id, at: 0, in: repository)
        try await registry.cancelUpload(id, in: repository)
    }
}
