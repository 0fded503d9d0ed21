public import OCI
public import Selectors

/// Which tags of a repository are kept, and which may go.
///
/// Tags that the selector does not mean are kept. Of the others, those that any of the conditions keeps are kept; with
/// no condition all of them may go.
public struct RetentionRule: Sendable {
    /// What makes a tag newer than another.
    public enum Order: String, Sendable, CaseIterable {
        /// When the image was made.
        case time
        /// Its version; tags that are none are kept.
        case version
    }

    /// Which tags are meant.
    public var names: NameSelector
    /// How many of the newest are kept; none is kept for being new when nil.
    public var keepNewest: Int?
    /// What makes a tag newer.
    public var order: Order
    /// Images that are younger are kept, in seconds; no image is kept for being young when nil.
    public var keepYoungerThanSeconds: Int64?

    /// Makes a rule.
    public init(
        names: NameSelector = NameSelector(),
        keepNewest: Int? = nil,
        order: Order = .time,
        keepYoungerThanSeconds: Int64? = nil
    ) {
        self.names = names
        self.keepNewest = keepNewest
        self.order = order
        self.keepYoungerThanSeconds = keepYoungerThanSeconds
    }
}

/// A tag that a rule is asked about.
public struct RetentionCandidate: Sendable, Hashable {
    /// The tag.
    public var tag: Tag
    /// What it points to.
    public var digest: Digest
    /// When the image was made, in seconds since 1970; nil where nobody knows.
    public var createdSeconds: Int64?

    /// Describes a tag.
    public init(tag: Tag, digest: Digest, createdSeconds: Int64?) {
        self.tag = tag
        self.digest = digest
        self.createdSeconds = createdSeconds
    }
}

/// What a rule says of a tag.
public struct RetentionDecision: Sendable, Hashable {
    /// Why a tag is kept, or goes.
    public enum Reason: Sendable, Hashable {
        /// Kept: the rule does not mean it.
        case notSelected
        /// Kept: it is the so-manieth newest.
        case newest(Int)
        /// Kept: it is too young.
        case young
        /// Kept: nobody knows when it was made, and the rule goes by time.
        case timeUnknown
        /// Kept: it is no version, and the rule goes by versions.
        case noVersion
        /// Goes: nothing keeps it.
        case nothingKeepsIt
    }

    /// The tag.
    public var candidate: RetentionCandidate
    /// Why it is kept, or goes.
    public var reason: Reason

    /// Whether it is kept.
    public var isKept: Bool { reason != .nothingKeepsIt }
}

extension RetentionRule {
    /// Decides about all tags of a repository.
    ///
    /// - Parameters:
    ///   - candidates: the tags.
    ///   - nowSeconds: what time it is, in seconds since 1970.
    /// - Returns: a decision for each, in their order.
    public func decisions(on candidates: [RetentionCandidate], nowSeconds: Int64) -> [RetentionDecision] {
        let ranks = ranks(of: candidates)
        return candidates.map { candidate in
            RetentionDecision(
                candidate: candidate,
                reason: reason(for: candidate, rank: ranks[candidate.tag], nowSeconds)
            )
        }
    }

    private func reason(
        for candidate: RetentionCandidate,
        rank: Int?,
        _ nowSeconds: Int64
    ) -> RetentionDecision.Reason {
        guard isMeant(candidate.tag) else { return .notSelected }
        if let keepYoungerThanSeconds {
            guard let created = candidate.createdSeconds else { return .timeUnknown }
            if nowSeconds - created < keepYoungerThanSeconds { return .young }
        }
        if let keepNewest {
            guard let rank else { return order == .time ? .timeUnknown : .noVersion }
            if rank <= keepNewest { return .newest(rank) }
        }
        return .nothingKeepsIt
    }

    /// What follows a manifest, such as a signature, goes and stays with it.
    private func isMeant(_ tag: Tag) -> Bool {
        !TagSelector.isReferrerTag(tag) && names.matches(tag.description)
    }

    /// The place of each tag that is meant, 1 for the newest; images made at the same time share their place.
    private func ranks(of candidates: [RetentionCandidate]) -> [Tag: Int] {
        let meant = candidates.filter { isMeant($0.tag) }
        switch order {
        case .version:
            let sorted = TagSelector.sorted(meant.map(\.tag), by: .version)
            // A registry may list a tag twice.
            return Dictionary(sorted.reversed().enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        case .time:
            let times = meant.compactMap(\.createdSeconds).sorted(by: >)
            let places = Dictionary(times.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
            return meant.reduce(into: [:]) { ranks, candidate in
                ranks[candidate.tag] = candidate.createdSeconds.flatMap { places[$0] }
            }
        }
    }
}
