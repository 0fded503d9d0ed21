/// Work that lasts: what waits, what runs, what came of it.
extension Facts {
    /// Puts a job into the queue; where its key is taken, this is the unfinished job that has it.
    ///
    /// Throws ``MetadataError/Code/constraint`` for arguments that are too long.
    public func putJob(_ order: JobOrder) throws -> (id: Int64, isNew: Bool) {
        guard order.arguments.utf8.count <= JobFact.argumentByteCountMax else {
            throw MetadataError(
                .constraint,
                "the arguments of a job have at most \(JobFact.argumentByteCountMax) bytes"
            )
        }
        let put = try row(
            Statements.insertJob,
            .text(order.kind),
            .text(order.arguments),
            .integer(order.priority.rawValue),
            .optional(order.key),
            .count(order.attemptMax),
            .integer(order.delay.inMicroseconds),
            .text(order.createdBy)
        )
        if let put { return (try put.integer(0), true) }
        guard let key = order.key, let taken = try row(Statements.jobOfKey, .text(key)) else {
            throw MetadataError(.corrupt, "a job was not put into the queue, and none is there in its place")
        }
        return (try taken.integer(0), false)
    }

    /// A job; nil when there is none of the number.
    public func job(_ id: Int64) throws -> JobFact? {
        try row(Statements.job, .integer(id)).map { try $0.job() }
    }

    /// At most `limit` of the jobs that are wanted, newest first, before a number.
    public func jobs(_ search: JobSearch, before id: Int64? = nil, limit: Int) throws -> [JobFact] {
        let (id, limit) = (SQLValue.integer(id ?? .max), SQLValue.count(limit))
        let found =
            switch (search.kind, search.state) {
            case (nil, nil): try rows(Statements.jobs, id, limit)
            case (let kind?, nil): try rows(Statements.jobsOfKind, id, limit, .text(kind))
            case (nil, let state?): try rows(Statements.jobsInState, id, limit, .text(state.rawValue))
            case (let kind?, let state?):
                try rows(Statements.jobsOfKindInState, id, limit, .text(kind), .text(state.rawValue))
            }
        return try found.map { try $0.job() }
    }

    /// At most `limit` lines of a job's log after a number, in order.
    public func jobLog(of id: Int64, after number: Int64 = 0, limit: Int) throws -> [JobLogLine] {
        try rows(Statements.jobLog, .integer(id), .integer(number), .count(limit)).map { row in
            JobLogLine(
                number: try row.integer(0),
                at: try row.time(1),
                level: try row.value(2, JobLogLine.Level.init(rawValue:)),
                text: try row.text(3)
            )
        }
    }

    /// How many jobs are in a state, counted up to `countMax`.
    public func jobCount(in state: JobState, upTo countMax: Int) throws -> Int {
        let found = try row(Statements.jobCount, .text(state.rawValue), .count(countMax))
        return Int(clamping: try found?.integer(0) ?? 0)
    }

    // MARK: What people do with them

    /// Ends a job: at once where nobody runs it, else its runner is asked to.
    ///
    /// Returns the state that it is in now, which is the one that it was in where it had ended; nil for no such job.
    public func cancelJob(_ id: Int64, by principal: String) throws -> JobState? {
        guard let job = try job(id) else { return nil }
        switch job.state {
        case .queued, .paused:
            try endJob(id, as: .cancelled, outcome: "cancelled by \(principal)")
            try note("cancelled by \(principal)", about: id)
            return .cancelled
        case .running:
            if job.wish != .cancel {
                try run(Statements.wishOfJob, .integer(id), .text(JobWish.cancel.rawValue))
                try note("\(principal) wants it to end", about: id)
            }
            return .running
        case .succeeded, .failed, .cancelled: return job.state
        }
    }

    /// Lets a job rest: at once where nobody runs it, else its runner is asked to.
    ///
    /// Returns the state that it is in now; nil where there is none.
    public func pauseJob(_ id: Int64, by principal: String) throws -> JobState? {
        guard let job = try job(id) else { return nil }
        switch job.state {
        case .queued:
            try moveJob(id, to: .paused)
            try note("paused by \(principal)", about: id)
            return .paused
        case .running:
            // One that is to end does not rest before.
            if job.wish == nil {
                try run(Statements.wishOfJob, .integer(id), .text(JobWish.pause.rawValue))
                try note("\(principal) wants it to rest", about: id)
            }
            return .running
        case .paused, .succeeded, .failed, .cancelled: return job.state
        }
    }

    /// Lets a job that rests, or is asked to, go on.
    ///
    /// Returns the state that it is in now; nil where there is none.
    public func resumeJob(_ id: Int64, by principal: String) throws -> JobState? {
        guard let job = try job(id) else { return nil }
        switch job.state {
        case .paused:
            try moveJob(id, to: .queued)
            try note("resumed by \(principal)", about: id)
            return .queued
        case .running:
            if job.wish == .pause {
                try run(Statements.wishOfJob, .integer(id), .null)
                try note("resumed by \(principal)", about: id)
            }
            return .running
        case .queued, .succeeded, .failed, .cancelled: return job.state
        }
    }
}

extension Row {
    /// A job, from the columns that each statement about jobs gives.
    func job() throws -> JobFact {
        JobFact(
            id: try integer(0),
            kind: try text(1),
            arguments: try text(2),
            priority: try priority(3),
            state: try value(4, JobState.init(rawValue:)),
            key: try optionalText(5),
            attempts: Int(clamping: try integer(6)),
            attemptMax: Int(clamping: try integer(7)),
            dueAt: try time(8),
            createdAt: try time(9),
            createdBy: try text(10),
            startedAt: try optionalTime(11),
            endedAt: try optionalTime(12),
            runner: try optionalText(13),
            leaseUntil: try optionalTime(14),
            fence: try integer(15),
            wish: try optionalText(16) == nil ? nil : try value(16, JobWish.init(rawValue:)),
            checkpoint: try optionalText(17),
            progress: JobProgress(
                done: try integer(18),
                total: try optionalInteger(19),
                unit: try optionalText(20)
            ),
            outcome: try optionalText(21)
        )
    }

    private func priority(_ column: Int) throws -> JobPriority {
        guard let priority = JobPriority(rawValue: try integer(column)) else {
            throw MetadataError(.corrupt, "a job has a priority that there is not: \(try integer(column))")
        }
        return priority
    }
}
