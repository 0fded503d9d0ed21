/// How much an engine asks of a server, and for how long.
public struct PostgreSQLOptions: Sendable {
    /// Whether the tables are for this engine alone: then nobody else can connect, it has one connection, and it has
    /// none while somebody else is connected.
    public var isAlone: Bool
    /// How many connections are opened at most; they are opened when they are needed, and kept.
    public var connectionCount: Int
    /// How many of the connections are kept for reads when many writes come.
    public var readConnectionCount: Int
    /// How many reads and writes may wait for a connection; more are refused as busy.
    public var waitingMax: Int
    /// How long one may wait for a connection before it is refused as busy.
    public var waitDuration: Duration
    /// How long a statement may take; the server ends it.
    public var statementDuration: Duration
    /// How long a lock is waited for, before a write is refused as busy.
    public var lockDuration: Duration
    /// How long a request waits for a server that is away, counted from when it went; after that each is refused at
    /// once.
    public var patience: Duration
    /// How often a write is begun again that lost against another, before it is refused as busy.
    public var racesMax: Int
    /// For how long it is.
    public var raceDuration: Duration

    /// States them; the defaults are those of a server with a few replicas before it.
    public init(
        connectionCount: Int = 16,
        readConnectionCount: Int? = nil,
        waitingMax: Int = 1024,
        waitDuration: Duration = .seconds(5),
        statementDuration: Duration = .seconds(30),
        lockDuration: Duration = .seconds(10),
        patience: Duration = .seconds(3),
        racesMax: Int = 32,
        raceDuration: Duration = .seconds(10),
        isAlone: Bool = false
    ) {
        self.isAlone = isAlone
        self.connectionCount = isAlone ? 1 : max(connectionCount, 1)
        self.readConnectionCount = min(readConnectionCount ?? self.connectionCount / 4, self.connectionCount - 1)
        self.waitingMax = waitingMax
        self.waitDuration = waitDuration
        self.statementDuration = statementDuration
        self.lockDuration = lockDuration
        self.patience = patience
        self.racesMax = racesMax
        self.raceDuration = raceDuration
    }
}
