import Documents

extension FuzzTarget {
    /// What is accepted is an object that JSON can write and read again, and its keys stand on lines of the text.
    static func checkTOML(_ bytes: [UInt8]) throws(Violation) {
        let lineCount = bytes.count { $0 == UInt8(ascii: "\n") } + 1
        let document: TOMLDocument
        do throws(TOMLDocument.Problem) {
            document = try TOMLDocument(bytes)
        } catch {
            try require((1...lineCount).contains(error.line), "the problem is on a line of the text")
            try require((1...(bytes.count + 1)).contains(error.column), "the problem is in a column of the text")
            return
        }
        let again = try? JSONValue(json: document.root.json())
        try require(again == document.root, "\(document.root) reads as it was written")
        guard case .object(let members) = document.root else {
            throw Violation(description: "a document is an object")
        }
        for member in members {
            let line = document.line(of: [.key(member.name)])
            try require(line.map { (1...lineCount).contains($0) } == true, "\(member.name) stands on a line")
        }
    }
}
