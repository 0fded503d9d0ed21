/// The outbox: events, and who wants to hear of them.
extension Statements {
    static let eventsGroup = [
        insertEvents, eventConsumers, eventConsumer, insertEventConsumer, deleteEventConsumer, addLostEvents,
        dueEvent, dueEvents, claimEvent, postponeEvent, deferEvent, buryEvent, deleteEvent, wakeEvent,
        deadEvents, reviveDeadEvent, deleteDeadEvent, waitingEventCount, deadEventCount,
        nextEventConsumer, eventBeyond, lastEventOfBatch, deleteEventsUpTo,
    ]

    /// One or two events about a repository, for each consumer; the second has no kind where there is one.
    static let insertEvents = Statement(
        """
        INSERT INTO event (consumer, kind, repository, subject, tag, version, old_digest, new_digest, details, actor,
                           happened_at, written_at, due_at, attempts)
        SELECT c.id, CAST($4 AS TEXT), r.name, r.name || CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS BIGINT),
               CAST($8 AS TEXT), CAST($9 AS TEXT), CAST($10 AS TEXT), CAST($3 AS TEXT), CAST($2 AS BIGINT),
               {now}, {now}, 0
          FROM event_consumer c
         CROSS JOIN repository r
         WHERE r.id = $1
         UNION ALL
        SELECT c.id, CAST($11 AS TEXT), r.name, r.name || CAST($12 AS TEXT), CAST($13 AS TEXT), CAST($14 AS BIGINT),
               CAST($15 AS TEXT), CAST($16 AS TEXT), CAST($17 AS TEXT), CAST($3 AS TEXT), CAST($2 AS BIGINT),
               {now}, {now}, 0
          FROM event_consumer c
         CROSS JOIN repository r
         WHERE r.id = $1 AND CAST($11 AS TEXT) IS NOT NULL
        """
    )

    // MARK: Consumers

    static let eventConsumers = Statement(
        "SELECT id, name, registered_at, lost, {now} FROM event_consumer ORDER BY name"
    )

    static let eventConsumer = Statement("SELECT id FROM event_consumer WHERE id = $1")

    static let insertEventConsumer = Statement(
        """
        INSERT INTO event_consumer (name, registered_at, lost) VALUES ($1, {now}, 0) ON CONFLICT (name) DO NOTHING
        """
    )

    static let deleteEventConsumer = Statement("DELETE FROM event_consumer WHERE name = $1 RETURNING id")

    static let addLostEvents = Statement("UPDATE event_consumer SET lost = lost + $2 WHERE id = $1")

    // MARK: Claiming

    static let dueEvent = Statement(
        """
        SELECT id FROM event
         WHERE consumer = $1 AND dead_at IS NULL AND due_at <= {now}
         ORDER BY due_at, id
         LIMIT 1
        """
    )

    /// What is due, and of each when that of its subject is due which comes just before it, where there is one, and
    /// when it was written.
    static let dueEvents = Statement(
        """
        SELECT e.id, e.kind, e.repository, e.subject, e.tag, e.version, e.old_digest, e.new_digest, e.details, e.actor,
               e.happened_at, e.attempts, {now},
               (SELECT p.due_at FROM event p
                 WHERE p.consumer = e.consumer AND p.subject = e.subject AND p.dead_at IS NULL AND p.id < e.id
                 ORDER BY p.id DESC
                 LIMIT 1),
               e.written_at
          FROM event e
         WHERE e.consumer = $1 AND e.dead_at IS NULL AND e.due_at <= {now}
         ORDER BY e.due_at, e.id
         LIMIT $2
        """
    )

    static let claimEvent = Statement("UPDATE event SET attempts = attempts + 1, due_at = {now} + $2 WHERE id = $1")

    static let postponeEvent = Statement("UPDATE event SET due_at = $2 WHERE id = $1")

    // MARK: What becomes of a claim: each names the attempt, and changes nothing where there was another since
    // They find the row by its number alone: none of the indexes of what is not dead is to be taken for that.

    static let deferEvent = Statement(
        """
        UPDATE event SET due_at = {now} + $3, reason = COALESCE($4, reason)
         WHERE id = $1 AND attempts = $2 AND COALESCE(dead_at, 0) = 0
        """
    )

    static let buryEvent = Statement(
        """
        UPDATE event SET dead_at = {now}, reason = $3
         WHERE id = $1 AND attempts = $2 AND COALESCE(dead_at, 0) = 0
        """
    )

    static let deleteEvent = Statement(
        "DELETE FROM event WHERE id = $1 AND attempts = $2 AND COALESCE(dead_at, 0) = 0 RETURNING id"
    )

    /// Makes the first of a subject due that was put off because of one before it.
    static let wakeEvent = Statement(
        """
        UPDATE event SET due_at = {now}
         WHERE id = (
                   SELECT n.id FROM event n
                    WHERE n.consumer = $1 AND n.subject = $2 AND n.dead_at IS NULL
                    ORDER BY n.id
                    LIMIT 1
               )
           AND attempts = 0 AND due_at > {now}
        """
    )

    // MARK: What was given up

    /// With the consumer in the order, so that those that are not dead are not passed over by number.
    static let deadEvents = Statement(
        """
        SELECT id, kind, repository, subject, tag, version, old_digest, new_digest, details, actor, happened_at,
               attempts, dead_at, reason
          FROM event
         WHERE dead_at IS NOT NULL AND (consumer, id) > ($1, $2) AND consumer <= $1
         ORDER BY consumer, id
         LIMIT $3
        """
    )

    /// Puts one behind all that waits for its subject.
    static let reviveDeadEvent = Statement(
        """
        INSERT INTO event (consumer, kind, repository, subject, tag, version, old_digest, new_digest, details, actor,
                           happened_at, written_at, due_at, attempts)
        SELECT consumer, kind, repository, subject, tag, version, old_digest, new_digest, details, actor,
               happened_at, {now}, {now}, 0
          FROM event
         WHERE id = $1 AND consumer = $2 AND dead_at IS NOT NULL
        """
    )

    static let deleteDeadEvent = Statement(
        "DELETE FROM event WHERE id = $1 AND consumer = $2 AND dead_at IS NOT NULL"
    )

    // MARK: Counting and clearing away

    static let waitingEventCount = Statement(
        """
        SELECT COUNT(*)
          FROM (SELECT 1 FROM event WHERE consumer = $1 AND dead_at IS NULL ORDER BY due_at, id LIMIT $2) AS c
        """
    )

    static let deadEventCount = Statement(
        """
        SELECT COUNT(*)
          FROM (SELECT 1 FROM event WHERE consumer = $1 AND dead_at IS NOT NULL ORDER BY id LIMIT $2) AS c
        """
    )

    /// The next consumer that has events, registered or not.
    static let nextEventConsumer = Statement(
        "SELECT consumer FROM event WHERE consumer > $1 ORDER BY consumer LIMIT 1"
    )

    /// The newest of those that are too many.
    static let eventBeyond = Statement(
        "SELECT written_at, id FROM event WHERE consumer = $1 ORDER BY written_at DESC, id DESC LIMIT 1 OFFSET $2"
    )

    /// The last of a batch, of those up to a place.
    static let lastEventOfBatch = Statement(
        """
        SELECT written_at, id FROM event
         WHERE consumer = $1 AND (written_at, id) <= ($2, $3)
         ORDER BY written_at, id
         LIMIT 1 OFFSET $4
        """
    )

    static let deleteEventsUpTo = Statement(
        "DELETE FROM event WHERE consumer = $1 AND (written_at, id) <= ($2, $3) RETURNING subject"
    )
}
