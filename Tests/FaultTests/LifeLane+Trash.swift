import AdminClient
import AdminModel
import RegistryTesting
import Testing

/// What a lane does with the trash, with locks, and where nobody may write.
extension LifeLane {
    /// What of a repository is in the trash, the oldest first.
    func trash(of name: String) async throws -> [TrashEntry] {
        try await server.manage { try await $0.trash(of: name).all() }.filter { $0.within == nil }.reversed()
    }

    /// One entry of the trash of a repository, and which it is of all; throws unless there is what has to be.
    private func chooseTrash(of name: String, _ state: LifeState) async throws -> (entry: TrashEntry, place: Int)? {
        let entries = try await trash(of: name)
        let told = entries.map { LifeTrash($0) }
        try #require(
            told.elementsEqual(state.trash) { $0.isSame(as: $1) },
            "\(name): in the trash is \(told.map(\.text)) and not \(state.trash.map(\.text))"
        )
        return entries.indices.randomElement(using: &random).map { (entries[$0], $0) }
    }

    func restore(in name: String) async throws {
        guard let state = states[name], let (entry, place) = try await chooseTrash(of: name, state) else { return }
        if entry.kind == "repository" { return try await restoreRepository(entry, place) }
        guard let digest = entry.digest else { return }
        if entry.kind == "manifest" { return try await restoreManifest(entry, digest, state, place) }
        guard let tag = entry.tag, state.manifests.contains(digest) else { return }
        try await change(name, "restore of a tag", to: state.restoring(tag, to: digest, from: place)) {
            _ = try await server.manage { try await $0.restore(entry.id, RestoreRequest(movesTags: true)) }
        }
    }

    private func restoreManifest(
        _ entry: TrashEntry,
        _ digest: String,
        _ state: LifeState,
        _ place: Int
    ) async throws {
        let name = entry.repository
        let (after, tags, kept) = state.restoring(manifest: digest, from: place)
        let isBack = try await change(name, "restore", to: after) {
            let back = try await server.manage { try await $0.restore(entry.id) }
            try #require(
                Set(back.tags) == tags && Set(back.keptTags) == kept,
                "\(name), restore of \(digest): \(back), and not the tags \(tags), and \(kept) kept"
            )
        }
        guard isBack else { return }
        // What it says of itself may be more than it does.
        let differences = after.differences(of: try await look(name, among: [state, after]))
        try #require(differences.isEmpty, "\(name), after the restore of \(digest): \(differences)")
        try await demandReferrers(of: digest, in: name)
        if let subject = images[digest]?.subject { try await demandReferrers(of: subject, in: name) }
    }

    func deleteRepository(_ name: String) async throws {
        guard let state = states[name], !state.manifests.isEmpty else { return }
        let known = Set(graves.keys)
        let isDeleted = try await change(name, "deletion of a repository", to: state.deleted()) {
            _ = try await server.manage { try await $0.deleteRepository(name) }
        }
        guard isDeleted else { return }
        // The number may have been in an answer that was lost.
        let entries = try await persist { try await self.trash(of: name) }
        let entry = entries.first { $0.kind == "repository" && !known.contains($0.id) }
        var grave = state
        grave.trash.removeAll { $0.kind == "repository" }
        graves[try #require(entry?.id)] = grave
    }

    /// Brings a repository back under another name.
    private func restoreRepository(_ entry: TrashEntry, _ place: Int) async throws {
        guard states.count < 6, let grave = graves[entry.id] else { return }
        let (old, new) = (entry.repository, "lane\(number)/back\(entry.id)")
        let isBack = try await change(new, "restore of a repository", to: grave) {
            _ = try await server.manage { try await $0.restore(entry.id, RestoreRequest(repository: new)) }
        }
        guard isBack else { return states[new] = nil }
        graves[entry.id] = nil
        states[old] = states[old]?.without(trashAt: place)
    }

    func purge(in name: String) async throws {
        guard let state = states[name], let (entry, place) = try await chooseTrash(of: name, state),
            entry.kind != "repository"
        else { return }
        try await change(name, "purge", to: state.without(trashAt: place)) {
            try await server.manage { try await $0.purgeTrash(entry.id) }
        }
    }

    /// Purges all that the lane has in the trash.
    func purgeAll() async throws {
        for name in states.keys.sorted() {
            for entry in try await trash(of: name) { try await server.manage { try await $0.purgeTrash(entry.id) } }
            states[name]?.trash = []
        }
        graves = [:]
    }

    /// Locks a tag: it is then neither moved nor deleted.
    func lock(in name: String) async throws {
        guard let tag = states[name]?.tags.keys.sorted().randomElement(using: &random) else { return }
        do {
            _ = try await server.manage { try await $0.lock(NewTagLock(repository: name, tag: tag, reason: "random")) }
            try await server.client.send("DELETE", "/v2/\(name)/manifests/\(tag)", expecting: 403)
            count("lock")
        } catch let error where LifeWorld.isLost(error) {
            count("lost")
        }
        try await undo { try await self.server.manage { try await $0.unlock(tag, in: name) } }
    }

    /// Lets nobody write to what the lane owns, for a moment.
    func close(_ name: String) async throws {
        guard let tag = states[name]?.tags.keys.sorted().randomElement(using: &random) else { return }
        let scope = "lane\(number)"
        do {
            _ = try await server.manage { try await $0.setReadOnly(scope, ReadOnlyReason(reason: "random")) }
            try await server.client.send("DELETE", "/v2/\(name)/manifests/\(tag)", expecting: 403)
            count("read-only")
        } catch let error where LifeWorld.isLost(error) {
            count("lost")
        }
        try await undo { try await self.server.manage { try await $0.deleteReadOnly(scope) } }
    }

    /// Takes something back that may not be there.
    private func undo(_ request: () async throws -> Void) async throws {
        try await persist {
            do {
                try await request()
            } catch let error as AdminFailure where error.code == .notFound {}
        }
    }

    /// Asks until there is an answer.
    func persist<Value>(_ request: () async throws -> Value) async throws -> Value {
        for _ in 0..<20 {
            do {
                return try await request()
            } catch let error where LifeWorld.isLost(error) {
                try await server.demandBack()
            }
        }
        return try await request()
    }
}
