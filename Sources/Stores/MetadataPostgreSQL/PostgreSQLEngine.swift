public import Metadata

/// The facts in a PostgreSQL, for any number of processes.
///
/// - Each read or write has a connection and its thread for as long as it takes; there are as many as the options say.
/// - A read that asks one thing is one round trip. Writes are serializable transactions, begun again when they lose
///   against another, within limits; those about one subject wait for each other in place of that.
/// - A lost connection is replaced. Reads, and writes of which it is known that nothing happened, are run again.
///   A commit whose answer was lost is asked about; when nobody can tell, the write is not repeated, and its error
///   ``MetadataError/Code/unavailable`` says that it may have happened.
public final class PostgreSQLEngine: MetadataEngine {
    private let surroundings: Lane.Surroundings
    private let pool: LanePool
    private let rides: ReadRides

    /// Stands before a server; nothing is connected until something is asked.
    public init(_ settings: ConnectionSettings, _ options: PostgreSQLOptions = PostgreSQLOptions()) {
        let surroundings = Lane.Surroundings(
            settings: settings,
            options: options,
            reachability: Reachability(patience: options.patience)
        )
        self.surroundings = surroundings
        let lanes = (0..<options.connectionCount).map { Lane(number: $0, surroundings) }
        pool = LanePool(lanes: lanes, options: options)
        rides = ReadRides(pool, options: options)
    }

    /// PostgreSQL's way to write the statements.
    public var dialect: Dialect {
        .postgreSQL
    }

    /// What was asked of the server so far.
    public var counts: PostgreSQLCounts {
        surroundings.counters.counts
    }

    /// Runs `body` on what one moment of the database shows; sometimes more than once.
    ///
    /// A read that asks one thing goes with others: it is run here up to what it asks, and again with the answer.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        let first = FirstQuestion()
        let result = Result { try body(first) }
        guard first.hasAsked else { return try result.get() }
        if let question = first.question, !surroundings.habits.asksMore(question.statement) {
            let answer = FirstAnswer(try await rides.ask(question), to: question)
            let result = Result { try body(answer) }
            surroundings.habits.note(question.statement, asksMore: answer.asksMore)
            if !answer.asksMore { return try result.get() }
        }
        return try await pool.perform(isWrite: false) { try $0.read(body) }
    }

    /// Runs `body` in a transaction that is durable when this returns.
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await write(about: nil, body)
    }

    /// Runs `body` in a transaction that is durable when this returns, and not while another about the subject runs.
    public func write<Value: Sendable>(
        about subject: WriteSubject?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await pool.perform(isWrite: true, about: subject) { try $0.write(about: subject, body) }
    }

    /// What the server can be asked about: indexes and rules that it does not trust, and settings that lose commits.
    public func integrityProblems() async throws -> [String] {
        try await pool.perform(isWrite: false) { lane in try lane.use(ServerChecks.problems) }
    }

    /// What a session goes by, such as `synchronous_commit`; nil when the server knows no such setting.
    public func setting(_ name: String) async throws -> String? {
        try await pool.perform(isWrite: false) { lane in
            try lane.use { connection in
                let rows = try connection.ask("SELECT current_setting($1, true)", [name])
                guard case .text(let value) = rows.first?.first else { return nil }
                return value
            }
        }
    }

    /// Ends what is under way and lets the connections go.
    public func close() async throws {
        await pool.close()
    }
}
