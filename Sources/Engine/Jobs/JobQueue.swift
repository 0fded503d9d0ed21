public import Metadata

/// Where work is put that lasts, and whoever does it in this process is told of it.
public final class JobQueue: Sendable {
    /// The kinds that can be put.
    public let kinds: JobKinds

    /// The database that it is in.
    public let facts: FactStore
    let bell = JobBell()

    /// There is no kind of a name.
    public struct UnknownKind: Error, Hashable, CustomStringConvertible {
        /// The name.
        public let name: String
        /// Those that there are.
        public let known: [String]

        /// A sentence.
        public var description: String {
            "there is no kind of job \"\(name.prefix(100))\"; there are \(known.joined(separator: ", "))"
        }
    }

    /// A queue in a database.
    public init(_ facts: FactStore, kinds: JobKinds) {
        (self.facts, self.kinds) = (facts, kinds)
    }

    /// Puts a job, in the transaction of what it belongs to; ``wake()`` is called afterwards.
    ///
    /// - Throws: ``UnknownKind``, ``JobKind/ArgumentError``.
    public func put(
        kind name: String,
        arguments: String = "{}",
        by principal: String,
        in facts: Facts
    ) throws -> (id: Int64, isNew: Bool) {
        guard let kind = kinds[name] else { throw UnknownKind(name: name, known: kinds.names) }
        return try facts.putJob(kind.order(arguments: arguments, by: principal))
    }

    /// Puts a job, and tells who does such work here.
    ///
    /// - Throws: ``UnknownKind``, ``JobKind/ArgumentError``, and what the database cannot do.
    @discardableResult
    public func enqueue(
        kind name: String,
        arguments: String = "{}",
        by principal: String
    ) async throws -> (id: Int64, isNew: Bool) {
        guard let kind = kinds[name] else { throw UnknownKind(name: name, known: kinds.names) }
        let order = try kind.order(arguments: arguments, by: principal)
        let put = try await facts.write { try $0.putJob(order) }
        wake()
        return put
    }

    /// Tells who does such work in this process that there may be something to do.
    public func wake() {
        bell.ring()
    }
}
