/// How much is logged; each level includes those after it.
public enum LogLevel: String, Sendable, CaseIterable, SettingChoice {
    /// Every step.
    case trace
    /// What helps to find a fault.
    case debug
    /// What happens in normal work.
    case info
    /// What is normal and still worth to be noticed.
    case notice
    /// What works and may soon not.
    case warning
    /// What failed.
    case error
    /// What endangers the whole.
    case critical
}

/// The form of a log line.
public enum LogForm: String, Sendable, CaseIterable, SettingChoice {
    /// Readable where the standard error stream is a terminal, JSON where it is not.
    case auto
    /// For a person.
    case text
    /// One JSON object a line.
    case json
}
