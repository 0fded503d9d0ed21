import Logging

/// A log handler that makes one line of each event, for a person or for a program to read.
public struct LineLogHandler: LogHandler {
    /// The form of a line.
    public enum Form: Sendable {
        /// For a person at a terminal.
        case readable
        /// One JSON object a line: `time`, `level`, `logger`, `message`, `metadata`.
        case json
    }

    /// What the logger adds to each of its lines.
    public var metadata: Logger.Metadata = [:]
    /// What the task that logs adds to the line.
    public var metadataProvider: Logger.MetadataProvider?
    /// The least level that is written.
    public var logLevel: Logger.Level

    private let label: String
    private let form: Form
    private let sink: LogSink
    private let clock: @Sendable () -> LogTime

    /// A handler for the logger of that label.
    ///
    /// - Parameters:
    ///   - label: which part of the program logs.
    ///   - level: the least level that is written.
    ///   - form: how a line looks.
    ///   - sink: where the lines go.
    ///   - clock: the time of an event.
    public init(
        label: String,
        level: Logger.Level = .info,
        form: Form,
        sink: LogSink = .standardError,
        clock: @escaping @Sendable () -> LogTime = { LogTime.now() }
    ) {
        self.label = label
        logLevel = level
        self.form = form
        self.sink = sink
        self.clock = clock
    }

    /// Writes the event as one line.
    ///
    /// Of metadata under the same key the event's own wins, then the provider's.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, provided in provided } }
        if let own = event.metadata { all.merge(own) { _, own in own } }
        if let error = event.error { all["error"] = "\(error)" }
        let line = LogLine(
            time: clock(),
            level: event.level,
            label: label,
            message: event.message.description,
            metadata: all
        )
        switch form {
        case .readable: sink.write(line.readable())
        case .json: sink.write(line.json())
        }
    }

    /// What the logger adds to each of its lines under `key`.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
