import OCI
import RegistryContract
import RegistryTesting

@testable import Metadata

/// A client, an operator and a collector in one, who do something at random.
actor QuotaPlayer {
    /// How often what was done.
    struct Tally {
        var pushes = 0
        var refusals = 0
        var deletions = 0
        var changes = 0
        var restorations = 0
    }

    private static let pool = (0..<16).map { SampleBlob(count: 100 + 61 * $0, seed: 8000 + UInt64($0)) }
    private static let type = "application/vnd.oci.image.layer.v1.tar+gzip"

    let house: QuotaHouse
    let repositories: [RepositoryName]
    private let scopes: [QuotaScope]
    var random: SeededGenerator
    private var held: [(RepositoryName, SampleManifest)] = []
    var tally = Tally()

    init(_ house: QuotaHouse, seed: UInt64) throws {
        self.house = house
        repositories = try ["team", "team/a", "team/b", "team/b/c", "other/a"].map { try RepositoryName($0) }
        scopes = [
            .installation, .project("team"), .project("team/b"), .repository(repositories[1]),
            .repository(repositories[0]),
        ]
        random = SeededGenerator(seed: seed)
    }

    /// Does something; what it was.
    func act() async throws -> String {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<40: return try await trying("push") { try await push() }
        case ..<48: return try await trying("mount") { try await mount() }
        case ..<60: return try await goThroughTrash()
        case ..<74: return try await trying("delete") { try await delete() }
        case ..<81:
            try await house.collect()
            return "collect"
        case ..<90: return try await change()
        default:
            // Counting may be cut off anywhere, and pushes go on in between.
            _ = try await house.stores.facts.write { facts in
                guard let quota = try facts.quotaToCount() else { return }
                _ = try facts.countQuota(quota, limit: 2)
            }
            return "count"
        }
    }

    private func trying(_ name: String, _ body: () async throws -> Void) async throws -> String {
        do {
            try await body()
            return name
        } catch let error as RegistryError where error.code == .quotaExceeded {
            tally.refusals += 1
            return "\(name), refused"
        } catch let error as RegistryError where [.blobInUse, .manifestBlobUnknown, .nameUnknown].contains(error.code) {
            return "\(name), \(error.code)"
        }
    }

    private func push() async throws {
        guard let repository = repositories.randomElement(using: &random) else { return }
        let blobs = Array(Self.pool.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
        for blob in blobs { try await house.registry.push(blob, to: repository) }
        let note = #","annotations":{"n":"\#(Int.random(in: 0..<30, using: &random))"}"#
        let manifest =
            Bool.random(using: &random)
            ? SampleManifest.image(
                config: blobs[0].descriptor(Self.type),
                layers: blobs.dropFirst().map { $0.descriptor(Self.type) },
                extra: note
            )
            : SampleManifest.index(of: blobs.map { $0.descriptor(Self.type) }, extra: note)
        let tags = Bool.random(using: &random) ? ["t\(Int.random(in: 0..<6, using: &random))"] : []
        _ = try await house.registry.putManifest(manifest.push(tags: tags.map { try Tag($0) }), in: repository)
        held.append((repository, manifest))
        tally.pushes += 1
    }

    private func mount() async throws {
        guard let repository = repositories.randomElement(using: &random),
            let blob = Self.pool.randomElement(using: &random)
        else { return }
        _ = try await house.registry.mountBlob(blob.name, from: .anywhere, into: repository)
    }

    private func delete() async throws {
        tally.deletions += 1
        if Int.random(in: 0..<4, using: &random) == 0 {
            guard let repository = repositories.randomElement(using: &random),
                let blob = Self.pool.randomElement(using: &random)
            else { return }
            do {
                try await house.registry.deleteBlob(blob.name, in: repository)
            } catch let error as RegistryError where [.blobUnknown, .nameUnknown].contains(error.code) {}
            return
        }
        guard let index = held.indices.randomElement(using: &random) else { return }
        let (repository, manifest) = held[index]
        do {
            if Bool.random(using: &random) {
                held.remove(at: index)
                try await house.registry.deleteManifest(manifest.name, in: repository)
            } else {
                try await house.registry.deleteTag(Tag("t\(Int.random(in: 0..<6, using: &random))"), in: repository)
            }
        } catch let error as RegistryError where error.code == .manifestUnknown {}
    }

    private func change() async throws -> String {
        tally.changes += 1
        guard let scope = scopes.randomElement(using: &random) else { return "nothing" }
        guard Int.random(in: 0..<5, using: &random) > 0 else {
            _ = try await house.stores.facts.write { try $0.deleteQuota(of: scope) }
            _ = try await house.stores.facts.write { try $0.clearQuotas(limit: 3) }
            return "remove"
        }
        let limits = QuotaLimits(
            bytes: Int.random(in: 0..<4, using: &random) > 0 ? Int64.random(in: 0..<8000, using: &random) : nil,
            tags: Bool.random(using: &random) ? Int64.random(in: 0..<6, using: &random) : nil,
            repositories: Bool.random(using: &random) ? Int64.random(in: 0..<5, using: &random) : nil
        )
        // Mostly as it was: where it changes, all is counted anew.
        let isTurned = Int.random(in: 0..<4, using: &random) == 0
        let countsTrash = try await house.stores.facts.write { facts in
            let known = try facts.quota(of: scope)?.countsTrash ?? true
            return try facts.setQuota(
                of: scope,
                to: limits,
                warnPercent: 80,
                countsTrash: known != isTurned
            ).countsTrash
        }
        return "set \(scope) to \(limits), trash \(countsTrash ? "counted" : "free")"
    }
}
