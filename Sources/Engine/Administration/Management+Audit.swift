import AdminModel
import Foundation
import Metadata

/// What is looked for in the audit; what is not given picks nothing out.
public struct AuditQuestion: Sendable {
    /// Who, such as `user:alice`.
    public var principal: String?
    /// What was done; with a `*` at its end, all that begins so.
    public var action: String?
    /// To what; with a `*` at its end, all that begins so.
    public var target: String?
    /// How it went: `allowed`, `denied` or `failed`.
    public var outcome: String?
    /// Not before this moment.
    public var since: Instant?
    /// Before this moment.
    public var until: Instant?

    /// States a question.
    public init(
        principal: String? = nil,
        action: String? = nil,
        target: String? = nil,
        outcome: String? = nil,
        since: Instant? = nil,
        until: Instant? = nil
    ) {
        self.principal = principal
        self.action = action
        self.target = target
        self.outcome = outcome
        self.since = since
        self.until = until
    }

    fileprivate var search: AuditSearch {
        get throws {
            let outcome = try outcome.map { text in
                guard let outcome = AuditFact.Outcome(rawValue: text) else {
                    let known = AuditFact.Outcome.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Problem(.invalid, "an outcome is one of \(known)", field: "outcome")
                }
                return outcome
            }
            return AuditSearch(
                principal: principal,
                action: action.map(Self.match),
                target: target.map(Self.match),
                outcome: outcome,
                since: since?.timestamp,
                until: until?.timestamp
            )
        }
    }

    private static func match(_ text: String) -> AuditSearch.Match {
        text.hasSuffix("*") ? .prefix(String(text.dropLast())) : .exactly(text)
    }
}

/// Reading the audit.
extension Management {
    /// Entries that are looked for, the newest first; a page may have fewer than `limit` and not be the last.
    public func audit(_ question: AuditQuestion, after last: String?, limit: Int) async throws -> Page<AuditEntry> {
        try requireInstallation()
        let search = try question.search
        let place = try last.map { text in
            guard let place = AuditKeyset(text) else {
                throw Problem(.unprocessable, "after is the next of the page before", field: "after")
            }
            return place
        }
        let page = try await read { try $0.auditEntries(search, after: place, limit: limit) }
        return Page(items: page.records.map { AuditEntry($0) }, next: page.next?.text)
    }
}

extension AuditKeyset {
    fileprivate init?(_ text: String) {
        let parts = text.split(separator: ".").compactMap { Int64($0) }
        guard parts.count == 2 else { return nil }
        self.init(at: Timestamp(microseconds: parts[0]), id: parts[1])
    }

    fileprivate var text: String { "\(at.microseconds).\(id)" }
}

extension AuditEntry {
    fileprivate init(_ record: AuditRecord) {
        let fact = record.fact
        self.init(
            id: record.id,
            at: Instant(fact.at),
            principal: fact.principal,
            address: fact.address,
            request: fact.requestID,
            action: fact.action,
            target: fact.target,
            outcome: fact.outcome.rawValue,
            reason: fact.reason,
            details: Self.details(fact.details),
            times: fact.times,
            seal: record.seal
        )
    }

    /// What was written as an object, its values as texts; anything else as it stands, under one name.
    private static func details(_ text: String) -> [String: String] {
        guard !text.isEmpty else { return [:] }
        let read = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return read?.mapValues { "\($0)" } ?? ["text": text]
    }
}
