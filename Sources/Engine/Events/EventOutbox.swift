public import Metadata

/// The outbox: what has happened, written in the transaction in which it did, for those who registered to hear of it.
///
/// Invariants:
/// - A consumer gets every event of a write that began after it was registered, at least once, unless it comes too late
///   for it: see ``EventUpkeep``. A write that was under way may not have seen it: whoever compares with what is there
///   does so when those have ended, some seconds later.
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
    /// - Returns: The consumer.
    /// - Throws: ``MetadataError``: `constraint` for a name that is empty or too long, and when there are too many.
    public func register(
        _ name: String,
        options: EventConsumer.Options = EventConsumer.Options()
    ) async throws -> EventConsumer {
        // Who is there already costs no write.
        let known = try await facts.read { try $0.eventConsumers() }.first { $0.name == name }
        if let known { return EventConsumer(facts, known, options) }
        return EventConsumer(facts, try await facts.write { try $0.registerEventConsumer(name) }, options)
    }

    /// Ends that somebody hears of events, and removes those that wait for it; false when there is none of the name.
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
