// Who makes room for whom.
extension CacheIndex {
    /// A cache that has made itself smaller, since its disk was full.
    struct Squeeze {
        let limit: Int64
        let moment: Duration
    }

    /// What a file of so many bytes takes on a disk.
    static func room(_ byteCount: Int64) -> Int64 {
        (byteCount + 4095) & ~4095
    }

    /// What all may take now.
    ///
    /// After the disk was full it is less, and grows again by an eighth of the whole in each interval.
    func limit(at now: Duration) -> Int64 {
        guard let squeeze else { return limits.byteCountMax }
        let intervals = Int64(min(max((now - squeeze.moment) / CacheLimits.regrowthInterval, 0), 8))
        return min(limits.byteCountMax, squeeze.limit + intervals * (limits.byteCountMax / 8))
    }

    /// Makes room for so many bytes and one more blob; false when too much cannot go, and then nothing has.
    mutating func makeRoom(_ room: Int64, at now: Duration) -> Bool {
        let limit = limit(at: now)
        guard taken - idle + room <= limit, downloads.count < limits.blobCountMax else { return false }
        while taken + room > limit || entries.count + downloads.count >= limits.blobCountMax {
            guard evictOldest() else { return false }
        }
        return true
    }

    private mutating func evictOldest() -> Bool {
        guard let name = recency.removeOldest(), let entry = entries.removeValue(forKey: name) else { return false }
        taken -= Self.room(entry.byteCount)
        idle -= Self.room(entry.byteCount)
        leaving[name] = Leaving(byteCount: entry.byteCount)
        counts.evictions += 1
        return true
    }

    /// All names whose files are still to be removed, for one who will do so and then call ``left(_:kept:)``.
    mutating func holdLeaving() -> [Name] {
        for name in leaving.keys { leaving[name]?.holderCount += 1 }
        return Array(leaving.keys)
    }

    /// Notes that files were removed, but for those of `kept`, which are put back.
    mutating func left(_ names: [Name], kept: Set<Name>) {
        for name in names { letGo(name, isKept: kept.contains(name)) }
    }

    /// Lets one holder of a leaving name go; the last one takes it off the list.
    mutating func letGo(_ name: Name, isKept: Bool) {
        guard var left = leaving[name] else { return }
        left.holderCount -= 1
        leaving[name] = left.holderCount > 0 ? left : nil
        if isKept, left.holderCount <= 0, entries[name] == nil { adopt(name, byteCount: left.byteCount) }
    }

    /// Takes in a file that is there, and of which nothing is believed.
    private mutating func adopt(_ name: Name, byteCount: Int64) {
        entries[name] = Entry(byteCount: byteCount, standing: .unverified)
        recency.use(name)
        taken += Self.room(byteCount)
        idle += Self.room(byteCount)
    }

    /// Takes in what an earlier run has left; returns the names that are too much, as ``holdLeaving()`` does.
    mutating func adopt(_ found: [CacheFolder.Found]) -> [Name] {
        for file in found { adopt(file.name, byteCount: file.byteCount) }
        _ = makeRoom(0, at: .zero)
        return holdLeaving()
    }

    /// Makes the cache smaller than it is, since the disk is full; returns what goes, as ``holdLeaving()`` does.
    mutating func shrink(at now: Duration) -> [Name] {
        let limit = taken / 8 * 7
        squeeze = Squeeze(limit: limit, moment: now)
        while taken > limit, evictOldest() {}
        return holdLeaving()
    }

    /// Begins nothing for a while, since the disk has failed.
    mutating func pause(at now: Duration) {
        pausedUntil = now + CacheLimits.pauseAfterFailure
    }

    /// What was done, and what there is.
    var snapshot: CacheCounts {
        var snapshot = counts
        snapshot.byteCount = Int(taken)
        snapshot.blobCount = entries.count
        snapshot.activeCount = active.count
        return snapshot
    }
}
