import Foundation
public import Metadata

/// Work of one kind: what it is called, when it is done by itself, and how it is done.
public struct JobKind: Sendable {
    /// How long it is waited until work is tried again that has failed.
    public struct Backoff: Hashable, Sendable {
        /// After the first failure; twice as long after each other.
        public var first: Duration
        /// At most.
        public var longest: Duration

        /// States it.
        public init(first: Duration = .seconds(10), longest: Duration = .seconds(3600)) {
            (self.first, self.longest) = (first, longest)
        }

        /// After a number of failures.
        func time(after failures: Int) -> Duration {
            var time = first
            for _ in 1..<max(2, min(failures, 64)) where failures > 1 && time < longest { time *= 2 }
            return min(time, longest)
        }
    }

    /// What it is called: small letters, digits, dots and hyphens.
    public let name: String
    /// What it does, as a sentence.
    public let title: String
    /// How often it is tried.
    public let attemptMax: Int
    /// What it is run before.
    public let priority: JobPriority
    /// Whether there is one unfinished job of the kind at most.
    public let isSingle: Bool
    /// The names that its arguments may have.
    public let argumentNames: Set<String>
    /// How long it is waited until it is tried again.
    public let backoff: Backoff
    /// When it is done by itself; nil for never.
    public let timetable: JobTimetable?

    let work: @Sendable (JobRun) async throws -> String

    /// The most bytes of a name.
    static let nameByteCountMax = 64

    /// Describes a kind.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - title: what it does, as a sentence.
    ///   - attemptMax: how often it is tried.
    ///   - priority: what it is run before.
    ///   - isSingle: whether there is one unfinished job of it at most.
    ///   - argumentNames: the names that its arguments may have.
    ///   - backoff: how long it is waited until it is tried again.
    ///   - timetable: when it is done by itself.
    ///   - work: does it, and returns what came of it in one line. It ends soon when its task is cancelled, by
    ///     throwing, and goes on from its checkpoint when it is called again; what it had done since is done once more.
    public init(
        _ name: String,
        _ title: String,
        attemptMax: Int = 3,
        priority: JobPriority = .normal,
        isSingle: Bool = true,
        argumentNames: Set<String> = [],
        backoff: Backoff = Backoff(),
        timetable: JobTimetable? = nil,
        work: @escaping @Sendable (JobRun) async throws -> String
    ) {
        precondition(Self.isName(name), "kinds are named in the program: \(name)")
        self.name = name
        self.title = title
        self.attemptMax = attemptMax
        self.priority = priority
        self.isSingle = isSingle
        self.argumentNames = argumentNames
        self.backoff = backoff
        self.timetable = timetable
        self.work = work
    }

    /// What is wrong with the arguments of a job.
    public struct ArgumentError: Error, Hashable, CustomStringConvertible {
        /// A sentence for who gave them.
        public let description: String
    }

    /// A job of the kind.
    ///
    /// - Parameters:
    ///   - arguments: an object of JSON.
    ///   - principal: who wants it.
    /// - Returns: the job, to be put into the queue.
    /// - Throws: ``ArgumentError``.
    public func order(arguments: String = "{}", by principal: String) throws(ArgumentError) -> JobOrder {
        let data = Data(arguments.utf8)
        guard let given = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
            throw ArgumentError(description: "the arguments of a job are an object of JSON")
        }
        if let unknown = given.keys.filter({ !argumentNames.contains($0) }).min() {
            let known = argumentNames.sorted().joined(separator: ", ")
            throw ArgumentError(
                description: "\(name) takes no argument \"\(unknown.prefix(100))\"; "
                    + (known.isEmpty ? "it takes none" : "it takes \(known)")
            )
        }
        return JobOrder(
            kind: name,
            arguments: arguments,
            priority: priority,
            key: isSingle ? name : nil,
            attemptMax: attemptMax,
            createdBy: principal
        )
    }

    private static func isName(_ text: String) -> Bool {
        (1...nameByteCountMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D
            }
    }
}

/// The kinds of work that a program can do.
public struct JobKinds: Sendable {
    private let kinds: [String: JobKind]

    /// These kinds, each of a name of its own.
    public init(_ kinds: [JobKind]) {
        self.kinds = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
    }

    /// All of them, by name.
    public var all: [JobKind] { kinds.values.sorted { $0.name < $1.name } }

    /// Their names, in order.
    public var names: [String] { kinds.keys.sorted() }

    /// The kind of a name; nil when there is none.
    public subscript(name: String) -> JobKind? { kinds[name] }
}
