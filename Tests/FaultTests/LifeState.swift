import RegistryTesting

/// A repository as the lane knows it that owns it.
struct LifeState: Equatable {
    /// The digests of the manifests that are there.
    var manifests: Set<String> = []
    /// Where the tags point.
    var tags: [String: String] = [:]
    /// What is in the trash, in order: `tag NAME DIGEST`, `manifest DIGEST`, `repository`.
    var trash: [String] = []

    func adding(_ digest: String, as tag: String) -> LifeState {
        var state = self
        state.manifests.insert(digest)
        state.tags[tag] = digest
        return state
    }

    func deleting(manifest digest: String) -> LifeState {
        var state = self
        state.manifests.remove(digest)
        state.tags = tags.filter { $0.value != digest }
        state.bury("manifest \(digest)")
        return state
    }

    func deleting(tag: String) -> LifeState {
        var state = self
        let digest = state.tags.removeValue(forKey: tag) ?? ""
        state.bury("tag \(tag) \(digest)")
        return state
    }

    /// The repository itself is deleted: what had its name before stays in the trash.
    func deleted() -> LifeState {
        LifeState(trash: trash.filter { $0 == "repository" } + ["repository"])
    }

    func without(_ entry: String) -> LifeState {
        var state = self
        if let place = trash.firstIndex(of: entry) { state.trash.remove(at: place) }
        return state
    }

    /// Whether this is what a manifest's coming back may make of a state: it is there, tags that were free point to it,
    /// all others stay.
    func isRestored(_ digest: String, from old: LifeState) -> Bool {
        let gone = old.without("manifest \(digest)").trash.filter { !trash.contains($0) }
        let isMoved = tags.contains { $0.value != digest && old.tags[$0.key] != $0.value }
        return manifests == old.manifests.union([digest]) && !isMoved
            && old.tags.allSatisfy { tags[$0.key] == $0.value }
            && trash.count + gone.count + 1 == old.trash.count
            && gone.allSatisfy { $0.hasPrefix("tag ") && $0.hasSuffix(" \(digest)") }
    }

    private mutating func bury(_ entry: String) {
        trash = (trash + [entry]).sorted()
    }
}

/// A manifest that a lane has pushed, and what it names.
struct LifeImage {
    var manifest: SampleManifest
    var blobs: [SampleBlob] = []
    /// The digest of the manifest that it is about.
    var subject: String?
}
