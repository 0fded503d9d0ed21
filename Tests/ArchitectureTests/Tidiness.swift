/// The rules of form that can be read off a file's text.
///
/// A rule that stands here has no exception in a comment of the file it is broken in: exceptions are listed here, each
/// with its reason.
enum Tidiness {
    static let fileLinesMax = 400
    static let functionLinesMax = 70
    static let lineLengthMax = 120

    /// Files that may be longer, up to 700 lines, and why.
    static let longFiles: [String: (linesMax: Int, reason: String)] = [:]

    /// Files outside tests and programs that may start a task that no one waits for, and why.
    static let taskStarters: [String: String] = [
        "Sources/Wire/HTTPServing/ExchangeHandler+Answer.swift":
            "A channel handler has no task to wait in: it keeps its request's task and cancels it with the channel.",
        "Sources/Wire/HTTPServing/BodySender.swift":
            "It is a channel handler's: the task that fetches a piece is kept, counted, and cancelled with it.",
        "Sources/Engine/Transfer/Afterwards.swift":
            "What is cleaned up after a cancellation must not be cancelled itself: its task is waited for.",
        "Sources/Stores/BlobStorageS3/S3Afterwards.swift":
            "What a cancelled upload leaves in the bucket must go all the same: its task is waited for.",
        "Sources/Engine/Jobs/JobAfterwards.swift":
            "What became of a job is written although its runner stops: its task is waited for.",
        "Sources/Engine/Limits/LoginRecord.swift":
            "A client that leaves must not keep a failed login from other servers: its task is waited for.",
    ]

    /// Everything that breaks a rule in a file.
    static func findings(in file: SourceFile) -> [Finding] {
        let swiftRules = [lengths, functions, bannedCode, names, promises, reasons]
        let rules = file.isSwift ? swiftRules + [bannedWords] : [bannedWords]
        return rules.flatMap { $0(file) }
    }

    private static func finding(_ file: SourceFile, _ index: Int, _ message: String) -> Finding {
        Finding(path: file.path, line: index + 1, message: message)
    }

    // MARK: - Lengths

    private static func lengths(_ file: SourceFile) -> [Finding] {
        var lines = file.lines
        if lines.last == "" { lines.removeLast() }
        var findings = lines.enumerated().filter { $0.element.count > lineLengthMax }.map {
            finding(file, $0.offset, "the line has \($0.element.count) characters, and may have \(lineLengthMax)")
        }
        let most = longFiles[file.path]?.linesMax ?? fileLinesMax
        if lines.count > most {
            findings.append(finding(file, most, "the file has \(lines.count) lines, and may have \(most)"))
        }
        return findings
    }

    private static func functions(_ file: SourceFile) -> [Finding] {
        functionLengths(file).filter { $0.lines > functionLinesMax }.map {
            finding(file, $0.start, "the function has \($0.lines) lines, and may have \(functionLinesMax)")
        }
    }

    /// Where each function, initialiser and accessor with a body begins, and how many lines it has with its closing
    /// brace.
    static func functionLengths(_ file: SourceFile) -> [(start: Int, lines: Int)] {
        let declaration =
            #/
            ^ \s* (?: (?: @\w+ | \w+ ) (?: \( [^)]* \) )? \s+ )*?
            (?: func \s | init [?(<] | deinit \b | subscript [(<] | var \s .* \{ )
            /#
        let words = ["func", "init", "subscript", "var "]
        var lengths: [(start: Int, lines: Int)] = []
        var open: [(start: Int, depth: Int)] = []
        var waiting: Int?
        var depth = 0
        var brackets = 0
        let declared = Set(matches(of: declaration, in: file.codeLines, having: words).map(\.line))
        for (index, line) in file.codeLines.enumerated() {
            if brackets == 0, declared.contains(index) { waiting = index }
            for character in line.unicodeScalars {
                switch character {
                case "(", "[": brackets += 1
                case ")", "]": brackets -= 1
                case "{":
                    if let start = waiting, brackets == 0 {
                        open.append((start, depth))
                        waiting = nil
                    }
                    depth += 1
                case "}":
                    depth -= 1
                    if let function = open.last, function.depth == depth {
                        lengths.append((function.start, index - function.start + 1))
                        open.removeLast()
                    }
                default: break
                }
            }
        }
        return lengths
    }

    // MARK: - Words

    private static func bannedWords(_ file: SourceFile) -> [Finding] {
        let banned = #/\b(TODO|FIXME|XXX|HACK)\b|^\s*//\s*[Pp]laceholder\s*$/#
        let words = ["TODO", "FIXME", "XXX", "HACK", "laceholder"]
        var findings = matches(of: banned, in: file.commentedLines, having: words).map { index, match in
            finding(file, index, "\"\(match.0)\": do it, or write it down where work is planned")
        }
        if file.name.hasPrefix("Placeholder.") { findings.append(finding(file, 0, "a placeholder is no file")) }
        return findings
    }

    private static func bannedCode(_ file: SourceFile) -> [Finding] {
        let lines = file.codeLines
        var findings = matches(of: #/try!/#, in: lines, having: ["try!"]).map { index, _ in
            finding(file, index, "try! stops the server on an error: handle it")
        }
        guard file.isUnder("Sources") else { return findings }
        findings += matches(of: #/\bfatalError\s*\(/#, in: lines, having: ["fatalError"]).map { index, _ in
            finding(file, index, "fatalError is for nothing: throw, or use precondition with the reason")
        }
        guard !file.isUnder("Sources/Programs", "Sources/Kit"), taskStarters[file.path] == nil else { return findings }
        let task = #/\bTask(<[^>]*>)?(\.detached|\.immediate)?\s*(\([^)]*\))?\s*\{/#
        findings += matches(of: task, in: lines, having: ["Task"]).map { index, _ in
            finding(file, index, "a task that no one waits for: use a task group, or run it as a service")
        }
        return findings
    }

    private static func names(_ file: SourceFile) -> [Finding] {
        let banned = #/(Utils?|Utilities|Common|Helpers?|Manager|Impl)($|[A-Z+.])/#
        let declared = #/\b(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)/#
        var findings: [Finding] = []
        if file.name.contains(banned) { findings.append(finding(file, 0, "the name of the file says nothing")) }
        let words = ["Util", "Common", "Helper", "Manager", "Impl"]
        for (index, match) in matches(of: declared, in: file.codeLines, having: words) where match.1.contains(banned) {
            findings.append(finding(file, index, "the name \(match.1) says nothing: name it by what it does"))
        }
        return findings
    }

    /// The first match in each line; a regular expression is tried only where one of the words stands, because that
    /// takes a hundredth of the time.
    private static func matches<Output>(
        of expression: Regex<Output>,
        in lines: [Substring],
        having words: [String]
    ) -> [(line: Int, match: Regex<Output>.Match)] {
        let firsts = words.compactMap(\.utf8.first)
        return lines.enumerated().compactMap { index, line in
            guard line.utf8.contains(where: firsts.contains), words.contains(where: { line.contains($0) }) else {
                return nil
            }
            return line.firstMatch(of: expression).map { (index, $0) }
        }
    }

    /// What the compiler is told to believe has its reason in a comment on the line above.
    private static func promises(_ file: SourceFile) -> [Finding] {
        let promise = #/nonisolated\(unsafe\)|@unchecked\s+Sendable/#
        let words = ["(unsafe)", "@unchecked"]
        return matches(of: promise, in: file.codeLines, having: words).compactMap { index, _ in
            let above = index > 0 ? file.commentedLines[index - 1].drop { $0 == " " } : ""
            guard !above.hasPrefix("//") else { return nil }
            return finding(file, index, "what guards this must stand in a comment on the line above")
        }
    }

    /// A test that is left out on some machines says why: the report repeats it.
    private static func reasons(_ file: SourceFile) -> [Finding] {
        guard file.isUnder("Tests") else { return [] }
        let words = [".enabled(", ".disabled("]
        return matches(of: #/\.(?:enabled|disabled)\(/#, in: file.codeLines, having: words).compactMap { index, _ in
            // A call that goes on in the next line does so for its reason.
            guard file.lines[index].contains(#/\.(?:enabled|disabled)\([^"]*\)[^"]*$/#) else { return nil }
            return finding(file, index, "a test that is left out needs its reason")
        }
    }
}
