import AdminClient
import AdminModel
import RegistryTesting
import Testing

/// What a lane does with the trash, with locks, and where nobody may write.
extension LifeLane {
    /// What of a repository is in the trash, the newest first.
    func trash(of name: String) async throws -> [TrashEntry] {
        try await world.manage { try await $0.trash(of: name).all() }.filter { $0.within == nil }
    }

    func restore(in name: String) async throws {
        guard let state = states[name], let entry = try await trash(of: name).randomElement(using: &random) else {
            return
        }
        if entry.kind == "repository" { return try await restoreRepository(entry) }
        guard let digest = entry.digest else { return }
        if entry.kind == "manifest" { return try await restoreManifest(entry, digest, state) }
        guard let tag = entry.tag, state.manifests.contains(digest) else { return }
        var after = state.without("tag \(tag) \(digest)")
        after.tags[tag] = digest
        try await change(name, "restore of a tag", to: after) {
            _ = try await world.manage { try await $0.restore(entry.id, RestoreRequest(movesTags: true)) }
        }
    }

    private func restoreManifest(_ entry: TrashEntry, _ digest: String, _ state: LifeState) async throws {
        let name = entry.repository
        var isLost = false
        do {
            let back = try await world.manage { try await $0.restore(entry.id) }
            for tag in back.tags { try #require(state.tags[tag] == nil || state.tags[tag] == digest) }
            count("restore")
        } catch let error where LifeWorld.isLost(error) {
            count("lost")
            isLost = true
        }
        let seen = try await look(name, at: state.manifests.union([digest]))
        try #require(
            seen.isRestored(digest, from: state) || isLost && seen == state,
            "\(name), restore of \(digest): \(seen), of \(state)"
        )
        states[name] = seen
    }

    func deleteRepository(_ name: String) async throws {
        guard let state = states[name], !state.manifests.isEmpty else { return }
        let known = Set(graves.keys)
        try await change(name, "deletion of a repository", to: state.deleted()) {
            _ = try await world.manage { try await $0.deleteRepository(name) }
        }
        guard states[name] == state.deleted() else { return }
        // The number may have been in an answer that was lost.
        let entries = try await persist { try await self.trash(of: name) }
        let entry = entries.first { $0.kind == "repository" && !known.contains($0.id) }
        graves[try #require(entry?.id)] = LifeState(
            manifests: state.manifests,
            tags: state.tags,
            trash: state.trash.filter { $0 != "repository" }
        )
    }

    /// Brings a repository back under another name.
    private func restoreRepository(_ entry: TrashEntry) async throws {
        guard states.count < 6, let grave = graves[entry.id] else { return }
        let (old, new) = (entry.repository, "lane\(number)/back\(entry.id)")
        do {
            _ = try await world.manage { try await $0.restore(entry.id, RestoreRequest(repository: new)) }
            count("restore of a repository")
        } catch let error where LifeWorld.isLost(error) {
            count("lost")
            let seen = try await look(new, at: grave.manifests)
            if seen == LifeState() { return }
            try #require(seen == grave, "\(new): \(seen), of \(grave)")
        }
        graves[entry.id] = nil
        states[old] = states[old]?.without("repository")
        states[new] = grave
    }

    func purge(in name: String) async throws {
        let entries = try await trash(of: name).filter { $0.kind != "repository" }
        guard let state = states[name], let entry = entries.randomElement(using: &random) else { return }
        let what =
            entry.kind == "tag" ? "tag \(entry.tag ?? "") \(entry.digest ?? "")" : "manifest \(entry.digest ?? "")"
        try await change(name, "purge", to: state.without(what)) {
            try await world.manage { try await $0.purgeTrash(entry.id) }
        }
    }

    /// Purges all that the lane has in the trash.
    func purgeAll() async throws {
        for name in states.keys.sorted() {
            for entry in try await trash(of: name) { try await world.manage { try await $0.purgeTrash(entry.id) } }
            states[name]?.trash = []
        }
        graves = [:]
    }

    /// Locks a tag: it is then neither moved nor deleted.
    func lock(in name: String) async throws {
        guard let tag = states[name]?.tags.keys.sorted().randomElement(using: &random) else { return }
        do {
            _ = try await world.manage { try await $0.lock(NewTagLock(repository: name, tag: tag, reason: "random")) }
            try await world.client.send("DELETE", "/v2/\(name)/manifests/\(tag)", expecting: 403)
            count("lock")
        } catch let error where LifeWorld.isLost(error) {
            count("lost")
        }
        try await undo { try await self.world.manage { try await $0.unlock(tag, in: name) } }
    }

    /// Lets nobody write to what the lane owns, for a moment.
    func close(_ name: String) async throws {
        guard let tag = states[name]?.tags.keys.sorted().randomElement(using: &random) else { return }
        let scope = "lane\(number)"
        do {
            _ = try await world.manage { try await $0.setReadOnly(scope, ReadOnlyReason(reason: "random")) }
            try await world.client.send("DELETE", "/v2/\(name)/manifests/\(tag)", expecting: 403)
            count("read-only")
        } catch let error where LifeWorld.isLost(error) {
            count("lost")
        }
        try await undo { try await self.world.manage { try await $0.deleteReadOnly(scope) } }
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
                try await world.demandBack()
            }
        }
        return try await request()
    }
}
