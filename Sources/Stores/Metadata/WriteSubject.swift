/// What a write is about, where no two about the same may run side by side, in whatever processes.
///
/// Most writes have none: that they happen as if one after another is the engine's business.
public struct WriteSubject: Hashable, Sendable, CustomStringConvertible {
    /// The name, the same in every process.
    public let description: String
    /// Whether the write and all others happen as if one after another; else it only has to see one moment, and to
    /// change no row that another has changed since.
    public let isSerializable: Bool

    init(_ name: String, isSerializable: Bool = true) {
        (description, self.isSerializable) = (name, isSerializable)
    }

    /// The steps of the schema: an engine may be unable to take one twice at once and undo one of them.
    public static let schema = WriteSubject("schema")

    /// The events of a consumer that are there.
    ///
    /// Pushes write events and read none; so nothing is lost where those are not kept apart from writes that do.
    public static func events(of consumer: EventConsumerID) -> WriteSubject {
        WriteSubject("events of \(consumer.number)", isSerializable: false)
    }
}
