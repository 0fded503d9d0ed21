import AdminModel
import Foundation
import Jobs
import Metadata

extension Job {
    init(_ fact: JobFact) {
        self.init(
            id: fact.id,
            kind: fact.kind,
            arguments: JobArguments.read(fact.arguments),
            priority: "\(fact.priority)",
            state: fact.state.rawValue,
            wish: fact.wish?.rawValue,
            attempts: fact.attempts,
            attemptMax: fact.attemptMax,
            done: fact.progress.done,
            total: fact.progress.total,
            unit: fact.progress.unit,
            createdBy: fact.createdBy,
            createdAt: Instant(fact.createdAt),
            dueAt: Instant(fact.dueAt),
            startedAt: fact.startedAt.map { Instant($0) },
            endedAt: fact.endedAt.map { Instant($0) },
            runner: fact.runner,
            outcome: fact.outcome
        )
    }
}

extension KnownJobKind {
    init(_ kind: JobKind) {
        self.init(
            name: kind.name,
            title: kind.title,
            arguments: kind.argumentNames.sorted(),
            priority: "\(kind.priority)",
            attemptMax: kind.attemptMax,
            isSingle: kind.isSingle
        )
    }
}

extension JobLine {
    init(_ line: JobLogLine) {
        self.init(number: line.number, at: Instant(line.at), level: line.level.rawValue, text: line.text)
    }
}

extension JobSchedule {
    init(_ fact: JobScheduleFact) {
        self.init(
            name: fact.name,
            kind: fact.kind,
            arguments: JobArguments.read(fact.arguments),
            cron: fact.cron,
            zone: fact.zone,
            isPaused: fact.isPaused,
            nextAt: Instant(fact.nextAt),
            lastJob: fact.lastJob
        )
    }
}

/// What jobs are asked with, as it is shown.
private enum JobArguments {
    /// The values of an object as texts; anything else as it stands, under one name.
    static func read(_ text: String) -> [String: String] {
        if let values = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) { return values }
        let read = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return read?.mapValues { "\($0)" } ?? ["text": text]
    }
}
