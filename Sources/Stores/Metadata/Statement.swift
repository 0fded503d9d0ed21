/// One SQL text, the same for every engine; arguments are `$1`, `$2`, ….
///
/// Only this module makes any, and only in ``Statements`` and ``Schema``: a test prepares each of them in each engine.
public struct Statement: Hashable, Sendable {
    /// The text, with the dialect's points still open.
    public let sql: String

    /// Takes a constant: no value from outside ever becomes part of a text.
    init(_ sql: StaticString) {
        self.sql = sql.description
    }
}
