public import OCI

/// Something that has happened, as a consumer of events gets it.
public struct EventFact: Sendable, Hashable {
    /// Its number: the larger is the later among those of one subject, and says nothing of those of others.
    public var number: Int64
    /// What has happened.
    public var kind: EventKind
    /// Where; nil where it was in none.
    public var repository: RepositoryName?
    /// What it is about: `REPOSITORY:TAG`, `REPOSITORY@DIGEST` or `REPOSITORY`.
    public var subject: String
    /// The tag that it is about.
    public var tag: Tag?
    /// Of a tag, the number of the move among those of its name: where one is missing, there was an event that is not
    /// here.
    public var version: Int64?
    /// The manifest that was there before.
    public var old: Digest?
    /// The manifest that is there since.
    public var new: Digest?
    /// What else there is to say, as JSON; empty where there is nothing.
    public var details: String
    /// The id of who did it.
    public var actor: String
    /// When.
    public var at: Timestamp
    /// How often it was claimed, this time included.
    public var attempts: Int
}

/// What kind of thing has happened; open, since there will be more.
public struct EventKind: Sendable, Hashable, CustomStringConvertible {
    /// The name, as it is kept.
    public let description: String

    /// Names a kind.
    public init(_ name: String) {
        description = name
    }

    /// A manifest was pushed to a repository, for the first time or again.
    public static let manifestPushed = EventKind("manifest.pushed")
    /// A manifest was deleted from a repository.
    public static let manifestDeleted = EventKind("manifest.deleted")
    /// A tag was made, or moved to another manifest.
    public static let tagMoved = EventKind("tag.moved")
    /// A tag was deleted.
    public static let tagDeleted = EventKind("tag.deleted")
    /// A manifest that had been deleted is there again.
    public static let manifestRestored = EventKind("manifest.restored")
    /// A repository was deleted, with all that is in it: of those nothing is told.
    public static let repositoryDeleted = EventKind("repository.deleted")
    /// A repository that had been deleted is there again, with all that is in it.
    public static let repositoryRestored = EventKind("repository.restored")
}

/// What an event is about, within its repository.
enum EventSubject: Sendable, Hashable {
    /// A tag.
    case tag(Tag)
    /// A manifest.
    case manifest(Digest)
    /// The repository itself.
    case repository

    /// What stands behind the name of the repository.
    var suffix: String {
        switch self {
        case .tag(let tag): ":\(tag)"
        case .manifest(let digest): "@\(digest)"
        case .repository: ""
        }
    }

    /// The tag, if it is one.
    var tag: Tag? {
        guard case .tag(let tag) = self else { return nil }
        return tag
    }
}

/// Something that a transaction has to tell.
struct EventNotice: Sendable, Hashable {
    /// What several of one transaction mostly share.
    struct Occasion: Sendable, Hashable {
        var repository: RepositoryID
        var at: Timestamp
        var actor: String
    }

    var occasion: Occasion
    var kind: EventKind
    var subject: EventSubject
    var version: Int64?
    var old: Digest?
    var new: Digest?
    var details = ""
}

/// What a transaction has to tell, gathered until it has done all else.
final class EventNotices {
    private(set) var all: [EventNotice] = []

    func add(_ notice: EventNotice) {
        all.append(notice)
    }
}

/// Somebody who wants to hear of every event from now on, until it is done with each.
public struct EventConsumerFact: Sendable, Hashable {
    /// What the database calls it: a number that is never given twice.
    public var id: EventConsumerID
    /// Its name.
    public var name: String
    /// Since when, by the clock of the database.
    public var registeredAt: Timestamp
    /// How many events went without having been acknowledged.
    public var lost: Int64

    /// How many there may be: each event is a row for each.
    public static let countMax = 16
    /// How long a name may be, in bytes.
    public static let nameByteCountMax = 64
}

/// What the database calls a consumer.
public struct EventConsumerID: Sendable, Hashable {
    /// The number.
    let number: Int64
}

/// What a consumer was given to do.
public struct EventClaim: Sendable, Hashable {
    /// The events, each of another subject, those that have waited longest first.
    public var events: [EventFact]
    /// How many were given up, because whoever had claimed them never said what became of them.
    public var buriedCount: Int
    /// How many were put off, because one before them of their subject is not done.
    public var postponedCount: Int
    /// Whether there may be more to claim now.
    public var isMore: Bool
}

/// An event that was given up.
public struct DeadEventFact: Sendable, Hashable {
    /// The event.
    public var event: EventFact
    /// When it was given up, by the clock of the database.
    public var diedAt: Timestamp
    /// Why.
    public var reason: String
}

/// How many events a consumer has.
public struct EventCounts: Sendable, Hashable {
    /// Those that it is not done with.
    public var waiting: Int
    /// Those that were given up.
    public var dead: Int

    /// States how many there are.
    public init(waiting: Int, dead: Int) {
        (self.waiting, self.dead) = (waiting, dead)
    }
}

/// A place among the events of a consumer in the order of their age.
public struct EventPlace: Sendable, Hashable, Comparable {
    /// When the event was written, by the clock of the database.
    public var writtenAt: Timestamp
    /// Its number.
    public var number: Int64

    /// Behind all that there are.
    public static let end = EventPlace(writtenAt: Timestamp(microseconds: .max), number: .max)

    /// The older is the smaller.
    public static func < (left: EventPlace, right: EventPlace) -> Bool {
        (left.writtenAt, left.number) < (right.writtenAt, right.number)
    }
}
