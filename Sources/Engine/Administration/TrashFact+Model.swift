import AdminModel
import Metadata
import OCI

extension TrashEntry {
    init(_ fact: TrashFact) {
        self.init(
            id: fact.id,
            kind: fact.kind.rawValue,
            repository: fact.name.description,
            tag: fact.tag?.description,
            digest: fact.digest?.description,
            deletedAt: Instant(fact.deletedAt),
            deletedBy: fact.deletedBy,
            purgeAt: fact.purgeAt.map { Instant($0) },
            within: fact.isWithin ?? fact.projectEntry
        )
    }
}

extension RestoredEntry {
    init(_ restored: TrashRestored) {
        self.init(
            entry: TrashEntry(restored.entry),
            repository: restored.name.description,
            tags: restored.tags.map(\.description),
            keptTags: restored.keptTags.map(\.description)
        )
    }
}

extension Problem {
    /// Why nothing comes back from the trash, and what to do.
    init(_ refusal: TrashRefusal) {
        self =
            switch refusal {
            case .missing: Bounds.missing("such entry of the trash")
            case .purging: Problem(.conflict, "it is being purged: it does not come back any more")
            case .within(let entry):
                Problem(.conflict, "the repository is in the trash itself: restore the entry \(entry) first")
            case .taken(let tag, let digest):
                Problem(
                    .conflict,
                    "the tag \(tag) points to \(digest) meanwhile: give another name, or have it moved",
                    field: "tag"
                )
            case .manifestTrashed(let entry):
                Problem(
                    .conflict,
                    "the manifest of the tag is in the trash, too: restore the entry \(entry), the tag comes with it"
                )
            case .manifestGone(let digest):
                Problem(.conflict, "the manifest of the tag is gone: \(digest) was purged")
            case .nameTaken(let name):
                Problem(.conflict, "there is a repository \(name) meanwhile: give another name", field: "repository")
            case .projectTaken(let name):
                Problem(
                    .conflict,
                    "there is a project \(name) meanwhile: delete that, or restore the repositories one by one"
                )
            }
    }
}

extension TrashFact {
    /// What it is, as the audit names it.
    var target: String {
        if kind == .project { return "project:\(name)" }
        if let tag { return "\(name):\(tag)" }
        if let digest { return "\(name)@\(digest)" }
        return "\(name)"
    }
}
