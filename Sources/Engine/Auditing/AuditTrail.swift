public import Logging
public import Metadata
import Synchronization

/// Where logins, refusals, pulls and changes of the registry are handed in to be recorded: never waited for, and
/// written down by ``run()`` within a second.
///
/// A crash loses at most what came in that second. What must not be lost is written in the transaction of the change
/// that it tells, by `Facts.append`.
public final class AuditTrail: Sendable {
    /// Who has done what the registry does by itself.
    public static let principal = "system"
    /// How often entries are written.
    static let flushInterval = Duration.seconds(1)
    /// The most entries in one transaction.
    private static let entriesPerWrite = 500

    private let facts: FactStore
    private let now: @Sendable () -> Timestamp
    private let log: Logger
    private let queue: Mutex<AuditQueue>

    /// Writes to `facts`, by the time that `now` says.
    public init(_ facts: FactStore, now: @escaping @Sendable () -> Timestamp, log: Logger) {
        self.facts = facts
        self.now = now
        self.log = log
        queue = Mutex(AuditQueue(at: now()))
    }

    /// Hands an entry in; returns at once.
    ///
    /// Equal ones within a minute become one with their number in `times`; what comes too fast is counted, and told by
    /// an entry `audit.dropped`.
    public func record(_ entry: AuditFact) {
        let (entry, moment) = (entry.bounded, now())
        queue.withLock { $0.add(entry, at: moment) }
    }

    /// How many entries wait to be written.
    public var waitingCount: Int { queue.withLock { $0.count } }

    /// Writes each second what has come, until it is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await flush()
            try? await Task.sleep(for: Self.flushInterval)
        }
    }

    /// Writes what has come; `all` also what would still be gathered, as at the end.
    ///
    /// What cannot be written waits for the next time.
    public func flush(all: Bool = false) async {
        let moment = now()
        var entries = queue.withLock { $0.take(at: moment, all: all) }[...]
        while !entries.isEmpty {
            let some = Array(entries.prefix(Self.entriesPerWrite))
            do {
                try await facts.write { facts in
                    for entry in some { try facts.append(entry) }
                }
            } catch {
                log.error("the audit could not be written", metadata: ["error": .string("\(error)")])
                queue.withLock { [entries] in $0.putBack(Array(entries)) }
                return
            }
            entries = entries.dropFirst(some.count)
        }
    }
}

extension AuditFact {
    /// The most bytes of a field that somebody outside has a say in.
    private static let fieldByteCountMax = 1024
    private static let detailsByteCountMax = 4096

    /// The same, no longer than an entry of the trail may be, and without what a database cannot hold as text.
    fileprivate var bounded: AuditFact {
        var bounded = self
        bounded.principal = Self.cut(principal)
        bounded.address = Self.cut(address)
        bounded.requestID = Self.cut(requestID)
        bounded.action = Self.cut(action)
        bounded.target = Self.cut(target)
        bounded.reason = Self.cut(reason)
        if details.utf8.count > Self.detailsByteCountMax {
            bounded.details = #"{"left_out_bytes":\#(details.utf8.count)}"#
        }
        return bounded
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > fieldByteCountMax || text.utf8.contains(0) else { return text }
        let bytes = text.utf8.prefix(fieldByteCountMax).map { $0 == 0 ? UInt8(ascii: "?") : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
