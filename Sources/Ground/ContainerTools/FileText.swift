import Documents
import Glibc

/// The bytes of a file that a tool keeps, and what they say.
struct FileText {
    /// The largest file that is read: a hundred times what people have.
    static let byteCountMax = 1 << 20

    let path: String
    let bytes: [UInt8]

    /// Reads a file; nil where there is none.
    init?(reading path: String) throws(ToolFileProblem) {
        func problem(_ message: String) -> ToolFileProblem {
            ToolFileProblem(.unreadableFile, path: path, message)
        }
        // A pipe would be waited for; what is no regular file is refused below.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw problem("the file cannot be read: \(ToolFileProblem.systemReason)")
        }
        defer { close(file) }
        guard let facts = FileFacts(descriptor: file), facts.isRegular || facts.isDevice else {
            throw problem("this is no file; remove it, or name another place")
        }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(file, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw problem("the file cannot be read: \(ToolFileProblem.systemReason)") }
            guard count > 0 else { break }
            bytes += part.prefix(count)
            guard bytes.count <= Self.byteCountMax else {
                throw problem("the file is larger than 1 MiB, which no tool writes: is it the right one?")
            }
        }
        self.init(path: path, bytes: bytes)
    }

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// The JSON object that it is; an empty file is an object without members, as for Docker.
    ///
    /// A byte order mark may stand at its beginning where it is allowed: dockerd takes it, the others do not.
    func object(allowsMark: Bool = false) throws(ToolFileProblem) -> JSONValue {
        var text = bytes[...]
        if text.starts(with: [0xef, 0xbb, 0xbf]) {
            guard allowsMark else {
                let message = "the file begins with a byte order mark, which container tools refuse: "
                throw ToolFileProblem(.malformedFile, path: path, line: 1, message + "save it as UTF-8 without one")
            }
            text = text.dropFirst(3)
        }
        if text.allSatisfy({ $0 == 0x20 || (0x09...0x0d).contains($0) }) { return .object([]) }
        let value: JSONValue
        do throws(JSONValue.Problem) {
            value = try JSONValue(json: text)
        } catch {
            let place = place(ofByte: error.offset)
            throw ToolFileProblem(
                .malformedFile,
                path: path,
                line: place.line,
                "the file is not JSON: column \(place.column): \(error.sentence); mend it by hand, it is left as it is"
            )
        }
        guard case .object = value else {
            throw ToolFileProblem(.malformedFile, path: path, line: 1, "the file must be a JSON object, in braces")
        }
        return value
    }

    /// Where a byte stands: line, and column in bytes, counted from 1.
    private func place(ofByte offset: Int) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == 0x0a } + 1
        let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        return (line, offset - start + 1)
    }

    /// The line on which a key first stands in quotes, counted from 1.
    func line(of key: String) -> Int? {
        let quoted = JSONValue.string(key).json()
        var line = 1
        for start in bytes.indices {
            if bytes[start] == 0x0a { line += 1 }
            if bytes[start] == 0x22, bytes[start...].starts(with: quoted) { return line }
        }
        return nil
    }
}
