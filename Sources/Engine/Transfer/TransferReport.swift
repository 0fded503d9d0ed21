public import OCI

/// What a copy did.
public struct TransferReport: Sendable, Hashable {
    /// How many of something, and their bytes.
    public struct Tally: Sendable, Hashable {
        /// How many.
        public var count = 0
        /// Their bytes together.
        public var byteCount: Int64 = 0

        /// None.
        public init() {}

        mutating func add(_ byteCount: Int64) {
            count += 1
            self.byteCount = Self.sum(self.byteCount, byteCount)
        }

        mutating func add(_ other: Tally) {
            count += other.count
            byteCount = Self.sum(byteCount, other.byteCount)
        }

        mutating func remove(_ byteCount: Int64) {
            count -= 1
            if self.byteCount < .max { self.byteCount -= byteCount }
        }

        /// Sizes are what somebody has written in a manifest: their sum may be no number.
        private static func sum(_ one: Int64, _ other: Int64) -> Int64 {
            let (total, isTooLarge) = one.addingReportingOverflow(other)
            return isTooLarge ? .max : total
        }
    }

    /// What the tags now point to: another digest than at the source where platforms were chosen.
    public var root: Descriptor
    /// Blobs whose bytes were copied.
    public var copied = Tally()
    /// Blobs that the target had.
    public var skipped = Tally()
    /// Blobs that the target took from another of its repositories.
    public var mounted = Tally()
    /// Blobs that may not be handed on.
    public var leftOut = Tally()
    /// Manifests that were pushed.
    public var pushed = Tally()
    /// Manifests that the target had.
    public var manifestsThere = Tally()
    /// All bytes of blobs that were handed to the target, those that were sent again counted again.
    public var sentByteCount: Int64 = 0

    /// A report of nothing done.
    public init(root: Descriptor) {
        self.root = root
    }

    /// Whether everything was there already.
    public var isUnchanged: Bool {
        copied.count == 0 && mounted.count == 0 && pushed.count == 0
    }

    /// Adds what another copy did.
    public mutating func add(_ other: TransferReport) {
        copied.add(other.copied)
        skipped.add(other.skipped)
        mounted.add(other.mounted)
        leftOut.add(other.leftOut)
        pushed.add(other.pushed)
        manifestsThere.add(other.manifestsThere)
        sentByteCount += other.sentByteCount
    }

    mutating func add(_ blob: Descriptor, _ outcome: BlobOutcome) {
        self[outcome].add(blob.size)
    }

    mutating func remove(_ blob: Descriptor, _ outcome: BlobOutcome) {
        self[outcome].remove(blob.size)
    }

    private subscript(outcome: BlobOutcome) -> Tally {
        get {
            switch outcome {
            case .copied: copied
            case .skipped: skipped
            case .mounted: mounted
            case .leftOut: leftOut
            }
        }
        set {
            switch outcome {
            case .copied: copied = newValue
            case .skipped: skipped = newValue
            case .mounted: mounted = newValue
            case .leftOut: leftOut = newValue
            }
        }
    }
}
