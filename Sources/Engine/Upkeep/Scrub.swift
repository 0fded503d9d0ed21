import BlobStorage
public import Metadata
public import OCI

/// Reads stored bytes again, those first that nobody has looked at for the longest, at a limited rate.
///
/// What is damaged is taken out of service and told, with the images that need it; what was, and is whole again, comes
/// back. What was read stands in the facts some seconds later, so that a scrub that is killed goes on there, at any
/// server; two at once harm nothing, and read twice.
public struct Scrub: Sendable {
    /// How it goes about it.
    public struct Plan: Sendable {
        /// The time within which everything is read again.
        public var within: Duration
        /// The most that is read, in bytes a second.
        public var rateMax: Int64
        /// The moment since when everything is to have been read, as fast as is allowed; nil reads what is due.
        public var readAllSince: Timestamp?
        /// How long a run lasts at most; the next goes on.
        public var runTimeMax = Duration.seconds(3000)
        /// How long it is waited before content that seems to be damaged is read once more.
        public var secondLook = Duration.seconds(2)
        /// How long it is waited until content that is damaged is read once more, lest nothing else be read.
        public var againAfter = Duration.seconds(6 * 3600)
        /// How much may be found to be damaged in one run: of more than this, something else is wrong.
        public var damageMax = 1000

        /// States it.
        public init(within: Duration, rateMax: Int64) {
            (self.within, self.rateMax) = (within, rateMax)
        }
    }

    /// What came of a run.
    public struct Report: Sendable, Hashable, Codable {
        /// Blobs that were read.
        public var blobCount = 0
        /// Their size together, in bytes.
        public var byteCount: Int64 = 0
        /// Manifests that were read.
        public var manifestCount = 0
        /// What was found to be damaged.
        public var damageCount = 0
        /// What was damaged before and is whole again, or was mended from elsewhere.
        public var mendedCount = 0
        /// Blobs that could not be read for a reason that passes; they are tried again by the next run.
        public var unreadCount = 0

        /// Nothing yet.
        public init() {}
    }

    /// Something that was found.
    public struct Finding: Sendable, Hashable {
        /// What has become of it.
        public enum Outcome: String, Sendable {
            /// It is damaged, which nobody knew.
            case damaged
            /// It was damaged, and is not any more.
            case mended
            /// It could not be read, which may pass.
            case unread
        }

        /// What has become of it.
        public var outcome: Outcome
        /// What it is.
        public var kind: DamageFact.Kind
        /// Its digest.
        public var digest: Digest
        /// What is wrong with it, or how it was mended, as the end of a sentence.
        public var problem: String
        /// Some of the images that need it.
        public var images: [NeedingImage] = []
    }

    /// Why a scrub does not go on, as a sentence.
    public struct Stopped: Error, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    let facts: FactStore
    let blobs: any BlobStore
    let plan: Plan
    let menders: [any BlobMender]
    let time: ScrubTime
    let now: @Sendable () -> Timestamp
    let forget: @Sendable (Digest) -> Void
    let tell: @Sendable (Finding) async throws -> Void

    /// Blobs that are read between two records of it.
    static let batchCount = 100
    /// The longest time between two records.
    static let batchTime = Duration.seconds(5)
    /// Manifests that are read between two records: of the largest that there may be, some 60 MiB.
    static let contentCount = 16
    /// How many images are named, and how many tags of each.
    public static let imageCountMax = 20
    /// The share of the time within which all is to be read that a round takes: the rest is for what comes in between,
    /// and for the time between two runs.
    static let share = 0.6
    /// The least rate, in bytes a second: less would not spare anything.
    static let rateMin: Int64 = 1 << 20

    /// A scrub of one installation.
    ///
    /// - Parameters:
    ///   - facts: Its facts.
    ///   - blobs: Its bytes where they lie, and no copies that are kept nearer.
    ///   - plan: How it goes about it.
    ///   - menders: Who is asked for the bytes of damaged blobs, one after the other.
    ///   - time: The time.
    ///   - now: The moment at which a mended blob is stored.
    ///   - forget: Forgets what this process keeps in memory of a blob; called after it was taken out of service, or
    ///     came back.
    ///   - tell: Is told of each finding; may throw to end the run there.
    public init(
        facts: FactStore,
        blobs: any BlobStore,
        plan: Plan,
        menders: [any BlobMender] = [],
        time: ScrubTime = .of(ContinuousClock()),
        now: @escaping @Sendable () -> Timestamp,
        forget: @escaping @Sendable (Digest) -> Void,
        tell: @escaping @Sendable (Finding) async throws -> Void
    ) {
        self.facts = facts
        self.blobs = blobs
        self.plan = plan
        self.menders = menders
        self.time = time
        self.now = now
        self.forget = forget
        self.tell = tell
    }

    /// Reads what is due.
    ///
    /// - Parameters:
    ///   - start: What came of the part of the run that was done before.
    ///   - observer: Is told now and then what came of all so far; may throw to end the run there.
    /// - Returns: What came of it.
    /// - Throws: What the database ran into; ``Stopped``.
    public func run(
        goingOnFrom start: Report = Report(),
        _ observer: (Report) async throws -> Void = { _ in }
    ) async throws -> Report {
        var report = start
        let pace = ScrubPace(rate: try await rate(), time)
        let end = time.elapsed() + plan.runTimeMax
        try await lookAgain(pace, &report)
        try await observer(report)
        // Named once: what is looked at in this run is not looked at again in it.
        let moment = try await moment()
        var last: BlobToLookAt?
        repeat {
            last = try await lookAtBlobs(after: last, before: moment, pace, &report)
            try await observer(report)
        } while last != nil && time.elapsed() < end
        while time.elapsed() < end, try await lookAtManifests(pace, &report) { try await observer(report) }
        return report
    }

    /// How fast it reads: so that all that is stored is read in time, and within the bounds.
    ///
    /// In bytes a second.
    public func rate() async throws -> Int64 {
        guard plan.readAllSince == nil else { return plan.rateMax }
        let byteCount = try await facts.read { try $0.usage().byteCount }
        let needed = Double(byteCount) / max(1, plan.within.inSeconds * Self.share)
        return min(max(Int64(needed.rounded(.up)), Self.rateMin), plan.rateMax)
    }

    /// The rate that would do, where the greatest that is allowed does not; in bytes a second.
    public func lackingRate() async throws -> Int64? {
        let byteCount = try await facts.read { try $0.usage().byteCount }
        let needed = Int64((Double(byteCount) / max(1, plan.within.inSeconds)).rounded(.up))
        return needed > plan.rateMax ? needed : nil
    }

    /// What was looked at before this is due.
    func moment() async throws -> Timestamp {
        if let moment = plan.readAllSince { return moment }
        return try await facts.read { try $0.databaseTime() } - plan.within / 2
    }

    /// Tells of damage, and ends the run where there is too much of it.
    func tellDamage(_ kind: DamageFact.Kind, _ digest: Digest, _ problem: String, _ report: inout Report) async throws {
        report.damageCount += 1
        let images = try await facts.read { try $0.images(needing: digest, kind, limit: Self.imageCountMax) }
        try await tell(Finding(outcome: .damaged, kind: kind, digest: digest, problem: problem, images: images))
        guard report.damageCount < plan.damageMax else {
            throw Stopped(
                description: "\(report.damageCount) pieces of damage were found in one run: look at the disk, or at "
                    + "what is mounted there, before more is taken out of service"
            )
        }
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
