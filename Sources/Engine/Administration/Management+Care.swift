import Access
import AdminModel
import Identity
import Metadata
import OCI

/// What is damaged.
extension Management {
    /// How many images are told of each damage, and how many tags of each.
    private static let imageCountMax = 20

    /// What was found to be damaged and is not mended, by digest.
    public func damage(after last: String?, limit: Int) async throws -> Page<Damage> {
        try requireInstallation()
        let place = try last.map { text in
            guard let place = DamageFact.Place(text) else {
                throw Problem(.unprocessable, "after is the next of a page before", field: "after")
            }
            return place
        }
        return try await read { facts in
            let rows = try facts.damages(after: place, limit: limit + 1)
            let items = try rows.prefix(limit).filter { !$0.isMended }.map { row in
                Damage(
                    row.damage,
                    try facts.images(needing: row.damage.digest, row.damage.kind, limit: Self.imageCountMax)
                )
            }
            return Page(items: items, next: rows.count > limit ? rows[limit - 1].damage.place.text : nil)
        }
    }
}

/// What nobody may change.
extension Management {
    /// What nobody may change, by scope: everybody who may see a project may know why it cannot be changed.
    public func readOnly(after last: String?, limit: Int) async throws -> Page<ReadOnly> {
        try requireLogin()
        let seen = try await read { try $0.readOnlyScopes() }
            .filter { $0.scope == ReadOnlyFact.everything || sees($0.scope) }.map { ReadOnly($0) }
        return Page(of: seen, by: \.scope, after: last, limit: limit)
    }

    /// Says that nobody may change something, and why.
    public func setReadOnly(_ scope: String, _ wanted: ReadOnlyReason) async throws -> ReadOnly {
        let (scope, decision) = try requireScope(scope)
        let (reason, principal) = (wanted.reason, login.principal.description)
        return try await change("read-only.set", Self.target(scope), because: decision) { facts, details in
            let scopes = try facts.readOnlyScopes()
            guard scopes.count < Bounds.readOnlyCountMax || scopes.contains(where: { $0.scope == scope }) else {
                throw Problem(.conflict, "at most \(Bounds.readOnlyCountMax) projects are read-only at once")
            }
            try facts.setReadOnly(scope, because: reason, by: principal)
            details["reason"] = reason
            guard let set = try facts.readOnlyScopes().first(where: { $0.scope == scope }) else {
                throw Bounds.missing("read-only \(scope)")
            }
            return ReadOnly(set)
        }
    }

    /// Lets something be changed again.
    public func deleteReadOnly(_ scope: String) async throws {
        let (scope, decision) = try requireScope(scope)
        _ = try await change("read-only.delete", Self.target(scope), because: decision) { facts, _ in
            guard try facts.deleteReadOnly(scope) else { throw Bounds.missing("read-only \(scope)") }
            return true
        }
    }

    /// Throws unless the caller manages what is meant.
    private func requireScope(_ scope: String) throws -> (scope: String, decision: Decision) {
        guard scope != ReadOnlyFact.everything else { return (scope, try requireInstallation()) }
        let decision = try requireProject(scope)
        return (try Bounds.project(scope), decision)
    }

    private static func target(_ scope: String) -> String {
        scope == ReadOnlyFact.everything ? "installation" : "project:\(scope)"
    }
}

extension Damage {
    fileprivate init(_ fact: DamageFact, _ images: [NeedingImage]) {
        self.init(
            kind: fact.kind.rawValue,
            digest: fact.digest.description,
            problem: fact.problem,
            foundAt: Instant(fact.foundAt),
            lookedAt: Instant(fact.lookedAt),
            images: images.map { image in
                DamagedImage(
                    repository: image.repository.description,
                    manifest: image.manifest?.description,
                    tags: image.tags.map(\.description)
                )
            }
        )
    }
}

extension ReadOnly {
    fileprivate init(_ fact: ReadOnlyFact) {
        self.init(scope: fact.scope, reason: fact.reason, setAt: Instant(fact.setAt), setBy: fact.setBy)
    }
}
