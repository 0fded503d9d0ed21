/// What a command says about itself, taken apart: sentences, examples, and lines that stand as they are.
///
/// Help is written as plain text: an empty line ends a paragraph; `Example: wharf …` is an example, and so are the
/// lines set in below `Examples:`; other lines that are set in stay as they are.
struct Discussion {
    /// A part of it.
    enum Part: Equatable {
        case paragraph(String)
        case examples([String])
        case verbatim([String])

        /// The lines of examples.
        fileprivate var examples: [String] {
            if case .examples(let lines) = self { lines } else { [] }
        }
    }

    private(set) var parts: [Part] = []
    /// Whether the next line may belong to the last part.
    private var isOpen = false

    init(_ text: String) {
        var isExamples = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.isEmpty {
                close()
            } else if line == "Examples:" {
                (isExamples, isOpen) = (true, false)
            } else if line.hasPrefix("Example: ") {
                add(.examples([String(line.dropFirst("Example: ".count))]))
            } else if line.hasPrefix("  ") {
                isExamples ? add(.examples([String(line.dropFirst(2))])) : add(.verbatim([line]))
            } else {
                isExamples = false
                add(.paragraph(line))
            }
        }
    }

    private mutating func close() { isOpen = false }

    private mutating func add(_ part: Part) {
        defer { isOpen = true }
        switch (parts.last, part) {
        case (.paragraph(let text)?, .paragraph(let more)) where isOpen:
            parts[parts.count - 1] = .paragraph("\(text) \(more)")
        case (.examples(let lines)?, .examples(let more)):
            parts[parts.count - 1] = .examples(lines + more)
        case (.verbatim(let lines)?, .verbatim(let more)):
            parts[parts.count - 1] = .verbatim(lines + (isOpen ? [] : [""]) + more)
        default: parts.append(part)
        }
    }

    /// All examples; one that goes over several lines is one.
    var examples: [String] {
        var whole: [String] = []
        for line in parts.flatMap(\.examples) {
            if let last = whole.last, last.hasSuffix("\\") {
                whole[whole.count - 1] = String(last.dropLast()) + line
            } else {
                whole.append(line)
            }
        }
        return whole
    }
}

extension CommandDescription {
    /// What it says about itself.
    var parts: [Discussion.Part] { Discussion(discussion ?? "").parts }
    /// Its examples.
    var examples: [String] { Discussion(discussion ?? "").examples }
}
