/// What a step has come to.
public struct Finding: Sendable, Hashable {
    /// How it went.
    public enum State: String, Sendable, Hashable {
        /// As it should be.
        case good
        /// It works, and somebody should know.
        case warning
        /// It does not work.
        case failure
        /// It was not looked at, because something before it failed.
        case notReached = "not-reached"
    }

    /// What was looked at.
    public var step: DiagnosisStep
    /// How it went.
    public var state: State
    /// What was seen: a sentence.
    public var seen: String
    /// The row of the table of errors that it is; nil where all is well.
    public var fault: Fault?
    /// What would mend it, filled in for this registry and machine.
    public var mends: [Mend]

    /// States a finding.
    public init(
        _ step: DiagnosisStep,
        _ state: State,
        _ seen: String,
        fault: Fault? = nil,
        mends: [Mend] = []
    ) {
        self.step = step
        self.state = state
        self.seen = seen
        self.fault = fault
        self.mends = mends
    }
}
