import ArgumentParser
import Foundation

/// A command as a page for man(1).
struct ManualPage {
    let command: CommandDescription
    let program: CommandDescription
    let shared: [SharedOptions]
    /// The day that the page bears.
    let day: String

    /// The pages of a program, each with the name of its file.
    static func all(on day: String) throws -> [(file: String, text: String)] {
        let program = try CommandDescription.program()
        let shared = try SharedOptions.all()
        return program.withAllBelow.map { command in
            let page = ManualPage(command: command, program: program, shared: shared, day: day)
            return ("\(page.name(of: command)).1", page.text)
        }
    }

    /// The day of `SOURCE_DATE_EPOCH`, as builds that can be repeated set it; else today.
    static func day(_ environment: [String: String]) -> String {
        let seconds = environment["SOURCE_DATE_EPOCH"].flatMap(Double.init) ?? Date().timeIntervalSince1970
        return Date(timeIntervalSince1970: seconds).formatted(.iso8601.year().month().day())
    }

    /// The source of the page, in the macros of man(7).
    var text: String {
        let version = "wharf \(Wharf.configuration.version)"
        var lines = [".TH \"\(name(of: command).uppercased())\" 1 \"\(day)\" \"\(version)\" \"wharf\""]
        lines += [".SH NAME", Self.escaped("\(name(of: command)) - \(summary)", isText: false)]
        lines += [".SH SYNOPSIS", ".nf", Self.line(command.usage), ".fi"]
        lines += description
        lines += subcommands
        let (own, parts) = command.divided(by: shared)
        lines += list("ARGUMENTS", own.filter { $0.kind == .positional })
        lines += list("OPTIONS", own.filter { $0.kind != .positional })
        for part in parts { lines += list(part.title.uppercased(), part.arguments) }
        lines += examples
        lines += exitStatus
        lines += seeAlso
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: The parts

    private func name(of command: CommandDescription) -> String { command.path.joined(separator: "-") }

    private var summary: String {
        let text = command.abstract ?? ""
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    private var description: [String] {
        var lines = [".SH DESCRIPTION", Self.line(command.abstract ?? "")]
        if let aliases = command.aliases {
            lines += [".PP", Self.line("Also: " + aliases.map { "wharf \($0)" }.joined(separator: ", ") + ".")]
        }
        for part in command.parts {
            switch part {
            case .paragraph(let text): lines += [".PP", Self.line(text)]
            case .verbatim(let verbatim): lines += [".PP", ".nf"] + verbatim.map(Self.line) + [".fi"]
            case .examples: break
            }
        }
        return lines
    }

    private var subcommands: [String] {
        guard !command.commands.isEmpty else { return [] }
        guard command.path.count == 1 else { return [".SH COMMANDS"] + entries(command.commands) }
        return [".SH COMMANDS"]
            + CommandChapter.all(of: program).flatMap { [".SS \(Self.escaped($0.title))"] + entries($0.commands) }
    }

    private func entries(_ commands: [CommandDescription]) -> [String] {
        commands.flatMap { below in
            [".TP", ".BR \(Self.escaped(name(of: below))) (1)", Self.line(below.abstract ?? "")]
        }
    }

    private func list(_ title: String, _ arguments: [CommandDescription.Argument]) -> [String] {
        guard !arguments.isEmpty else { return [] }
        let entries = arguments.flatMap { argument in
            [".TP", ".B \(Self.escaped(argument.synopsis))", Self.line(argument.sentences)]
        }
        return [".SH \(Self.escaped(title))"] + entries
    }

    private var examples: [String] {
        let lines = command.parts.flatMap { part in
            if case .examples(let lines) = part { lines } else { [String]() }
        }
        return lines.isEmpty ? [] : [".SH EXAMPLES", ".nf"] + lines.map(Self.line) + [".fi"]
    }

    private var exitStatus: [String] {
        [".SH EXIT STATUS"] + ExitStatus.allCases.flatMap { [".TP", ".B \($0.rawValue)", Self.line($0.meaning)] }
    }

    private var seeAlso: [String] {
        guard command.path.count > 1 else { return [] }
        let above = command.path.dropLast().joined(separator: "-")
        let siblings = program.withAllBelow.first { $0.path == Array(command.path.dropLast()) }?.commands ?? []
        let names = command.path.count == 2 ? [above] : [above] + siblings.map(name).filter { $0 != name(of: command) }
        let references = names.enumerated().map { index, name in
            ".BR \(Self.escaped(name)) (1)" + (index == names.count - 1 ? "" : ",")
        }
        return [".SH SEE ALSO"] + references
    }

    // MARK: Letters

    /// A line of text.
    private static func line(_ text: String) -> String { text.isEmpty ? "\\&" : escaped(text) }

    /// Text that means itself: no macros, no characters that need an encoding.
    private static func escaped(_ text: String, isText: Bool = true) -> String {
        var result = text.first.map { ".'".contains($0) } == true ? "\\&" : ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += isText ? "\\-" : "-"
            case "`": result += "\\(ga"
            case "'": result += "\\(aq"
            case "\"": result += "\\(dq"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
            default: result += "\\[u" + String(format: "%04X", scalar.value) + "]"
            }
        }
        return result
    }
}
