/// One SQL text, the same for every engine; arguments are `$1`, `$2`, ….
///
/// Only this module makes any, and only in ``Statements``, ``Schema`` and ``FactTable``: a test prepares each of them
/// in each engine.
public struct Statement: Hashable, Sendable {
    /// The text, with the dialect's points still open.
    public let sql: String
    /// Where the text lies in the program: statements are looked up with each use, and their texts are long.
    private let place: Int

    /// Takes a constant: no value from outside ever becomes part of a text.
    init(_ sql: StaticString) {
        self.sql = sql.description
        place = Int(bitPattern: sql.utf8Start)
    }

    private init(sql: String, place: Int) {
        (self.sql, self.place) = (sql, place)
    }

    /// A text that is put together from the schema's own words, and a number that no other such text has.
    static func derived(_ sql: String, number: Int) -> Statement {
        // No address is below zero.
        .init(sql: sql, place: -1 - number)
    }

    /// Whether they are the same statement, and not only of the same text.
    public static func == (left: Statement, right: Statement) -> Bool {
        left.place == right.place
    }

    /// Hashes which it is.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(place)
    }
}
