import Access
import AdminModel
import Identity
import Metadata
import OCI

/// Who calls, who may do what and why, and the keys that sign tokens.
extension Management {
    /// Who calls, and what they may manage.
    public func caller() async throws -> AdminModel.Caller {
        try requireLogin()
        let rules = service.directory.snapshot.rules
        let projects = try await read { try $0.projects() }.map(\.name).filter { name in
            rules.decideManagement(of: name, by: login.principal).isAllowed
        }
        return AdminModel.Caller(
            principal: login.principal.description,
            groups: login.principal.groups.sorted(),
            managesInstallation: managesInstallation,
            managedProjects: projects,
            credentialExpiresAt: login.credentialEnd.map { Instant($0) }
        )
    }

    /// Whether somebody may do something, and the rule that decides.
    ///
    /// For who manages the repository's project or the installation, and about oneself.
    public func explain(_ subject: String, _ action: String, on repository: String) async throws -> Explanation {
        try requireLogin()
        guard let action = Action(rawValue: action) else {
            let known = Action.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.invalid, "\(action) is no action: there are \(known)", field: "action")
        }
        guard let name = try? RepositoryName(repository) else {
            throw Problem(.invalid, "\(repository.debugDescription) is no repository's name", field: "repository")
        }
        let snapshot = service.directory.snapshot
        let isOwn = subject == login.principal.description
        if !isOwn { try requireProject(repository) }
        // Who asks about themselves asks with the credential in use, and from where they are.
        let principal = isOwn ? login.principal : try Self.principal(subject, in: snapshot)
        let decision = snapshot.rules.decide(principal, action, on: name)
        var explanation = Explanation(principal, action, name, decision)
        if snapshot.accounts[principal.name]?.fact.disabledAt != nil {
            (explanation.isAllowed, explanation.reason) = (false, "denied because the account is closed")
        }
        return explanation
    }

    private static func principal(_ text: String, in snapshot: AccessDirectory.Snapshot) throws -> Principal {
        if text == "anonymous" || text == "anyone" { return .anonymous }
        // A bare name is a user's or a robot's: no two accounts share one.
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.count == 2 ? parts[1] : text
        guard parts.count == 1 || ["user", "robot"].contains(parts[0]), let account = snapshot.accounts[name],
            parts.count == 1 || account.fact.kind.rawValue == parts[0]
        else {
            throw Problem(.notFound, "there is no \(text): name user:NAME, robot:NAME or anonymous", field: "principal")
        }
        let kind: Principal.Kind = account.fact.kind == .user ? .user : .robot
        return Principal(kind: kind, name: name, groups: account.groups)
    }

    // MARK: Keys

    /// The keys that sign tokens, the oldest first.
    public func keys(after last: String?, limit: Int) async throws -> Page<SigningKey> {
        try requireInstallation()
        let signing = service.directory.snapshot.signingKeyID(at: now)
        let keys = try await read { try $0.signingKeys() }.map { fact in
            SigningKey(id: fact.id, createdAt: Instant(fact.createdAt), isSigning: fact.id == signing)
        }
        return Page(of: keys, by: \.id, after: last, limit: limit)
    }

    /// Makes a new key, which signs as soon as every server has had the time to learn of it; the older ones verify what
    /// they signed, and go when that has ended.
    public func rotateKey() async throws -> SigningKey {
        let reason = try requireInstallation()
        let key = TokenKeys.newFact(at: now)
        return try await change("key.rotate", "key:\(key.id)", because: reason) { facts, _ in
            try facts.insertSigningKey(key)
            return SigningKey(id: key.id, createdAt: Instant(key.createdAt), isSigning: false)
        }
    }

    /// Takes a key away, and with it every token that it signed: for one that somebody else has got.
    public func deleteKey(_ id: String) async throws {
        let reason = try requireInstallation()
        _ = try await change("key.delete", "key:\(id)", because: reason) { facts, _ in
            let keys = try facts.signingKeys()
            guard keys.contains(where: { $0.id == id }) else { throw Bounds.missing("key \(id)") }
            guard keys.count > 1 else { throw Problem(.conflict, "it is the only key: make a new one first") }
            return try facts.deleteSigningKey(id: id)
        }
    }
}

extension Explanation {
    init(_ principal: Principal, _ action: Action, _ repository: RepositoryName, _ decision: Decision) {
        self.init(
            principal: principal.description,
            action: action.rawValue,
            repository: repository.description,
            isAllowed: decision.isAllowed,
            reason: decision.description
        )
        switch decision.reason {
        case .granted(let grant, let policy), .denied(let grant, let policy):
            role = grant.role
            subject = grant.subject.description
            project = grant.project
            self.policy = Policies.shown(policy)
        case .publicProject(let name), .addressNotAllowed(let name):
            project = name
        case .localAdministrator, .beyondLimit, .nothingAllows:
            break
        }
    }
}
