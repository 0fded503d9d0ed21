/// A program that can log in.
public struct Robot: Codable, Hashable, Sendable {
    /// The name to log in with: `PROJECT+NAME` for one of a project.
    public var name: String
    /// The project that it belongs to; not given for one of the installation.
    public var project: String?
    /// What it is for.
    public var description: String
    /// Whether it cannot log in.
    public var isDisabled: Bool
    /// Its secrets that hold, the oldest first: two while one takes the place of the other.
    public var secrets: [RobotSecret]
    /// When it was made.
    public var createdAt: Instant

    /// States the values.
    public init(
        name: String,
        project: String? = nil,
        description: String = "",
        isDisabled: Bool = false,
        secrets: [RobotSecret] = [],
        createdAt: Instant
    ) {
        self.name = name
        self.project = project
        self.description = description
        self.isDisabled = isDisabled
        self.secrets = secrets
        self.createdAt = createdAt
    }
}

/// What is known of a robot's secret.
public struct RobotSecret: Codable, Hashable, Sendable {
    /// The id of the secret.
    public var id: String
    /// When it was made.
    public var createdAt: Instant
    /// Until when it holds; not given for one without an end.
    public var expiresAt: Instant?
    /// The blocks of addresses that it may be used from; none for everywhere.
    public var addresses: [String]
    /// When it was used last, to the minute.
    public var lastUsedAt: Instant?
    /// From where it was used last.
    public var lastAddress: String?

    /// States the values.
    public init(
        id: String,
        createdAt: Instant,
        expiresAt: Instant? = nil,
        addresses: [String] = [],
        lastUsedAt: Instant? = nil,
        lastAddress: String? = nil
    ) {
        self.id = id
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.addresses = addresses
        self.lastUsedAt = lastUsedAt
        self.lastAddress = lastAddress
    }
}

/// A robot to be made.
public struct NewRobot: Codable, Hashable, Sendable {
    /// Its name: 1 to 64 letters, digits and `._-`; that of its project and a plus sign are put before it.
    public var name: String
    /// The project that it is to belong to; without it, the installation.
    public var project: String?
    /// What it is for.
    public var description: String?
    /// The roles that it is to have in its project, or everywhere.
    public var roles: [String]?
    /// Until when its secret is to hold; 90 days without it.
    public var expiresAt: Instant?
    /// Whether its secret is to hold for ever.
    public var neverExpires: Bool?
    /// The blocks of addresses that it may be used from.
    public var addresses: [String]?

    /// States the values.
    public init(
        name: String,
        project: String? = nil,
        description: String? = nil,
        roles: [String]? = nil,
        expiresAt: Instant? = nil,
        neverExpires: Bool? = nil,
        addresses: [String]? = nil
    ) {
        self.name = name
        self.project = project
        self.description = description
        self.roles = roles
        self.expiresAt = expiresAt
        self.neverExpires = neverExpires
        self.addresses = addresses
    }
}

/// What is to be changed of a robot; what is not given stays.
public struct RobotChange: Codable, Hashable, Sendable {
    /// What it is for.
    public var description: String?
    /// Whether it cannot log in.
    public var isDisabled: Bool?

    /// States the values.
    public init(description: String? = nil, isDisabled: Bool? = nil) {
        self.description = description
        self.isDisabled = isDisabled
    }
}

/// A robot that was made, with its secret.
public struct MadeRobot: Codable, Hashable, Sendable {
    /// The robot.
    public var robot: Robot
    /// The secret to log in with, shown this once.
    public var secret: String

    /// States the values.
    public init(robot: Robot, secret: String) {
        self.robot = robot
        self.secret = secret
    }
}

/// How a robot is to get a new secret.
public struct SecretRotation: Codable, Hashable, Sendable {
    /// For how long the secrets of before still work, in seconds: 86,400 without it.
    public var overlapSeconds: Int?
    /// Until when the new one is to hold; without it as long as the last one did.
    public var expiresAt: Instant?
    /// Whether the new one is to hold for ever.
    public var neverExpires: Bool?
    /// The addresses that it may be used from; without it those of the last one.
    public var addresses: [String]?

    /// States the values.
    public init(
        overlapSeconds: Int? = nil,
        expiresAt: Instant? = nil,
        neverExpires: Bool? = nil,
        addresses: [String]? = nil
    ) {
        self.overlapSeconds = overlapSeconds
        self.expiresAt = expiresAt
        self.neverExpires = neverExpires
        self.addresses = addresses
    }
}
