/// The tables of the outbox: what has happened, for those who want to hear of it.
extension Schema {
    /// - An event is a row for each consumer that is registered at that moment: where there is none, there is no row.
    /// - `subject` is what the event is about; of one subject a consumer gets one event after the other, by number.
    /// - `due_at` is when it may be claimed: at once, when a lease ends, when it is tried again, or when it is looked
    ///   at again whether those before it are done. `attempts` counts the claims, and tells one from the next.
    /// - What has `dead_at` was given up, for `reason`.
    /// - `lost` counts what went without having been acknowledged.
    /// - `event.consumer` has no foreign key: each push would lock the row of the consumer.
    /// - Moments are those of the database's clock, but for `happened_at`, which is that of the fact.
    static let events = [
        Statement(
            """
            CREATE TABLE event_consumer (
                id {identity},
                name TEXT {bytewise} NOT NULL UNIQUE,
                registered_at BIGINT NOT NULL,
                lost BIGINT NOT NULL
            )
            """
        ),
        Statement(
            """
            CREATE TABLE event (
                id {identity},
                consumer BIGINT NOT NULL,
                kind TEXT {bytewise} NOT NULL,
                repository TEXT {bytewise},
                subject TEXT {bytewise} NOT NULL,
                tag TEXT {bytewise},
                version BIGINT,
                old_digest TEXT {bytewise},
                new_digest TEXT {bytewise},
                details TEXT NOT NULL,
                actor TEXT NOT NULL,
                happened_at BIGINT NOT NULL,
                written_at BIGINT NOT NULL,
                due_at BIGINT NOT NULL,
                attempts BIGINT NOT NULL,
                dead_at BIGINT,
                reason TEXT
            )
            """
        ),
        Statement("CREATE INDEX event_by_due ON event (consumer, due_at, id) WHERE dead_at IS NULL"),
        Statement("CREATE INDEX event_by_subject ON event (consumer, subject, id) WHERE dead_at IS NULL"),
        Statement("CREATE INDEX event_dead ON event (consumer, id) WHERE dead_at IS NOT NULL"),
        Statement("CREATE INDEX event_by_age ON event (consumer, written_at, id)"),
    ]
}
