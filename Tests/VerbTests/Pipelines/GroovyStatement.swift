import Foundation

/// A word, a text or a sign of a Jenkinsfile.
enum GroovyToken: Equatable {
    case word(String)
    /// A text as it stands, in single quotes.
    case text(String)
    /// A text in double quotes, in which `${NAME}` stands for a value.
    case template(String)
    case sign(Character)
}

/// `name arguments { body }`: all that a declarative pipeline is made of.
struct GroovyStatement: Equatable {
    var name: String
    /// What stands behind the name, without the brackets around all of it.
    var arguments: [GroovyToken] = []
    var body: [GroovyStatement] = []

    /// Reads a file.
    static func read(_ text: String) throws -> [GroovyStatement] {
        var reader = GroovyReader(tokens: try GroovyScanner(text: text[...]).tokens()[...])
        let statements = try reader.statements()
        guard reader.tokens.isEmpty else { throw NotUnderstood("a } too much in the Jenkinsfile") }
        return statements
    }
}

/// Takes a Jenkinsfile apart; whatever it does not know, it refuses.
private struct GroovyScanner {
    var text: Substring

    /// The tokens; the end of a line is the sign of a new line.
    func tokens() throws -> [GroovyToken] {
        var (rest, tokens): (Substring, [GroovyToken]) = (text, [])
        while let first = rest.first {
            if rest.hasPrefix("//") {
                rest = rest.drop { $0 != "\n" }
            } else if let (content, after) = Self.quoted(rest, by: "'''") ?? Self.quoted(rest, by: "'") {
                tokens.append(.text(try Self.unescaped(content)))
                rest = after
            } else if let (content, after) = Self.quoted(rest, by: "\"") {
                guard !content.contains("\\") else { throw NotUnderstood("an escape in \(content)") }
                tokens.append(.template(String(content)))
                rest = after
            } else if first.isLetter || first.isNumber || first == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                tokens.append(.word(String(word)))
                rest = rest[word.endIndex...]
            } else if "{}()[],:=\n".contains(first) {
                tokens.append(.sign(first))
                rest.removeFirst()
            } else if first == " " {
                rest.removeFirst()
            } else {
                throw NotUnderstood("\(first) in the Jenkinsfile")
            }
        }
        return tokens
    }

    private static func quoted(_ text: Substring, by quote: String) -> (Substring, Substring)? {
        guard text.hasPrefix(quote) else { return nil }
        let rest = text.dropFirst(quote.count)
        return rest.range(of: quote).map { (rest[..<$0.lowerBound], rest[$0.upperBound...]) }
    }

    /// Of all escapes only that of a line's end, which joins two lines.
    private static func unescaped(_ text: Substring) throws -> String {
        let joined = text.replacing("\\\n", with: "")
        guard !joined.contains("\\") else { throw NotUnderstood("an escape in \(text)") }
        return String(joined)
    }
}

/// Puts tokens together to statements.
private struct GroovyReader {
    var tokens: ArraySlice<GroovyToken>

    /// All up to the end, or to the `}` around them, which stays.
    mutating func statements() throws -> [GroovyStatement] {
        var statements: [GroovyStatement] = []
        while let token = tokens.first, token != .sign("}") {
            tokens.removeFirst()
            if token == .sign("\n") { continue }
            guard case .word(let name) = token else { throw NotUnderstood("\(token) begins no statement") }
            var statement = GroovyStatement(name: name, arguments: try arguments())
            if tokens.first == .sign("{") {
                tokens.removeFirst()
                statement.body = try block()
            }
            statements.append(statement)
        }
        return statements
    }

    private mutating func block() throws -> [GroovyStatement] {
        let statements = try statements()
        guard tokens.popFirst() == .sign("}") else { throw NotUnderstood("a { without its }") }
        return statements
    }

    /// What stands in brackets, or up to the end of the line.
    private mutating func arguments() throws -> [GroovyToken] {
        var found: [GroovyToken] = []
        guard tokens.first == .sign("(") else {
            while let token = tokens.first, ![.sign("{"), .sign("}"), .sign("\n")].contains(token) {
                found.append(tokens.removeFirst())
            }
            return found
        }
        tokens.removeFirst()
        var depth = 1
        while let token = tokens.popFirst() {
            if token == .sign("(") { depth += 1 }
            if token == .sign(")") { depth -= 1 }
            if depth == 0 { return found }
            if token != .sign("\n") { found.append(token) }
        }
        throw NotUnderstood("a ( without its )")
    }
}
