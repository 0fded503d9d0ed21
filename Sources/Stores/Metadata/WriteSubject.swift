/// What a write is about, where no two about the same may run side by side, in whatever processes.
///
/// Most writes have none: that they happen as if one after another is the engine's business.
public struct WriteSubject: Hashable, Sendable, CustomStringConvertible {
    /// The name, the same in every process.
    public let description: String

    init(_ name: String) {
        description = name
    }

    /// The steps of the schema: an engine may be unable to take one twice at once and undo one of them.
    public static let schema = WriteSubject("schema")
}
