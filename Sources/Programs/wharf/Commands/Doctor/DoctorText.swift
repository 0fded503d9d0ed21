import Diagnosis

/// What `wharf doctor` found, for people.
enum DoctorText {
    /// How many of the forms of a message are shown.
    private static let printedCountMax = 3

    /// A step in a line.
    static func line(of finding: Finding) -> String {
        let title = finding.step.title
        let padding = String(repeating: " ", count: max(1, 12 - title.count))
        return "\(mark(finding.state))  \(title)\(padding)\(finding.seen)"
    }

    private static func mark(_ state: Finding.State) -> String {
        switch state {
        case .good: "ok"
        case .warning: " !"
        case .failure: "!!"
        case .notReached: "--"
        }
    }

    /// What the first failure means and what mends it; else the same of the first warning.
    static func advice(for findings: [Finding]) -> String {
        let failed = findings.first { $0.state == .failure }
        guard let finding = failed ?? findings.first(where: { $0.fault != nil }), let fault = finding.fault else {
            return "\nNothing is in the way.\n"
        }
        let others = findings.filter { $0.state == .failure && $0.step != finding.step }.map(\.step.title)
        let rest = others.isEmpty ? "" : "\nMend this first; \(others.joined(separator: ", ")) failed too.\n"
        return "\n\(fault.code): \(text(fault.meaning, fault.printed, finding.mends))\(rest)"
    }

    /// The explanation of a message.
    static func explained(_ explanation: DoctorReport.Explanation) -> String {
        let mends = explanation.mends.map { advice in
            Mend(
                Mend.Tool(rawValue: advice.tool) ?? .any,
                advice.what,
                file: advice.file,
                text: advice.text,
                commands: advice.commands,
                isLastResort: advice.isLastResort
            )
        }
        return "\(explanation.code): \(text(explanation.meaning, [], mends))"
    }

    private static func text(_ meaning: String, _ printed: [String], _ mends: [Mend]) -> String {
        var lines = [meaning]
        if !printed.isEmpty {
            lines += ["", "Docker, containerd and podman say of it:"]
            lines += printed.prefix(printedCountMax).map { "  \($0)" }
        }
        lines += ["", "What mends it:"]
        for mend in mends {
            lines.append("- \(mend.tool.title): \(mend.what)")
            if let file = mend.file { lines.append("    in \(file)") }
            if let text = mend.text {
                lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { "    | \($0)" }
            }
            lines += mend.commands.map { "    $ \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
