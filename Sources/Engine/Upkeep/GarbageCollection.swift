import BlobStorage
public import Metadata

/// Removes what nothing needs any more, while everything runs: first links, later blobs, then bytes.
///
/// Every step is one transaction of bounded size, or one removal in the store, and any of them may be the last before
/// a crash: what is left to do stands in the facts. Two that run at once do what one does. It costs what has changed,
/// however much is stored. What the steps may rely on is searched to its end in `CollectionModel`.
public struct GarbageCollection: Sendable {
    /// What came of a run, or of a part of it.
    public struct Report: Sendable, Hashable {
        /// Links that were looked at.
        public var linkCount = 0
        /// Those of them that nothing needed, and that went.
        public var removedLinkCount = 0
        /// Blobs that no repository had linked any more, and that went.
        public var removedBlobCount = 0
        /// The size of these together, in bytes: by so much less is used.
        public var removedByteCount: Int64 = 0
        /// Files or objects that are not in the store any more, those of uploads that came second among them.
        public var removedKeyCount = 0
        /// Files or objects that could not be removed; they are tried again by the next run.
        public var failedKeyCount = 0

        /// Nothing yet.
        public init() {}
    }

    /// How many rows one transaction changes at most: a few milliseconds of the embedded database.
    private static let batchCount = 100
    /// How many keys of which no digest is known are looked for at once: a store may have to list all of itself for it.
    private static let doubtfulCount = 1000
    /// How many of them a run looks for at most.
    private static let doubtfulMax = 10_000

    private let facts: FactStore
    private let blobs: any BlobStore
    private let patience: CollectionPatience
    private let forgetLinks: @Sendable () -> Void

    /// Collects in one installation.
    ///
    /// - Parameters:
    ///   - facts: Its facts.
    ///   - blobs: Its bytes.
    ///   - patience: For how long what seems to be garbage stays.
    ///   - forgetLinks: Forgets what this process keeps in memory of links; called after some went.
    public init(
        facts: FactStore,
        blobs: any BlobStore,
        patience: CollectionPatience,
        forgetLinks: @escaping @Sendable () -> Void
    ) {
        self.facts = facts
        self.blobs = blobs
        self.patience = patience
        self.forgetLinks = forgetLinks
    }

    /// Does all that is due now.
    ///
    /// - Parameter observer: Is told after each step what came of all so far; may throw to end the run there.
    /// - Returns: What came of it.
    /// - Throws: What the stores ran into; what was done until then stays done.
    public func run(_ observer: (Report) async throws -> Void = { _ in }) async throws -> Report {
        var report = Report()
        for step in [lookAtLinks, takeBlobs, forgetFormerLinks] {
            var place: Timestamp?
            while try await step(&place, &report) { try await observer(report) }
            try await observer(report)
        }
        var (last, doubtful): (String?, [BlobKey]) = (nil, [])
        repeat {
            last = try await removeBytes(after: last, &report, &doubtful)
            try await observer(report)
        } while last != nil
        while !doubtful.isEmpty {
            try await removeDoubtful(Array(doubtful.prefix(Self.doubtfulCount)), &report)
            doubtful.removeFirst(min(Self.doubtfulCount, doubtful.count))
            try await observer(report)
        }
        return report
    }

    /// Looks at links whose grace is over, from a place on; false when there was none left.
    private func lookAtLinks(_ place: inout Timestamp?, _ report: inout Report) async throws -> Bool {
        let (grace, start) = (patience.grace, place)
        let looks: LinkLooks
        do {
            looks = try await facts.write { try $0.lookAtIdleLinks(after: grace, from: start, limit: Self.batchCount) }
        } catch {
            // It may have been done nevertheless.
            forgetLinks()
            throw error
        }
        if !looks.removed.isEmpty { forgetLinks() }
        place = looks.last
        report.linkCount += looks.count
        report.removedLinkCount += looks.removed.count
        return looks.count == Self.batchCount
    }

    /// Takes blobs out of the facts that no repository has linked for long; false when there was none left.
    private func takeBlobs(_ place: inout Timestamp?, _ report: inout Report) async throws -> Bool {
        let (quarantine, start) = (patience.quarantine, place)
        let looks = try await facts.write {
            try $0.takeDoomedBlobs(after: quarantine, from: start, limit: Self.batchCount)
        }
        place = looks.last
        report.removedBlobCount += looks.taken.count
        report.removedByteCount += looks.taken.reduce(0) { $0 + $1.byteCount }
        return looks.count == Self.batchCount
    }

    /// Forgets what links there were; false when nothing is left to forget.
    private func forgetFormerLinks(_ place: inout Timestamp?, _ report: inout Report) async throws -> Bool {
        let (quarantine, start) = (patience.quarantine, place)
        let forgotten = try await facts.write {
            try $0.forgetFormerLinks(after: quarantine, from: start, limit: Self.batchCount)
        }
        place = forgotten.last
        return forgotten.count == Self.batchCount
    }

    /// Removes bytes that are no blob any more, of keys after one; returns the last key, nil when none is left.
    ///
    /// The facts said so before: no key is used again, so it harms nothing when they are removed late, or twice. Keys
    /// of which no digest is known come later: to look for them takes long, and the others do not wait for it.
    private func removeBytes(
        after last: String?,
        _ report: inout Report,
        _ doubtful: inout [BlobKey]
    ) async throws -> String? {
        let keys = try await facts.read { try $0.doomedKeys(after: last, limit: Self.batchCount) }
        guard let next = keys.last?.key else { return nil }
        var (bytes, known): ([FinishedBlob], [String]) = ([], [])
        for doomed in keys {
            guard let key = BlobKey(doomed.key) else {
                known.append(doomed.key)
                continue
            }
            guard let digest = doomed.digest else {
                if doubtful.count < Self.doubtfulMax { doubtful.append(key) }
                continue
            }
            known.append(doomed.key)
            bytes.append(FinishedBlob(key: key, digest: digest, byteCount: doomed.byteCount))
        }
        try await remove(bytes, known, &report)
        return keys.count == Self.batchCount ? next : nil
    }

    /// The same of keys of which no digest is known: of uploads that were given up, under which mostly nothing is.
    private func removeDoubtful(_ keys: [BlobKey], _ report: inout Report) async throws {
        let bytes = try await blobs.blobs(under: Set(keys)).compactMap { entry in
            entry.digest.map { FinishedBlob(key: entry.key, digest: $0, byteCount: entry.byteCount) }
        }
        var rest = keys[...]
        while !rest.isEmpty {
            let some = Set(rest.prefix(Self.batchCount))
            rest = rest.dropFirst(Self.batchCount)
            try await remove(bytes.filter { some.contains($0.key) }, some.map(\.description), &report)
        }
    }

    /// Removes bytes, and forgets the keys under which nothing is left.
    private func remove(_ bytes: [FinishedBlob], _ keys: [String], _ report: inout Report) async throws {
        guard !keys.isEmpty else { return }
        let failed = Set(try await blobs.remove(bytes).map { $0.blob.key.description })
        let gone = keys.filter { !failed.contains($0) }
        report.removedKeyCount += try await facts.write { try $0.forgetDoomedKeys(gone) }
        report.failedKeyCount += failed.count
    }
}

// MARK: - The survey

extension GarbageCollection {
    /// What came of a survey.
    public struct Survey: Sendable, Hashable {
        /// Links and blobs that were looked at.
        public var count = 0
        /// Links that nothing needs and nobody would have looked at.
        public var markedLinkCount = 0
        /// Blobs that no repository links and nobody would have removed.
        public var doomedBlobCount = 0

        /// Nothing yet.
        public init() {}
    }

    /// Finds, among all links and blobs there are, those that nothing needs and nobody would look at.
    ///
    /// For what an older program has left, which notes nothing. This is the one part that costs what is stored; it
    /// reads, and writes only where it finds something.
    ///
    /// - Parameters:
    ///   - start: How far one before has come; nil begins anew.
    ///   - observer: Is told after each step what came of all so far, and how far it is; may throw to end there.
    /// - Returns: What came of it.
    /// - Throws: What the database ran into; what was noted until then stays so.
    public func survey(
        from start: SurveyPlace? = nil,
        _ observer: (Survey, SurveyPlace) async throws -> Void = { _, _ in }
    ) async throws -> Survey {
        var (survey, place) = (Survey(), start)
        for look in [surveyLinks, surveyBlobs] {
            while let next = try await look(place, &survey) {
                place = next
                try await observer(survey, next)
            }
        }
        return survey
    }

    private func surveyLinks(after place: SurveyPlace?, _ survey: inout Survey) async throws -> SurveyPlace? {
        let page = try await facts.read { try $0.links(after: place, limit: Self.batchCount) }
        let unmarked = page.filter { !$0.isNeeded && !$0.isMarked }
        if !unmarked.isEmpty { try await facts.write { try $0.markIdle(unmarked) } }
        survey.count += page.count
        survey.markedLinkCount += unmarked.count
        return page.last?.place
    }

    private func surveyBlobs(after place: SurveyPlace?, _ survey: inout Survey) async throws -> SurveyPlace? {
        let page = try await facts.read { try $0.blobLooks(after: place, limit: Self.batchCount) }
        let unknown = page.filter { !$0.isKnown }.map(\.digest)
        if !unknown.isEmpty { try await facts.write { try $0.doomUnlinked(unknown) } }
        survey.count += page.count
        survey.doomedBlobCount += unknown.count
        return (page.last?.digest).map { .blob($0) }
    }
}
