public import AdminModel
import Outgoing

/// Robots and their secrets.
extension AdminClient {
    /// Robots, by name: those of a project, or all.
    public func robots(of project: String? = nil) -> AdminPages<Robot> {
        pages("robots", query: [("project", project)])
    }

    /// A robot.
    public func robot(_ name: String) async throws -> Tagged<Robot> {
        try await read(Call(.get, ["robots", name]))
    }

    /// Makes a robot with its first secret.
    public func create(_ robot: NewRobot) async throws -> MadeRobot {
        try await value(Call(.post, ["robots"], body: Self.encoded(robot)))
    }

    /// Changes a robot; what is not given stays.
    public func change(_ name: String, _ change: RobotChange, if condition: Condition = .none) async throws -> Robot {
        try await value(Call(.patch, ["robots", name], condition, body: Self.encoded(change)))
    }

    /// Gives a robot a new secret; those of before work for a while yet.
    public func rotateSecret(of name: String, _ rotation: SecretRotation) async throws -> MadeRobot {
        try await value(Call(.post, ["robots", name, "secrets"], body: Self.encoded(rotation)))
    }

    /// Ends one secret of a robot.
    public func deleteSecret(_ id: String, of name: String) async throws {
        try await perform(Call(.delete, ["robots", name, "secrets", id]))
    }

    /// Deletes a robot, with its secrets and roles.
    public func deleteRobot(_ name: String, if condition: Condition = .none) async throws {
        try await perform(Call(.delete, ["robots", name], condition))
    }
}
