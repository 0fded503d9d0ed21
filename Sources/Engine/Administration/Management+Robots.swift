import Access
import AdminModel
import Identity
import Metadata

/// Robots and their secrets.
extension Management {
    /// Robots, by name: those of a project, or all of them.
    public func robots(project: String?, after last: String?, limit: Int) async throws -> Page<Robot> {
        if let project { try requireProject(project) } else { try requireInstallation() }
        let moment = now
        return try await read { facts in
            let robots = try facts.robots().filter { project == nil || $0.project == project }
            let page = Page(of: robots.map(\.name), by: { $0 }, after: last, limit: limit)
            return Page(
                items: try page.items.compactMap { try facts.robot($0, at: moment) },
                next: page.next
            )
        }
    }

    /// A robot: for who manages what it belongs to, and for itself.
    public func robot(_ name: String) async throws -> Robot {
        if login.account != name { try requireRobot(name) }
        let moment = now
        guard let robot = try await read({ try $0.robot(name, at: moment) }) else {
            throw Bounds.missing("robot \(name)")
        }
        return robot
    }

    /// Makes a robot with its first secret.
    public func create(_ new: NewRobot) async throws -> MadeRobot {
        let reason = try new.project.map { try requireProject($0) } ?? requireInstallation()
        try requireUnlimited()
        guard let name = AccountName.robot(new.name, in: new.project) else {
            throw Problem(
                .invalid,
                "the name of a robot is 1 to \(AccountName.robotByteCountMax) letters, digits and ._-, without its "
                    + "project's",
                field: "name"
            )
        }
        let description = try Bounds.description(new.description)
        let roles = try Bounds.names(new.roles ?? [], field: "roles")
        let moment = now
        let credential = NewCredential(
            .robot,
            of: name,
            label: "",
            addresses: try Bounds.addresses(new.addresses),
            at: moment,
            until: try Bounds.end(new.expiresAt, never: new.neverExpires, from: moment, else: Bounds.lifetime)
        )
        let account = AccountFact(
            name: name,
            kind: .robot,
            password: nil,
            createdAt: moment,
            project: new.project,
            description: description
        )
        return try await change("robot.create", "robot:\(name)", because: reason) { facts, details in
            if let project = new.project, try facts.project(project) == nil {
                throw Problem(.unprocessable, "there is no project \(project)", field: "project")
            }
            guard try facts.insertAccount(account) else {
                throw Problem(.conflict, "there is an account \(name) already", field: "name")
            }
            try facts.insertCredential(credential.fact)
            try Self.give(roles, to: "robot:\(name)", in: new.project, facts)
            if !roles.isEmpty { details["roles"] = roles.joined(separator: ", ") }
            details["secret"] = credential.fact.id
            guard let robot = try facts.robot(name, at: moment) else { throw Bounds.missing("robot \(name)") }
            return MadeRobot(robot: robot, secret: String(decoding: credential.secret.bytes, as: UTF8.self))
        }
    }

    /// Changes a robot.
    public func change(_ name: String, _ change: RobotChange) async throws -> Robot {
        let reason = try requireRobot(name)
        let description = try change.description.map { try Bounds.description($0) }
        let moment = now
        return try await self.change("robot.change", "robot:\(name)", because: reason) { facts, details in
            guard let robot = try facts.robot(name, at: moment) else { throw Bounds.missing("robot \(name)") }
            try condition.check(robot)
            if let description, description != robot.description {
                _ = try facts.setDescription(description, of: name)
                details["description"] = description
            }
            if let isDisabled = change.isDisabled, isDisabled != robot.isDisabled {
                _ = try facts.setDisabled(since: isDisabled ? moment : nil, name)
                details["isDisabled"] = "\(isDisabled)"
            }
            return try facts.robot(name, at: moment) ?? robot
        }
    }

    /// Gives a robot a new secret; those of before work for a while yet.
    ///
    /// For who manages what it belongs to, and for itself.
    public func rotateSecret(of name: String, _ rotation: SecretRotation) async throws -> MadeRobot {
        let isOwn = login.account == name && login.principal.kind == .robot && !login.isByToken
        let reason = isOwn ? nil : try requireRobot(name)
        if !isOwn { try requireUnlimited() }
        let overlap = rotation.overlapSeconds ?? Int(Bounds.overlap.components.seconds)
        guard (0...Bounds.overlapSecondsMax).contains(overlap) else {
            throw Problem(.invalid, "the overlap is 0 to \(Bounds.overlapSecondsMax) seconds", field: "overlapSeconds")
        }
        // A robot that could choose would never need to come again.
        if isOwn, rotation.expiresAt != nil || rotation.neverExpires != nil || rotation.addresses != nil {
            throw Problem(.denied, "a robot's own new secret holds as long, and from where, as the last one did")
        }
        let addresses = try rotation.addresses.map { try Bounds.addresses($0) }
        let moment = now
        return try await change("robot.rotate", "robot:\(name)", because: reason) { facts, details in
            guard let robot = try facts.robot(name, at: moment) else { throw Bounds.missing("robot \(name)") }
            try condition.check(robot)
            let secrets = try facts.robotSecrets(of: name, at: moment)
            let last = secrets.last
            if isOwn, login.credential != last?.id {
                throw Problem(.denied, "only the newest secret of a robot gets it another one")
            }
            if !isOwn { try requireReach(of: robot, in: facts) }
            let lifetime = last.map { $0.lifetime } ?? Bounds.lifetime
            let new = NewCredential(
                .robot,
                of: name,
                label: "",
                addresses: addresses ?? last?.addresses.split(separator: " ").map(String.init) ?? [],
                at: moment,
                until: try Bounds.end(rotation.expiresAt, never: rotation.neverExpires, from: moment, else: lifetime)
            )
            try Self.end(secrets, at: moment + .seconds(overlap), from: moment, in: facts)
            try facts.insertCredential(new.fact)
            details["secret"] = new.fact.id
            details["overlapSeconds"] = "\(overlap)"
            guard let rotated = try facts.robot(name, at: moment) else { throw Bounds.missing("robot \(name)") }
            return MadeRobot(robot: rotated, secret: String(decoding: new.secret.bytes, as: UTF8.self))
        }
    }

    /// Throws ``Problem`` where a robot of a project may do something elsewhere, unless the caller manages that too.
    ///
    /// Who gives it a secret can act as it.
    private func requireReach(of robot: Robot, in facts: Facts) throws {
        guard !managesInstallation else { return }
        let subject = "robot:\(robot.name)"
        let reaches = try facts.grants().contains { $0.subject == subject && $0.project != robot.project }
        let isMember = try facts.groupMembers().contains { $0.account == robot.name }
        guard !reaches, !isMember else { throw refusal("give a secret to a robot with rights elsewhere") }
    }

    /// Ends one secret of a robot at once.
    public func deleteSecret(_ id: String, of name: String) async throws {
        let reason = try requireRobot(name)
        let moment = now
        _ = try await change("robot.secret.delete", "robot:\(name)", because: reason) { facts, details in
            guard let secret = try facts.credential(id: id), secret.kind == .robot, secret.account == name else {
                throw Bounds.missing("secret \(id) of the robot \(name)")
            }
            details["secret"] = id
            return try facts.deleteCredential(
                id: id,
                refusingTokensUntil: NewCredential.tokensEnd(after: moment)
            )
        }
    }

    /// Deletes a robot, with its secrets and roles.
    public func deleteRobot(_ name: String) async throws {
        let reason = try requireRobot(name)
        let moment = now
        _ = try await change("robot.delete", "robot:\(name)", because: reason) { facts, _ in
            guard let robot = try facts.robot(name, at: moment) else { throw Bounds.missing("robot \(name)") }
            try condition.check(robot)
            return try facts.deleteAccount(name)
        }
    }

    /// Ends secrets at a moment; those at once that are too many, or that end now.
    private static func end(
        _ secrets: [CredentialFact],
        at end: Timestamp,
        from moment: Timestamp,
        in facts: Facts
    ) throws {
        let kept = end > moment ? secrets.suffix(Bounds.secretCountMax - 1) : []
        for secret in secrets.dropLast(kept.count) {
            _ = try facts.deleteCredential(
                id: secret.id,
                refusingTokensUntil: NewCredential.tokensEnd(after: moment)
            )
        }
        for secret in kept { _ = try facts.endCredential(id: secret.id, at: end) }
    }
}

extension CredentialFact {
    /// How long it was made to hold; nil for ever.
    fileprivate var lifetime: Duration? {
        expiresAt.map { .microseconds($0.microseconds - createdAt.microseconds) }
    }
}
