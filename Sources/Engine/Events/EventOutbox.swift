public import Metadata

/// The outbox: what has happened, written in the transaction in which it did, for those who registered to hear of it.
///
/// Invariants:
/// - A consumer gets every event of a write that is committed after it was registered, at least once, unless it comes
///   too late for it: see ``EventUpkeep``. A write that was under way may not have seen it, so registering waits until
///   those have ended: who compares then with what is there misses nothing. See ``EventConsumer/hearsAll``.
/// - Of one subject it gets one after the other, in the order in which they happened: the next when it is done with the
///   one before. One that was given up and is tried again may come beside one that is just being written. Events of
///   different subjects come in any order.
/// - Where nobody is registered nothing is written.
public struct EventOutbox: Sendable {
    private let facts: FactStore

    /// The outbox in the facts of an installation.
    public init(_ facts: FactStore) {
        self.facts = facts
    }

    /// Lets somebody hear of what happens from now on; whoever is registered already goes on.
    ///
    /// Any number of servers may register the same name: they share its events. A server that does not know of events
    /// yet writes none: there must be none left when the first consumer is registered.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - options: How it goes about its events.
    ///   - patience: How long it is waited at most for writes that are under way.
    /// - Returns: The consumer.
    /// - Throws: ``MetadataError``: `constraint` for a name that is empty or too long, and when there are too many.
    public func register(
        _ name: String,
        options: EventConsumer.Options = EventConsumer.Options(),
        patience: Duration = .seconds(10)
    ) async throws -> EventConsumer {
        // Who is there already costs no write.
        let known = try await facts.read { try $0.eventConsumers() }.first { $0.name == name }
        let fact: EventConsumerFact
        if let known {
            fact = known
        } else {
            fact = try await facts.write { try $0.registerEventConsumer(name) }
        }
        // Also where it was there: another may have registered it this moment, and wait.
        let hearsAll = try await facts.settle(for: patience)
        return EventConsumer(facts, fact, options, hearsAll: hearsAll)
    }

    /// Ends that somebody hears of events, and removes those that wait for it; false when there is none of the name.
    ///
    /// Whoever is at it as this consumer finds out at its next claim, also where the name is registered again.
    public func unregister(_ name: String) async throws -> Bool {
        guard let ended = try await facts.write({ try $0.unregisterEventConsumer(name) }) else { return false }
        _ = try await EventUpkeep(facts).removeAll(of: ended)
        return true
    }

    /// Who is registered, in the order of their names.
    public func consumers() async throws -> [EventConsumerFact] {
        try await facts.read { try $0.eventConsumers() }
    }
}
