import BlobStorage
import OCI

/// What is in a read cache and on its way there: a value that decides, and does nothing itself.
///
/// A name is in at most one of these states, and each step goes along one of these lines:
///
///     nothing ----> downloading -----> verified <---> checking <--- unverified <--- (the start)
///        ^               |                |  `----> unverified          |
///        |               v                v                             |
///        `----------- leaving <-----------'<----------------------------'
///
/// Invariants:
/// - `taken` is the sum of what all entries and all fills that have not ended take; it is at most the limit.
/// - A name that is leaving has a file that is still to be removed, by everyone who holds it. A download holds all
///   names that are leaving when it is begun, and removes their files before it writes: so the files themselves never
///   take more than the limit, either. No fill is begun for a name that is leaving.
/// - Only entries that are not being checked are evicted; `idle` is what they take.
/// - While nobody runs the cache there is nothing to be found, and nothing is begun.
struct CacheIndex {
    typealias Name = OpenBlobs.Name

    /// A blob that has a file.
    struct Entry {
        enum Standing {
            /// Its file is of an earlier run, or was verified too long ago.
            case unverified
            /// Its file had the digest at a moment.
            case verified(at: Duration)
            /// Its file is being hashed.
            case checking(CacheFill)
        }

        let byteCount: Int64
        var standing: Standing
    }

    /// A file that is still to be removed.
    struct Leaving {
        let byteCount: Int64
        var holderCount = 0
    }

    let limits: CacheLimits
    var counts = CacheCounts()
    var entries: [Name: Entry] = [:]
    var recency = RecencyQueue<Name>()
    var downloads: [Name: CacheFill] = [:]
    var active: [ObjectIdentifier: CacheFill] = [:]
    var leaving: [Name: Leaving] = [:]
    var taken: Int64 = 0
    var idle: Int64 = 0
    var squeeze: Squeeze?
    var pausedUntil: Duration?
    /// How often something was removed.
    private(set) var removals = 0
    private var requests: AsyncStream<CacheFill>.Continuation?

    init(_ limits: CacheLimits) {
        self.limits = limits
    }

    // MARK: - Being run

    /// Whether somebody gets work.
    var isRunning: Bool { requests != nil }

    /// Begins to give work; nil when somebody else gets it already.
    mutating func begin() -> AsyncStream<CacheFill>? {
        guard requests == nil else { return nil }
        let (stream, continuation) = AsyncStream.makeStream(of: CacheFill.self)
        requests = continuation
        return stream
    }

    /// Gives no more work.
    mutating func end() {
        requests?.finish()
        requests = nil
    }

    // MARK: - Looking

    /// What there is of a blob.
    enum Found {
        /// A verified file.
        case file(byteCount: Int64)
        /// A fill that can be followed.
        case fill(CacheFill)
        /// Nothing.
        case nothing
        /// Nobody runs the cache.
        case idle
    }

    /// Looks for a blob that is to be opened.
    mutating func find(_ name: Name, at now: Duration) -> Found {
        guard requests != nil else { return .idle }
        guard let entry = entries[name] else { return downloads[name].map(Found.fill) ?? .nothing }
        switch entry.standing {
        case .unverified: return .nothing
        case .checking(let fill): return .fill(fill)
        case .verified(let moment):
            guard now - moment < limits.trustDuration else {
                entries[name]?.standing = .unverified
                return .nothing
            }
            recency.use(name)
            counts.hits += 1
            return .file(byteCount: entry.byteCount)
        }
    }

    /// A blob that is to be read from some offset on.
    struct Read {
        var name: Name
        var byteCount: Int64
        var start: Int64
        var origin: any RemoteBlob
        /// The removals when it was opened.
        var removals: Int
    }

    /// What a read does.
    enum Joined {
        /// It goes to the base.
        case bypass
        /// It reads a verified file.
        case file
        /// It follows a fill.
        case follow(CacheFill)
    }

    /// Lets a read go along with a fill, or begins one for it.
    mutating func join(_ read: Read, at now: Duration) -> Joined {
        let joined = joinUncounted(read, at: now)
        if case .bypass = joined { counts.bypasses += 1 }
        return joined
    }

    private mutating func joinUncounted(_ read: Read, at now: Duration) -> Joined {
        guard let requests else { return .bypass }
        if let fill = fill(read.name) {
            guard read.start - fill.reached <= limits.aheadByteCountMax else { return .bypass }
            counts.follows += 1
            return .follow(fill)
        }
        if case .verified = entries[read.name]?.standing { return .file }
        guard read.start <= limits.aheadByteCountMax, read.removals == removals, leaving[read.name] == nil,
            active.count < limits.fillCountMax, let fill = begin(read, at: now)
        else { return .bypass }
        active[ObjectIdentifier(fill)] = fill
        requests.yield(fill)
        return .follow(fill)
    }

    private func fill(_ name: Name) -> CacheFill? {
        if case .checking(let fill) = entries[name]?.standing { return fill }
        return downloads[name]
    }

    private mutating func begin(_ read: Read, at now: Duration) -> CacheFill? {
        if let entry = entries[read.name] {
            let fill = CacheFill(read.name, byteCount: read.byteCount, from: .file, origin: read.origin, evicted: [])
            entries[read.name]?.standing = .checking(fill)
            recency.remove(read.name)
            idle -= Self.room(entry.byteCount)
            counts.checks += 1
            return fill
        }
        guard read.byteCount <= limits.blobByteCountMax, pausedUntil.map({ now >= $0 }) ?? true,
            makeRoom(Self.room(read.byteCount), at: now)
        else { return nil }
        let fill = CacheFill(
            read.name,
            byteCount: read.byteCount,
            from: .base,
            origin: read.origin,
            evicted: holdLeaving()
        )
        downloads[read.name] = fill
        taken += Self.room(read.byteCount)
        counts.fills += 1
        return fill
    }

    // MARK: - Ends of fills

    /// Makes a fill whose file has its name an entry; false when the blob was removed meanwhile, and the file must go.
    mutating func settle(_ fill: CacheFill, as standing: Entry.Standing) -> Bool {
        guard isWanted(fill) else { return false }
        if case .file = fill.source, let entry = entries[fill.name] {
            entries[fill.name]?.standing = standing
            idle += Self.room(entry.byteCount)
        } else {
            downloads[fill.name] = nil
            entries[fill.name] = Entry(byteCount: fill.byteCount, standing: standing)
            idle += Self.room(fill.byteCount)
        }
        recency.use(fill.name)
        active[ObjectIdentifier(fill)] = nil
        return true
    }

    /// Lets nobody follow a fill any longer, nor begin another of its name until ``release(_:)``.
    mutating func disown(_ fill: CacheFill) {
        guard isWanted(fill) else { return }
        downloads[fill.name] = nil
        heldByteCounts[ObjectIdentifier(fill)] = entries.removeValue(forKey: fill.name)?.byteCount ?? fill.byteCount
        leaving[fill.name, default: Leaving(byteCount: fill.byteCount)].holderCount += 1
    }

    /// What of a fill could not be removed.
    enum Rest {
        case nothing
        /// A file that goes at the next start, and takes its room until then.
        case temporary
        /// The file with the blob's name.
        case blob
    }

    /// Gives back the room of a fill that was disowned, and whose file is gone.
    mutating func release(_ fill: CacheFill, leaving rest: Rest) {
        active[ObjectIdentifier(fill)] = nil
        guard let byteCount = heldByteCounts.removeValue(forKey: ObjectIdentifier(fill)) else { return }
        if rest != .temporary { taken -= Self.room(byteCount) }
        letGo(fill.name, isKept: rest == .blob)
    }

    /// What disowned fills still take.
    private var heldByteCounts: [ObjectIdentifier: Int64] = [:]

    private func isWanted(_ fill: CacheFill) -> Bool {
        if downloads[fill.name] === fill { return true }
        if case .checking(let current) = entries[fill.name]?.standing { return current === fill }
        return false
    }

    /// Takes a blob out; true when its file must be removed and then ``left(_:kept:)`` be called.
    mutating func forget(_ name: Name) -> Bool {
        removals += 1
        if let fill = fill(name) { disown(fill) }
        return drop(name)
    }

    /// Takes out a blob whose file is not what it should be; true as with ``forget(_:)``.
    mutating func drop(_ name: Name) -> Bool {
        guard fill(name) == nil, let entry = entries.removeValue(forKey: name) else { return false }
        recency.remove(name)
        idle -= Self.room(entry.byteCount)
        taken -= Self.room(entry.byteCount)
        leaving[name] = Leaving(byteCount: entry.byteCount, holderCount: 1)
        return true
    }
}
