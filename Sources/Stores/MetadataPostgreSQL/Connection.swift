import CPostgreSQL
import Glibc
import Metadata

/// A statement that was sent.
private struct Slot {
    /// What is to become of the answer.
    enum Kind {
        /// A statement of ours is prepared by a name, unless something failed before it in the batch.
        case preparation(of: String)
        case description(Statement)
        case nothing, rows, count, number, commit
    }

    let kind: Kind
    let sql: String
}

/// What is known of a statement's preparation.
private struct Preparation {
    /// By which name.
    let name: String
    /// In which batch it was sent; nil once that is answered.
    var batch: Int?
}

/// Statements that were sent together.
private struct Batch {
    let number: Int
    let slots: [Slot]
    /// Whether a failure in it is one of what comes after it.
    let matters: Bool
}

/// One connection to a server, in libpq's pipeline mode: statements are sent in batches, and each batch is answered.
///
/// Not Sendable: one lane uses it. What is sent goes out with ``submit()``; answers come in the order of the batches,
/// and those that nobody waits for are read before the next ones. A failed statement ends its batch, not the next.
final class Connection {
    private let handle: OpaquePointer
    private let shapes: StatementShapes
    private let counters: Counters
    /// How long an answer is waited for; the server itself ends statements that take long, before this.
    var answerDuration: Duration
    private let isEncrypted: Bool
    private var prepared: [String: Preparation] = [:]
    private var batchCount = 0
    private var arguments = Arguments()
    private var batch: [Slot] = []
    /// Batches that were sent and not yet answered.
    private var owed: ArraySlice<Batch> = []

    /// Why nothing more can be asked on it; nil while something can.
    private var loss: MetadataError?
    /// Whether nothing more can be asked on it.
    var isLost: Bool { loss != nil }
    /// The number of the transaction that was begun last; nil until it is answered.
    private(set) var transactionNumber: Int64?
    /// Whether the last commit was answered.
    private(set) var hasCommitted = false
    /// The life of the server that it leads to: ``ServerLife``.
    var life = ""

    /// Takes over an open connection.
    init(
        handle: OpaquePointer,
        shapes: StatementShapes,
        counters: Counters,
        answerDuration: Duration
    ) throws {
        self.handle = handle
        self.shapes = shapes
        self.counters = counters
        self.answerDuration = answerDuration
        isEncrypted = PQsslInUse(handle) == 1
        guard PQenterPipelineMode(handle) == 1 else { throw lose("entering pipeline mode") }
        counters.connections.count()
    }

    deinit {
        PQfinish(handle)
    }

    /// The id of the server's process behind it.
    var processID: Int64 {
        Int64(PQbackendPID(handle))
    }

    /// What the server reports of itself; nil when it does not.
    func parameter(_ name: String) -> String? {
        PQparameterStatus(handle, name).map { String(cString: $0) }
    }

    /// The version of the server: 150018 is 15.18.
    var serverVersion: Int {
        Int(PQserverVersion(handle))
    }

    // MARK: Sending

    /// Adds a statement to the batch.
    func send(_ statement: Statement, _ values: [SQLValue], wants: Wanted) throws {
        try learn(statement)
        try send(shapes.shape(of: statement), values, wants.kind)
    }

    /// Asks what a statement takes, once for all connections.
    ///
    /// That sends the batch and drops its answers: for a batch in which something is wanted it comes before all else.
    func learn(_ statement: Statement) throws {
        let shape = shapes.shape(of: statement)
        guard shape.types == nil else { return }
        guard !isLost else { throw lost }
        let name = try prepare(shape)
        guard PQsendDescribePrepared(handle, name) == 1 else { throw lose("preparing: \(shape.sql)") }
        batch.append(Slot(kind: .description(statement), sql: shape.sql))
        try exchange()
    }

    /// Adds something of the engine's own to the batch.
    func send(_ control: Control, _ values: [SQLValue] = [], wants: Wanted = .nothing) throws {
        try send(control.shape, values, wants.kind)
    }

    /// Adds the beginning of a transaction to the batch; its ``transactionNumber`` comes with the answers.
    func begin(isSerializable: Bool) throws {
        transactionNumber = nil
        try send((isSerializable ? Control.beginWriting : .beginDelivering).shape, [], .nothing)
        try send(Control.transactionNumber.shape, [.integer(WriteLock.turn)], .number)
    }

    /// Asks something that is not asked often, and waits: text in, text and numbers out.
    func ask(_ sql: String, _ texts: [String] = []) throws -> [[SQLValue]] {
        let types = texts.map { _ in ColumnType.text }
        try arguments.encode(texts.map { SQLValue.text($0) }, as: types)
        let isSent = arguments.withPointers { values, lengths, formats in
            PQsendQueryParams(handle, sql, CInt(texts.count), types, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lose("asking: \(sql)") }
        counters.statements.count()
        batch.append(Slot(kind: .rows, sql: sql))
        return try exchange().last?.rows ?? []
    }

    /// Adds questions to the batch.
    func send(_ questions: some Collection<Question>) throws {
        for question in questions { try learn(question.statement) }
        for question in questions { try send(question.statement, question.arguments, wants: .rows) }
    }

    private func send(_ shape: Shape, _ values: [SQLValue], _ kind: Slot.Kind) throws {
        guard !isLost else { throw lost }
        try arguments.encode(values, as: shape.types ?? [])
        let name = try prepare(shape)
        let isSent = arguments.withPointers { pointers, lengths, formats in
            PQsendQueryPrepared(handle, name, CInt(values.count), pointers, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lose("sending: \(shape.sql)") }
        counters.statements.count()
        batch.append(Slot(kind: kind, sql: shape.sql))
    }

    /// The name by which a statement is prepared, or will be by what is in the batch already.
    ///
    /// In an earlier batch that is not answered its preparation may have been passed over: then it gets another name.
    private func prepare(_ shape: Shape) throws -> String {
        if let known = prepared[shape.name], known.batch == nil || known.batch == batchCount { return known.name }
        let name = "\(shape.name)-\(batchCount)"
        guard PQsendPrepare(handle, name, shape.sql, 0, nil) == 1 else { throw lose("preparing: \(shape.sql)") }
        prepared[shape.name] = Preparation(name: name, batch: batchCount)
        batch.append(Slot(kind: .preparation(of: shape.name), sql: shape.sql))
        return name
    }

    /// Sends the batch, and waits for nothing; a failure in it is thrown by the next ``exchange()`` if it `matters`.
    func submit(matters: Bool = false) throws {
        guard !isLost else { throw lost }
        guard PQpipelineSync(handle) == 1 else { throw lose("sending") }
        owed.append(Batch(number: batchCount, slots: batch, matters: matters))
        batchCount += 1
        batch = []
    }

    /// Commits; other batches may be sent before the answer is waited for.
    ///
    /// When it throws and the connection is lost, then nobody knows whether all was committed, unless ``hasCommitted``.
    func commit(thenSending after: () throws -> Void) throws {
        hasCommitted = false
        while !owed.isEmpty { try collect() }
        try send(Control.commit.shape, [], .commit)
        try submit()
        try after()
        counters.roundTrips.count()
        try collect()
    }

    // MARK: Answers

    /// Sends the batch and waits for its answers, those for which something is wanted.
    @discardableResult
    func exchange() throws -> [Answer] {
        try submit()
        counters.roundTrips.count()
        var failure: (any Error)?
        while owed.count > 1, !isLost {
            let matters = owed.first?.matters == true
            do {
                try collect()
            } catch {
                if matters { failure = failure ?? error }
            }
        }
        let answers = Result { try collect() }
        if let failure { throw failure }
        return try answers.get()
    }

    /// Waits for the answers to the oldest batch.
    @discardableResult
    private func collect() throws -> [Answer] {
        guard !isLost else { throw lost }
        guard let batch = owed.popFirst() else { return [] }
        var answers: [Answer] = []
        var failure: (any Error)?
        for slot in batch.slots {
            guard let result = try nextResult() else { throw lose("reading an answer") }
            defer { PQclear(result) }
            do {
                try take(result, for: slot, into: &answers)
                settle(slot, of: batch, isPrepared: true)
            } catch {
                settle(slot, of: batch, isPrepared: false)
                // The first says what is wrong; those after it were passed over.
                failure = failure ?? error
                if isLost { throw error }
            }
            guard try nextResult() == nil else { throw lose("reading an answer") }
        }
        let end = try nextResult()
        defer { PQclear(end) }
        guard PQresultStatus(end) == PGRES_PIPELINE_SYNC else { throw lose("reading the end of an answer") }
        if let failure { throw failure }
        return answers
    }

    /// Notes what became of a preparation, unless there has been another one since.
    private func settle(_ slot: Slot, of batch: Batch, isPrepared: Bool) {
        guard case .preparation(let key) = slot.kind, let known = prepared[key], known.batch == batch.number else {
            return
        }
        prepared[key] = isPrepared ? Preparation(name: known.name, batch: nil) : nil
    }

    private func take(_ result: OpaquePointer, for slot: Slot, into answers: inout [Answer]) throws {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: break
        default: throw refusal(result, of: slot.sql)
        }
        switch slot.kind {
        case .preparation, .nothing: break
        case .description(let statement):
            shapes.learn((0..<PQnparams(result)).map { PQparamtype(result, $0) }, of: statement)
        case .rows: answers.append(Answer(rows: try Answer.rows(of: result)))
        case .count: answers.append(Answer(count: Answer.count(of: result)))
        case .number:
            guard case .integer(let number) = try Answer.rows(of: result).first?.first else {
                throw MetadataError(.corrupt, "PostgreSQL has given a transaction no number")
            }
            transactionNumber = number
        case .commit:
            guard Answer.tag(of: result) == "COMMIT" else {
                throw MetadataError(.unavailable, "PostgreSQL has undone a transaction that should be committed")
            }
            hasCommitted = true
        }
    }

    /// The next result of the server, waited for; nil between two.
    private func nextResult() throws -> OpaquePointer? {
        var end: ContinuousClock.Instant?
        while PQisBusy(handle) == 1 {
            // What OpenSSL has read already no longer shows on the socket.
            if isEncrypted {
                guard PQconsumeInput(handle) == 1 else { throw lose("waiting for an answer") }
                guard PQisBusy(handle) == 1 else { break }
            }
            let now = ContinuousClock.now
            let deadline = end ?? now + answerDuration
            end = deadline
            guard now < deadline, wait(for: deadline - now) else {
                throw lose(MetadataError(.unavailable, "PostgreSQL has not answered within \(answerDuration)"))
            }
            guard PQconsumeInput(handle) == 1 else { throw lose("waiting for an answer") }
        }
        return PQgetResult(handle)
    }

    /// Waits until there is something to read; false when a signal or time ended it and nothing is there.
    private func wait(for duration: Duration) -> Bool {
        let milliseconds = CInt(clamping: duration.components.seconds * 1000 + 1)
        var wanted = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&wanted, 1, milliseconds)
            if count < 0, errno == EINTR { continue }
            return count > 0
        }
    }

    // MARK: Failures

    private var lost: MetadataError {
        loss ?? MetadataError(.unavailable, "the connection to PostgreSQL was lost")
    }

    private func lose(_ doing: String) -> MetadataError {
        lose(MetadataError(PostgreSQLFailure(lastErrorOf: handle), doing))
    }

    private func lose(_ error: MetadataError) -> MetadataError {
        loss = loss ?? error
        return error
    }

    private func refusal(_ result: OpaquePointer, of sql: String) -> MetadataError {
        let failure = PostgreSQLFailure(result)
        // An answer without a state is libpq's own: nothing comes any more.
        let isPassedOver = PQresultStatus(result) == PGRES_PIPELINE_ABORTED
        let error = MetadataError(failure, "running: \(sql)")
        guard !isPassedOver, failure.endsConnection || PQstatus(handle) == CONNECTION_BAD else { return error }
        return lose(error)
    }
}

/// What is wanted of a statement that is sent.
enum Wanted {
    case nothing, rows, count

    fileprivate var kind: Slot.Kind {
        switch self {
        case .nothing: .nothing
        case .rows: .rows
        case .count: .count
        }
    }
}
