import Diagnosis

/// What `wharf doctor` found, for programs.
struct DoctorReport: Encodable {
    /// What was typed.
    var reference: String?
    /// The row that a message of another tool is.
    var explanation: Explanation?
    /// Each step, in order.
    var steps: [Step] = []

    /// One step.
    struct Step: Encodable {
        var step: String
        var state: String
        var seen: String
        var fault: Explanation?

        init(_ finding: Finding) {
            step = finding.step.rawValue
            state = finding.state.rawValue
            seen = finding.seen
            fault = finding.fault.map { Explanation($0, mends: finding.mends) }
        }
    }

    /// A row of the table of errors.
    struct Explanation: Encodable {
        var code: String
        var step: String
        var meaning: String
        var printed: [String]
        var mends: [Advice]

        init(_ fault: Fault, mends: [Mend]) {
            code = fault.code
            step = fault.step.rawValue
            meaning = fault.meaning
            printed = fault.printed
            self.mends = mends.map { Advice($0) }
        }
    }

    /// One thing to do.
    struct Advice: Encodable {
        var tool: String
        var what: String
        var file: String?
        var text: String?
        var commands: [String]
        var isLastResort: Bool

        init(_ mend: Mend) {
            tool = mend.tool.rawValue
            what = mend.what
            file = mend.file
            text = mend.text
            commands = mend.commands
            isLastResort = mend.isLastResort
        }
    }
}
