import Access
import AdminModel
import Foundation
import Identity
import Metadata
import OCI

/// The management as one caller may do it, for one request.
///
/// - Each function asks first whether the caller may, and throws ``Problem`` with `denied` when not: the same whether
///   what was asked for is there or not.
/// - A change, its entry in the audit and the answer to its idempotency key are one transaction.
public struct Management: Sendable {
    let service: ManagementService
    let login: Login
    let origin: Origin
    let request: String
    let condition: Precondition
    let key: IdempotencyKey?

    var now: Timestamp { service.now() }
    private var rules: AccessRules { service.directory.snapshot.rules }

    // MARK: Who may

    /// Throws ``Problem`` unless the caller manages the installation.
    @discardableResult
    func requireInstallation() throws -> Decision {
        let decision = rules.decideManagement(by: login.principal)
        guard decision.isAllowed else { throw refusal("manage the installation", decision) }
        return decision
    }

    /// Throws ``Problem`` unless the caller manages a project, or the installation.
    @discardableResult
    func requireProject(_ name: String) throws -> Decision {
        let whole = rules.decideManagement(by: login.principal)
        if whole.isAllowed { return whole }
        let decision = rules.decideManagement(of: name, by: login.principal)
        guard decision.isAllowed else { throw refusal("manage the project \(name)", decision) }
        return decision
    }

    /// Throws ``Problem`` unless the caller manages what a robot belongs to: its project, or the installation.
    @discardableResult
    func requireRobot(_ name: String) throws -> Decision {
        guard let project = AccountName.project(ofRobot: name) else { return try requireInstallation() }
        return try requireProject(project)
    }

    /// Throws ``Problem`` unless the caller is somebody, and not by a credential that may do less than they.
    func requireOwn(_ account: String) throws {
        guard login.account == account, login.principal.limits.isEmpty else { throw refusal("do this") }
    }

    /// Throws ``Problem`` where the caller's credential may do less than they: what it hands out would do more.
    func requireUnlimited() throws {
        guard login.principal.limits.isEmpty else { throw refusal("hand out rights by a limited credential") }
    }

    /// Throws ``Problem`` unless the caller is known.
    func requireLogin() throws {
        guard login.principal.kind != .anonymous else { throw refusal("do this") }
    }

    /// Whether the caller manages the installation.
    var managesInstallation: Bool { rules.decideManagement(by: login.principal).isAllowed }

    func refusal(_ what: String, _ decision: Decision? = nil) -> Refused {
        Refused(
            what: what,
            isAnonymous: login.principal.kind == .anonymous,
            reason: decision?.description ?? "not one's own"
        )
    }

    // MARK: Reading

    func read<Value: Sendable>(_ body: @escaping @Sendable (Facts) throws -> Value) async throws -> Value {
        try await service.facts.read(body)
    }

    // MARK: Changing

    /// Changes facts in one transaction with the entry in the audit.
    ///
    /// - Parameters:
    ///   - action: what the audit calls it, noun first.
    ///   - target: what it is done to.
    ///   - reason: why the caller may.
    ///   - body: does it, and says what changed.
    /// - Returns: what `body` gives, or what the request was answered before.
    /// - Throws: what `body` throws, and ``Problem`` for a key that was used for something else.
    func change<Value: Codable & Sendable>(
        _ action: String,
        _ target: String,
        because reason: Decision? = nil,
        _ body: @escaping @Sendable (Facts, inout [String: String]) throws -> Value
    ) async throws -> Value {
        let moment = now
        return try await service.directory.change { facts in
            try changed(facts, action, target, because: reason, at: moment, body)
        }
    }

    /// The same for jobs, which no rule and no account depends on: nobody reads those again because of it.
    func changeJobs<Value: Codable & Sendable>(
        _ action: String,
        _ target: String,
        because reason: Decision,
        _ body: @escaping @Sendable (Facts, inout [String: String]) throws -> Value
    ) async throws -> Value {
        let moment = now
        return try await service.facts.write { facts in
            try changed(facts, action, target, because: reason, at: moment, body)
        }
    }

    /// The same for what holds tags, which each push reads from the database anew.
    func changeTags<Value: Codable & Sendable>(
        _ action: String,
        _ target: String,
        because reason: Decision,
        _ body: @escaping @Sendable (Facts, inout [String: String]) throws -> Value
    ) async throws -> Value {
        try await changeJobs(action, target, because: reason, body)
    }

    /// The same for images, of which this process may keep something in memory: that is forgotten, also where nobody
    /// knows whether it was done.
    func changeImages<Value: Codable & Sendable>(
        _ action: String,
        _ target: String,
        because reason: Decision,
        _ body: @escaping @Sendable (Facts, inout [String: String]) throws -> Value
    ) async throws -> Value {
        let moment = now
        defer { service.trash.forgetNames() }
        do {
            return try await service.facts.write { facts in
                try changed(facts, action, target, because: reason, at: moment, body)
            }
        } catch let exceeded as QuotaExceeded {
            throw Problem(.conflict, exceeded.sentence)
        }
    }

    private func changed<Value: Codable>(
        _ facts: Facts,
        _ action: String,
        _ target: String,
        because reason: Decision?,
        at moment: Timestamp,
        _ body: (Facts, inout [String: String]) throws -> Value
    ) throws -> Value {
        // The body may have been long on its way: what was taken back meanwhile changes nothing any more.
        guard try login.holds(in: facts, at: moment) else {
            throw Problem(.unauthenticated, "the login does not hold any more")
        }
        if let known: Value = try keptAnswer(in: facts) { return known }
        var details: [String: String] = [:]
        let value = try body(facts, &details)
        try note(action, target, because: reason, details, at: moment, in: facts)
        try keep(value, at: moment, in: facts)
        return value
    }

    /// Records what was done.
    func note(
        _ action: String,
        _ target: String,
        because reason: Decision?,
        _ details: [String: String],
        at moment: Timestamp,
        in facts: Facts
    ) throws {
        try facts.append(
            AuditFact(
                at: moment,
                principal: login.principal.description,
                address: origin.address,
                requestID: request,
                action: action,
                target: target,
                outcome: .allowed,
                reason: reason?.description ?? "one's own",
                details: details.isEmpty ? "" : try Self.text(details)
            )
        )
    }

    private static func text(_ details: [String: String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(details), as: UTF8.self)
    }

    // MARK: Repeated requests

    /// What the request was answered before, when it comes again.
    private func keptAnswer<Value: Codable>(in facts: Facts) throws -> Value? {
        guard let key, let kept = try facts.keptAnswer(keyHash(key)) else { return nil }
        guard kept.requestHash == key.request, let bytes = SealedAnswer.open(kept.answer, with: key.key) else {
            throw Problem(.keyReused, "the idempotency key was used for another request: take a new one")
        }
        return try JSONDecoder().decode(Value.self, from: Data(bytes))
    }

    private func keep(_ value: some Codable, at moment: Timestamp, in facts: Facts) throws {
        guard let key else { return }
        let sealed = try SealedAnswer.seal(Array(try JSONEncoder().encode(value)), with: key.key)
        _ = try facts.insertKeptAnswer(
            KeptAnswerFact(keyHash: keyHash(key), requestHash: key.request, answer: sealed, createdAt: moment)
        )
    }

    /// Two callers with the same key do not meet.
    private func keyHash(_ key: IdempotencyKey) -> String {
        SealedAnswer.hash(key.key, of: login.principal.description)
    }
}

/// The caller may not.
public struct Refused: Error, Sendable {
    /// What they may not do, such as `manage the installation`.
    public let what: String
    /// Whether nobody has said who calls.
    public let isAnonymous: Bool
    /// Why, for the audit; not for the caller.
    public let reason: String
    /// What the caller is told, where that is more than that they may not.
    public var problem: Problem?
}
