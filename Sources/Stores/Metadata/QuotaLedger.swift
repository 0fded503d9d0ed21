import OCI

/// A quota that a repository is in, as far as counting needs it.
struct QuotaStanding {
    let id: QuotaID
    let scope: QuotaScope
    /// What may be used; nothing is refused while what was there before is counted.
    let limits: QuotaLimits
    /// Whether what only the trash needs counts.
    let countsTrash: Bool
    /// Up to where the content of the repository is counted; nil where none of it is.
    var position: String?
    /// What is known of a blob there; nil where it has to be asked.
    var look: BlobLook?

    /// How a blob stands in a quota.
    struct BlobLook {
        let digest: Digest
        /// Whether some link of it counts.
        let isCounted: Bool
        /// Whether the link of the repository counts.
        let isLinked: Bool
    }

    /// Whether the links that count have rows of their own.
    var keepsLinks: Bool {
        switch scope {
        case .installation: false
        case .project: true
        case .repository: !countsTrash
        }
    }

    /// Behind all content: the repository is counted whole.
    static let end = "~"

    /// Whether something of the repository is counted here.
    func counts(_ item: QuotaItem) -> Bool {
        guard let position else { return false }
        return item.key.utf8.lexicographicallyPrecedes(position.utf8) || item.key == position
    }
}

/// Something that counts in a repository, in the order in which it is counted.
enum QuotaItem {
    case blob(Digest)
    case manifest(Digest)
    case tag(Tag)

    /// What ``QuotaStanding/position`` is compared with.
    var key: String {
        switch self {
        case .blob(let digest): "b\(digest)"
        case .manifest(let digest): "m\(digest)"
        case .tag(let tag): "t\(tag)"
        }
    }
}

/// What a transaction has to count, gathered until it has done all else; and which quotas it knows of.
final class QuotaLedger {
    /// Whether it is asked for room before some is taken; else it is taken, and the transaction ends where there is
    /// none: that saves a round trip.
    let asksFirst: Bool

    init(asksFirst: Bool) {
        self.asksFirst = asksFirst
    }

    /// What has changed in a quota.
    struct Change {
        let standing: QuotaStanding
        var amounts: QuotaAmounts
        /// What of it counts whether there is room or not: it was there before, and comes back into service.
        var owed: QuotaAmounts
    }

    /// The quotas of a repository, once they were asked for.
    var standings: [RepositoryID: [QuotaStanding]] = [:]
    /// The quotas of the scopes of a name, of which the repository may not be there yet.
    var along: [RepositoryName: [QuotaStanding]] = [:]
    /// The quota of the installation, once it was asked for; nothing in it where there is none.
    var installation: QuotaStanding??
    private(set) var changes: [QuotaID: Change] = [:]

    /// Asks anew: the quotas themselves have changed.
    func forget() {
        (standings, along, installation) = ([:], [:], nil)
    }

    /// Asks of blobs anew: one was linked, or is not any more.
    func forgetLooks(of repository: RepositoryID) {
        guard let known = standings[repository] else { return }
        standings[repository] = known.map { standing in
            var standing = standing
            standing.look = nil
            return standing
        }
    }

    func add(_ amounts: QuotaAmounts, to standing: QuotaStanding, isOwed: Bool = false) {
        var change = changes[standing.id] ?? Change(standing: standing, amounts: .none, owed: .none)
        change.amounts = change.amounts + amounts
        if isOwed { change.owed = change.owed + amounts }
        changes[standing.id] = change
    }
}
