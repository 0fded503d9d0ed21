extension ServerSettings {
    static let postgreSQLKeys = [
        Declaration(
            "postgresql.connection",
            \.postgresql.connection,
            "Where it is, as libpq writes it: `host=db.example.com dbname=wharf user=wharf sslmode=verify-full`, or a "
                + "`postgresql://` address. Without it the metadata is in the data folder. What holds a password "
                + "should be a reference: see secrets.md."
        ),
        Declaration(
            "postgresql.password",
            \.postgresql.password,
            "The password, where it is not a part of the connection. A reference rather than the password itself."
        ),
        Declaration(
            "postgresql.connections",
            \.postgresql.connections,
            in: 1...1000,
            "The most connections of this server. All servers together must stay below the database's "
                + "`max_connections`."
        ),
        Declaration(
            "postgresql.waiting-max",
            \.postgresql.waitingMax,
            in: 0...1_000_000,
            "The most requests that wait for a connection; more are refused (503 with Retry-After)."
        ),
        Declaration(
            "postgresql.wait-timeout",
            \.postgresql.waitTimeout,
            in: .milliseconds(1)...Duration.seconds(3600),
            "The longest time that a request waits for a connection before it is refused (503 with Retry-After)."
        ),
        Declaration(
            "postgresql.statement-timeout",
            \.postgresql.statementTimeout,
            in: .seconds(1)...Duration.seconds(3600),
            "The longest time that a statement may take, before the database ends it."
        ),
    ]
}
