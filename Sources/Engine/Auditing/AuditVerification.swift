public import Metadata

/// Walks the chain from its first seal to its last and says what is not as it was sealed.
///
/// It reads a bounded part at a time, each as of one moment, so that a server may go on meanwhile.
public struct AuditVerification: Sendable {
    /// Something that is not as it was.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// What kind of thing it is.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// An entry says something else than when it was sealed.
            case changed
            /// An entry, or a seal, is gone.
            case removed
            /// An entry is there that was not sealed.
            case added
            /// An entry stands in another place.
            case reordered
            /// A seal is not the one that was made.
            case seal
            /// A signature is wrong, missing, or says something else than the chain.
            case signature
            /// The chain has not, at the place that was expected, the hash that was expected.
            case expectation
        }

        /// What kind of thing it is.
        public var kind: Kind
        /// The seal; nil where it is about none.
        public var seal: Int64?
        /// The number of the entry; nil where it is about none, or about one that is gone.
        public var entry: Int64?
        /// What is wrong.
        public var sentence: String

        /// The sentence, with its kind.
        public var description: String { "\(kind.rawValue): \(sentence)" }
    }

    /// What was looked at, and how much of it was wrong.
    public struct Report: Hashable, Sendable {
        /// How many seals there are.
        public internal(set) var sealCount = 0
        /// How many entries these cover.
        public internal(set) var entryCount = 0
        /// How many entries have no seal yet: nothing can be said of them.
        public internal(set) var unsealedCount = 0
        /// How many signatures were right.
        public internal(set) var signatureCount = 0
        /// How many things were found wrong.
        public internal(set) var findingCount = 0
        /// The last seal; nil where there is none.
        public internal(set) var head: AuditHead?
        /// The last seal that was signed, if its signature is right.
        public internal(set) var signedHead: AuditHead?
    }

    private let facts: FactStore
    private let expected: AuditHead?
    private let report: @Sendable (Finding) -> Void

    /// - Parameters:
    ///   - facts: where the chain is; only read.
    ///   - expected: a head that was kept elsewhere, which the chain must still have.
    ///   - report: is told each finding.
    public init(
        _ facts: FactStore,
        expecting expected: AuditHead? = nil,
        report: @escaping @Sendable (Finding) -> Void
    ) {
        self.facts = facts
        self.expected = expected
        self.report = report
    }

    /// Walks the chain; throws only where the database cannot be read.
    public func run() async throws -> Report {
        // What is sealed from now on is not looked at, or a busy server would keep this from ending.
        let last = try await facts.read { try $0.newestAuditSealNumber() }
        var walk = AuditWalk(expected: expected, report: report)
        repeat {
            let position = walk.position
            let part = try await facts.read { try AuditWalk.Part(reading: $0, after: position) }
            walk.take(part)
            guard part.hasMore else { break }
        } while walk.position < last
        walk.take(try await facts.read { [expected] in try AuditWalk.End(reading: $0, expecting: expected?.number) })
        return walk.result
    }
}
