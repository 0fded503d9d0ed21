import Hosting
import OCI
import RegistryContract
import RegistryTesting

@testable import Metadata

/// What is deleted whole, comes back, or goes for good.
extension QuotaPlayer {
    func goThroughTrash() async throws -> String {
        switch Int.random(in: 0..<10, using: &random) {
        case ..<3:
            guard let name = repositories.randomElement(using: &random) else { return "nothing" }
            try await house.deleteRepository(name)
            tally.deletions += 1
            return "delete \(name)"
        case ..<8: return try await restore()
        default:
            guard let entry = try await house.trash().randomElement(using: &random) else { return "no purge" }
            _ = try await house.stores.facts.write { try $0.purgeTrash(entry.id) }
            // A repository goes in steps, between which other things happen.
            _ = try await house.stores.facts.write { try $0.purgeDueTrash() }
            return "purge \(entry.kind) \(entry.name)"
        }
    }

    private func restore() async throws -> String {
        guard let entry = try await house.trash().randomElement(using: &random) else { return "no restoration" }
        let goesElsewhere = entry.kind == .repository && Bool.random(using: &random)
        let name = goesElsewhere ? repositories.randomElement(using: &random) : nil
        let what = "restore \(entry.kind) \(entry.name) to \(name.map { "\($0)" } ?? "its place")"
        do {
            try await house.restore(entry, TrashReturn(name: name, movesTags: Bool.random(using: &random)))
            tally.restorations += 1
            return what
        } catch is QuotaExceeded {
            tally.refusals += 1
            return "\(what), refused"
        } catch is TrashRefusal {
            return "\(what), not now"
        }
    }
}

extension QuotaHouse {
    /// All entries of the trash, the newest first.
    func trash() async throws -> [TrashFact] {
        try await stores.facts.read { try $0.trash(of: nil, before: nil, limit: 1000) }
    }

    func deleteRepository(_ name: RepositoryName) async throws {
        let moment = stores.clock.now()
        defer { host.forgetNames() }
        _ = try await stores.facts.write {
            try $0.trashRepository(name, at: moment, by: "user:tester", keeping: .seconds(3600))
        }
    }

    func restore(_ entry: TrashFact, _ way: TrashReturn = TrashReturn()) async throws {
        let moment = stores.clock.now()
        defer { host.forgetNames() }
        _ = try await stores.facts.write { try $0.restore(entry.id, way, at: moment, by: "user:tester") }
    }

    /// Brings back what was deleted last.
    func restoreNewest(as name: RepositoryName? = nil) async throws {
        guard let newest = try await trash().first else { return }
        try await restore(newest, TrashReturn(name: name))
    }

    /// Lets all that is in the trash go for good.
    func purgeTrash() async throws {
        defer { host.forgetNames() }
        for entry in try await trash() where entry.repositoryEntry == nil || entry.kind == .repository {
            _ = try await stores.facts.write { try $0.purgeTrash(entry.id) }
        }
        while try await stores.facts.write({ try $0.purgeDueTrash() }).rows > 0 {}
    }
}
