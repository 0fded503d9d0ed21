import AdminModel
import Metadata
import OCI

extension DigestFate {
    /// A manifest, which stays until somebody deletes it; what is only in the trash goes from there.
    init(_ digest: Digest, manifests: [ManifestStanding], at moment: Timestamp) {
        let standing = manifests.filter { $0.trash == nil }
        let holdings = (standing.isEmpty ? manifests : standing).map { standing in
            DigestHolding(
                repository: standing.repository.description,
                tags: standing.tags.map(\.description),
                endsAt: standing.trash?.purgeAt.map { Instant($0) }
            )
        }
        let first = holdings[0]
        let tags = first.tags.isEmpty ? "without a tag" : "with \(Self.listed("tag", first.tags))"
        var (state, sentence) = (
            "kept", "it is a manifest of \(Self.named(holdings)), \(tags) there; manifests stay until deleted"
        )
        if let deletion = manifests[0].trash, standing.isEmpty {
            state = "waiting"
            sentence =
                "it is in the trash of \(Self.named(holdings)) by the deletion \(deletion.entry), "
                + (deletion.purgeAt.map {
                    "which is purged \(Self.after($0, moment)); `wharf trash restore \(deletion.entry)` brings it back"
                } ?? "which is being purged")
        }
        self.init(
            digest: digest.description,
            kind: "manifest",
            state: state,
            goesAt: holdings.compactMap(\.endsAt).max(),
            holdings: holdings,
            sentence: sentence
        )
    }

    /// A blob: kept while a manifest needs it.
    init(_ digest: Digest, blob: BlobFate, at moment: Timestamp, patience: CollectionPatience) {
        let holdings = blob.links.map { DigestHolding($0, at: moment, patience) }
        let (state, goesAt, sentence) = Self.judge(blob, holdings, at: moment, patience)
        self.init(
            digest: digest.description,
            kind: "blob",
            state: state,
            byteCount: blob.byteCount,
            storedAt: Instant(blob.storedAt),
            goesAt: goesAt.map { Instant($0) },
            holdings: holdings,
            sentence: sentence
        )
    }

    private static func judge(
        _ blob: BlobFate,
        _ holdings: [DigestHolding],
        at moment: Timestamp,
        _ patience: CollectionPatience
    ) -> (state: String, goesAt: Timestamp?, sentence: String) {
        let needing = zip(blob.links, holdings).filter { !$0.0.holders.isEmpty }
        if let needed = (needing.first { !$0.0.isInTrash } ?? needing.first)?.1 {
            guard needing.contains(where: { !$0.0.isInTrash }) else {
                return (
                    "kept", nil,
                    "only the trash of \(needed.repository) needs it, for the manifest \(needed.manifests[0]): it may "
                        + "go once that is purged"
                )
            }
            let tags = needed.tags.isEmpty ? "no tag" : listed("tag", needed.tags)
            return (
                "kept", nil,
                "\(needed.repository) needs it for the manifest \(needed.manifests[0]), which has \(tags)"
            )
        }
        let unnoticed = "nothing needs it, and nobody has noted that: `wharf job run gc.survey` finds it"
        guard !holdings.isEmpty else {
            guard let unlinked = blob.unlinkedFor else { return ("unnoticed", nil, unnoticed) }
            let end = moment + max(.zero, patience.quarantine - unlinked)
            return (
                "waiting", end,
                "no repository has it; it goes \(after(end, moment)), unless it is pushed, or a manifest that names it"
            )
        }
        guard let shortest = blob.idleFor else { return ("unnoticed", nil, unnoticed) }
        let (grace, end) = (patience.grace, moment + max(.zero, patience.grace - shortest) + patience.quarantine)
        let when = shortest < grace ? "once it has been so for \(grace.inWords)" : "at the next run"
        return (
            "waiting", end,
            "\(named(holdings)) has it and no manifest there needs it: \(when) it leaves the repository, and "
                + "\(patience.quarantine.inWords) later it goes, unless a manifest is pushed that names it"
        )
    }

    private static func after(_ end: Timestamp, _ moment: Timestamp) -> String {
        guard end > moment else { return "at the next run" }
        return "after \(Duration.microseconds(end.microseconds - moment.microseconds).inWords)"
    }

    private static func named(_ holdings: [DigestHolding]) -> String {
        let others = holdings.count - 1
        return holdings[0].repository + (others > 0 ? " and \(others == 1 ? "another" : "others")" : "")
    }

    private static func listed(_ noun: String, _ values: [String]) -> String {
        "the \(noun)\(values.count == 1 ? "" : "s") \(values.joined(separator: ", "))"
    }
}

extension DigestHolding {
    fileprivate init(_ link: BlobFate.Link, at moment: Timestamp, _ patience: CollectionPatience) {
        self.init(
            repository: link.repository.description,
            manifests: link.holders.map(\.child.description),
            tags: link.tags.map(\.description),
            endsAt: link.holders.isEmpty
                ? link.idleFor.map { Instant(moment + max(.zero, patience.grace - $0)) } : nil
        )
    }
}

extension Duration {
    /// Such as `3 hours`: the largest unit of which there are two, rounded up.
    fileprivate var inWords: String {
        let seconds = max(1, components.seconds + (components.attoseconds > 0 ? 1 : 0))
        for (unit, length) in [("days", Int64(86_400)), ("hours", 3600), ("minutes", 60)] where seconds >= 2 * length {
            return "\((seconds + length - 1) / length) \(unit)"
        }
        return seconds == 1 ? "a second" : "\(seconds) seconds"
    }
}
