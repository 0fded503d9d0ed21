import Documents

/// A TOML file of a tool.
struct TOMLFile {
    let path: String
    let document: TOMLDocument

    /// Reads a file; nil where there is none.
    init?(reading path: String) throws(ToolFileProblem) {
        guard let text = try FileText(reading: path) else { return nil }
        self.path = path
        do throws(TOMLDocument.Problem) {
            document = try TOMLDocument(text.bytes)
        } catch {
            let message = "the file is not TOML: column \(error.column): \(error.sentence)"
            throw ToolFileProblem(.malformedFile, path: path, line: error.line, message)
        }
    }

    var root: JSONValue { document.root }

    func problem(
        _ code: ToolFileProblem.Code,
        _ message: String,
        at steps: [TOMLDocument.Step],
        severity: ToolFileProblem.Severity = .error
    ) -> ToolFileProblem {
        // What stands in braces has no line of its own.
        let line = (0...steps.count).reversed().lazy.compactMap { document.line(of: Array(steps.prefix($0))) }.first
        return ToolFileProblem(code, severity, path: path, line: line, message)
    }

    /// A text, where the key is there.
    func text(_ key: String, in table: JSONValue, at steps: [TOMLDocument.Step]) throws(ToolFileProblem) -> String? {
        guard let value = table[key] else { return nil }
        guard let text = value.text else {
            throw problem(.wrongValue, "\"\(key)\" must be a text, in quotes", at: steps + [.key(key)])
        }
        return text
    }

    /// Yes or no, where the key is there.
    func bool(_ key: String, in table: JSONValue, at steps: [TOMLDocument.Step]) throws(ToolFileProblem) -> Bool? {
        guard let value = table[key] else { return nil }
        guard let bool = value.bool else {
            throw problem(.wrongValue, "\"\(key)\" must be true or false, without quotes", at: steps + [.key(key)])
        }
        return bool
    }

    /// The tables of an array of tables; none where the key is not there.
    func tables(
        _ key: String,
        in table: JSONValue,
        at steps: [TOMLDocument.Step]
    ) throws(ToolFileProblem) -> [JSONValue] {
        guard let value = table[key] else { return [] }
        guard case .array(let items) = value, items.allSatisfy({ $0.members != nil }) else {
            let message = "\"\(key)\" must be tables: write [[…\(key)]] above each"
            throw problem(.wrongValue, message, at: steps + [.key(key)])
        }
        return items
    }
}
