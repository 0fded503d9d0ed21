import Synchronization

/// What an engine has asked of the server since it was made.
public struct PostgreSQLCounts: Sendable, Hashable {
    /// Statements that were sent, those that begin and end transactions among them.
    public var statements = 0
    /// How often a thread has waited for an answer.
    public var roundTrips = 0
    /// Writes that were run again since they had lost against another.
    public var lostRaces = 0
    /// Reads and writes that were run again since their connection was lost.
    public var lostConnections = 0
    /// Commits whose answer was lost, and about which the server was asked.
    public var lostCommits = 0
    /// Connections that were opened.
    public var connections = 0

    /// Nothing yet.
    public init() {}

    /// What was asked since an earlier count.
    public static func - (left: PostgreSQLCounts, right: PostgreSQLCounts) -> PostgreSQLCounts {
        var difference = left
        difference.statements -= right.statements
        difference.roundTrips -= right.roundTrips
        difference.lostRaces -= right.lostRaces
        difference.lostConnections -= right.lostConnections
        difference.lostCommits -= right.lostCommits
        difference.connections -= right.connections
        return difference
    }
}

/// The counts of all connections of an engine.
final class Counters: Sendable {
    let statements = Atomic(0)
    let roundTrips = Atomic(0)
    let lostRaces = Atomic(0)
    let lostConnections = Atomic(0)
    let lostCommits = Atomic(0)
    let connections = Atomic(0)

    var counts: PostgreSQLCounts {
        var counts = PostgreSQLCounts()
        counts.statements = statements.load(ordering: .relaxed)
        counts.roundTrips = roundTrips.load(ordering: .relaxed)
        counts.lostRaces = lostRaces.load(ordering: .relaxed)
        counts.lostConnections = lostConnections.load(ordering: .relaxed)
        counts.lostCommits = lostCommits.load(ordering: .relaxed)
        counts.connections = connections.load(ordering: .relaxed)
        return counts
    }
}

extension Atomic<Int> {
    func count(_ number: Int = 1) {
        add(number, ordering: .relaxed)
    }
}
