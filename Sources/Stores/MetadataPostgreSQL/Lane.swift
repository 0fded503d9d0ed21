import Dispatch
import Glibc
import Metadata

/// One thread and the connection that it has, if it has one: reads and writes run in it one after another.
///
/// Sendable since everything but `queue` is touched only by what runs in `queue`.
final class Lane: @unchecked Sendable {
    /// What the lanes of an engine have in common.
    struct Surroundings: Sendable {
        let settings: ConnectionSettings
        let options: PostgreSQLOptions
        let shapes = StatementShapes()
        let habits = ReadHabits()
        let counters = Counters()
        let reachability: Reachability
        let openConnections = OpenConnections()
        /// The number of the first lane: those of other processes are others, as far as luck has it.
        let firstNumber = Int.random(in: 0..<32)
    }

    /// A thread of its own, as long as there is something to do.
    let queue: DispatchQueue
    private let number: Int
    private let surroundings: Surroundings
    private var connection: Connection?

    init(number: Int, _ surroundings: Surroundings) {
        self.number = number
        queue = DispatchQueue(label: "metadata.lane-\(number)")
        self.surroundings = surroundings
    }

    /// Whether it has a connection that is not known to be dead.
    var isConnected: Bool { connection != nil }

    /// Runs something that sees one moment of the database.
    func read<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        var isRepeated = false
        while true {
            let connection = try connected()
            let session = ReadSession(connection, habits: surroundings.habits)
            let result = Result { try body(session) }
            if connection.isLost {
                drop()
                guard isRepeated else {
                    surroundings.counters.lostConnections.count()
                    isRepeated = true
                    continue
                }
            }
            // Nothing depends on the end of a read.
            try? session.end()
            if let failure = session.failure { throw failure }
            return try result.get()
        }
    }

    /// The answers to questions that have nothing to do with each other, sent as one.
    ///
    /// Throws when none of them could be asked.
    func answers(to questions: [Question]) throws -> [Result<[[SQLValue]], any Error>] {
        var isRepeated = false
        while true {
            let connection = try connected()
            do {
                try connection.send(questions)
                return try connection.exchange().map { .success($0.rows) }
            } catch {
                guard connection.isLost else {
                    // The first that was refused has ended all.
                    guard questions.count > 1 else { return [.failure(error)] }
                    return try questions.flatMap { try answers(to: [$0]) }
                }
                drop()
                guard !isRepeated else { throw error }
                surroundings.counters.lostConnections.count()
                isRepeated = true
            }
        }
    }

    /// Runs something in a transaction that is durable when this returns.
    func write<Value>(about subject: WriteSubject?, _ body: (any SQLConnection) throws -> Value) throws -> Value {
        var races = Races(surroundings.options)
        // Nobody else is to wait as long as a change of the schema may take.
        defer { if subject == .schema { limitTime() } }
        while true {
            let connection = try connected()
            if subject == .schema { try connection.takeTime() }
            let session = WriteSession(
                connection,
                locks: WriteLock.held(about: subject, alone: races.runsAlone),
                isSerializable: subject?.isSerializable ?? true
            )
            do {
                return try attempt(session, on: connection, isAlone: races.runsAlone, body)
            } catch let nothing as NothingHappened {
                try goOn(after: nothing, &races)
            }
        }
    }

    private func limitTime() {
        guard let connection else { return }
        do {
            try connection.limitTime(surroundings.options)
        } catch {
            drop()
        }
    }

    /// Runs something of the engine's own on a connection.
    func use<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        let connection = try connected()
        defer { if connection.isLost { drop() } }
        return try body(connection)
    }

    /// Lets the connection go.
    func drop() {
        guard connection != nil else { return }
        connection = nil
        surroundings.openConnections.closed()
    }

    /// Runs a write once; throws ``NothingHappened`` when it may be run again.
    private func attempt<Value>(
        _ session: WriteSession,
        on connection: Connection,
        isAlone: Bool,
        _ body: (any SQLConnection) throws -> Value
    ) throws -> Value {
        let result = Result { try body(session) }
        do {
            if let failure = session.failure { throw failure }
            let value = try result.get()
            do {
                try session.commit()
            } catch let doubt as CommitDoubt {
                guard try end(of: doubt) == .committed else {
                    throw NothingHappened(error: doubt.cause, hasLostRace: false)
                }
            }
            return value
        } catch let nothing as NothingHappened {
            throw nothing
        } catch let error as MetadataError where error.underlying is CommitUnknown {
            throw error
        } catch {
            guard !connection.isLost else {
                drop()
                throw NothingHappened(error: error, hasLostRace: false)
            }
            try? session.abandon()
            guard let failure = (error as? MetadataError)?.failure,
                failure.isLostRace || failure.isBrokenReference && !isAlone
            else { throw error }
            throw NothingHappened(error: error, hasLostRace: true)
        }
    }

    /// Waits until a write is begun again; throws when it is not.
    private func goOn(after nothing: NothingHappened, _ races: inout Races) throws {
        let next: Races.Next
        if nothing.hasLostRace {
            surroundings.counters.lostRaces.count()
            next = races.lost(nothing.error)
        } else {
            surroundings.counters.lostConnections.count()
            next = races.lostConnection(nothing.error)
        }
        switch next {
        case .giveUp(let error): throw error
        case .again(let duration): pause(duration)
        }
    }

    /// What became of a commit, asked on a connection in the place of the lost one.
    private func end(of doubt: CommitDoubt) throws -> CommitDoubt.End {
        surroundings.counters.lostCommits.count()
        drop()
        do {
            return try doubt.end(on: connected())
        } catch {
            throw doubt.unknown(error)
        }
    }

    private func connected() throws -> Connection {
        if let connection, !connection.isLost { return connection }
        drop()
        let (begun, reachability) = (ContinuousClock.now, surroundings.reachability)
        while true {
            switch reachability.decision(since: begun) {
            case .refuse(let error): throw error
            case .wait(let duration): pause(duration)
            case .connect:
                do {
                    let made = try Connection.open(
                        surroundings.settings,
                        surroundings.options,
                        number: surroundings.firstNumber + number,
                        shapes: surroundings.shapes,
                        counters: surroundings.counters
                    )
                    reachability.succeeded()
                    surroundings.openConnections.opened()
                    connection = made
                    return made
                } catch let error as MetadataError {
                    if error.failure?.state == "53300", surroundings.openConnections.count > 0 {
                        throw NoConnectionLeft()
                    }
                    reachability.failed(error)
                    guard let failure = error.failure, !failure.isLasting else { throw error }
                }
            }
        }
    }

    private func pause(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        usleep(useconds_t(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }
}

/// A write, or an attempt of it, has had no effect, and could be begun again.
private struct NothingHappened: Error {
    let error: any Error
    /// Whether it lost against another write, or else its connection.
    let hasLostRace: Bool
}

/// The server has no connection left for this lane, and others have some.
struct NoConnectionLeft: Error {}
