import CPostgreSQL
import Metadata

extension Connection {
    /// The oldest server that is used: 15.
    private static let oldestServer = 150_000

    /// What each session is told, whatever the server's own settings are.
    ///
    /// Our statements find rows by a key or take a page in the order of one. Each has an index for that, which the
    /// planner would pass over while a table is small, or when a LIMIT is an argument: a plan that was made then would
    /// stay. And what a scan has read counts as read for the isolation of writes, so that scans of small tables make
    /// writes lose against each other.
    static let session = [
        "enable_seqscan": "off",
        "enable_bitmapscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "plan_cache_mode": "force_generic_plan",
        "jit": "off",
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "on",
        "idle_in_transaction_session_timeout": "60000",
        // A client that a partition has cut off holds its locks until the server notices.
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    ]

    /// Connects, and makes sure that the server can hold the facts.
    ///
    /// What a session writes for itself, where rows are dealt out so that none is one that all write, goes by its
    /// `number`: `{share}` of the dialect.
    static func open(
        _ settings: ConnectionSettings,
        _ options: PostgreSQLOptions,
        number: Int,
        shapes: StatementShapes,
        counters: Counters
    ) throws -> Connection {
        guard let handle = settings.connect() else {
            throw MetadataError(.unavailable, "there is no memory for a connection to PostgreSQL")
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw refusal(of: handle)
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        let connection = try Connection(
            handle: handle,
            shapes: shapes,
            counters: counters,
            answerDuration: options.statementDuration + .seconds(5)
        )
        try connection.checkServer()
        try connection.setUp(options, number)
        try AdvisoryLock.take(on: connection, alone: options.isAlone)
        connection.life = try ServerLife.current(on: connection)
        return connection
    }

    /// Why a connection was not made.
    ///
    /// libpq has no state for it, but the sentence of the server.
    private static func refusal(of handle: OpaquePointer) -> MetadataError {
        let failure = PostgreSQLFailure(lastErrorOf: handle)
        let known = [
            ("too many clients", "53300"), ("remaining connection slots", "53300"), ("too many connections", "53300"),
            ("authentication failed", "28000"), ("no pg_hba.conf entry", "28000"), ("no password supplied", "28000"),
            ("certificate", "28000"), ("is starting up", "57P03"), ("is shutting down", "57P03"),
            ("in recovery mode", "57P03"),
        ]
        let state = known.first { failure.message.contains($0.0) }?.1 ?? ""
        return MetadataError(PostgreSQLFailure(state: state, message: failure.message), "connecting")
    }

    private func checkServer() throws {
        guard serverVersion >= Self.oldestServer else {
            throw MetadataError(
                .unavailable,
                "the server is PostgreSQL \(parameter("server_version") ?? "of unknown version"); 15 or newer is needed"
            )
        }
        let encoding = parameter("server_encoding") ?? "unknown"
        guard encoding == "UTF8" else {
            throw MetadataError(
                .unavailable,
                "the database has the encoding \(encoding): make one with ENCODING 'UTF8'"
            )
        }
        guard parameter("in_hot_standby") != "on" else {
            throw MetadataError(
                .unavailable,
                "the server is a standby, which only reads: name its primary as well, or wait until it is promoted"
            )
        }
    }

    /// From now on statements may take as long as they need: to make an index of a large table takes minutes.
    func takeTime() throws {
        answerDuration = .seconds(86_400)
        _ = try ask("SELECT set_config('statement_timeout', '0', false)")
    }

    /// From now on statements may take as long as the options say, as they may on a new connection.
    func limitTime(_ options: PostgreSQLOptions) throws {
        answerDuration = options.statementDuration + .seconds(5)
        _ = try ask("SELECT set_config('statement_timeout', $1, false)", [options.statementDuration.milliseconds])
    }

    private func setUp(_ options: PostgreSQLOptions, _ number: Int) throws {
        var settings = Self.session
        settings["wharf.share"] = "\(number % 32)"
        settings["statement_timeout"] = options.statementDuration.milliseconds
        settings["lock_timeout"] = options.lockDuration.milliseconds
        let words = settings.sorted { $0.key < $1.key }
        let calls = words.indices.map { "set_config($\($0 * 2 + 1), $\($0 * 2 + 2), false)" }
        _ = try ask("SELECT \(calls.joined(separator: ", "))", words.flatMap { [$0.key, $0.value] })
        // A commit that is answered before it is on the disk is none; each stronger promise may stay.
        _ = try ask(
            """
            SELECT set_config('synchronous_commit', 'on', false)
             WHERE current_setting('synchronous_commit') = 'off'
            """
        )
    }
}

extension Duration {
    /// In whole milliseconds, as the server's settings take it.
    fileprivate var milliseconds: String {
        let (seconds, attoseconds) = components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"
    }
}
