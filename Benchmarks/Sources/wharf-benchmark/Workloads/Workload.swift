/// Work of the same kind, done with one party after the other, which fills one or more rows of the table.
protocol Workload: AnyObject {
    var rows: [Row] { get }
    /// Who can do it.
    var parties: [Party] { get }
    /// Where it takes the peer long and no target is about the peer, it does it in this many rounds only.
    var peerRoundsMax: Int { get }

    /// Does the work once, and returns the samples by the names of their rows.
    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample]
}

extension Workload {
    var peerRoundsMax: Int { .max }
}

/// All of them, in the order of the table.
func allWorkloads() -> [any Workload] {
    [
        SmallReads(), ControlledReads(), LargeBlob(), ImagePushes(), TagPushes(), ManyTags(), TransfersAtOnce(),
        EncryptedBlob(.http1), EncryptedBlob(.http2), Start(), SharedStoreReads(), ReplicaPushes(),
        QuotaPushes(isShared: false), QuotaPushes(isShared: true),
    ]
}
