/// A file of names and password hashes, as `htpasswd -B` writes it: `NAME:HASH` a line, `#` before a comment.
public struct HtpasswdFile: Sendable {
    /// The largest file that is read.
    public static let byteCountMax = 1 << 20
    /// The most lines.
    public static let lineCountMax = 10_000
    /// The bytes that a name may have.
    public static let nameByteCounts = 1...128

    /// A name and what is kept of its password.
    public struct Entry: Hashable, Sendable {
        /// The name.
        public let name: String
        /// What is kept of the password.
        public let password: BcryptHash
        /// The line, counted from 1.
        public let line: Int
    }

    /// Why a line cannot be taken.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// The line, counted from 1; nil for what is wrong with the whole.
        public let line: Int?
        /// What is wrong and what to do, without any part of a hash.
        public let sentence: String

        /// The line and the sentence.
        public var description: String { (line.map { "line \($0): " } ?? "") + sentence }
    }

    /// Everything that is wrong with a file.
    public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// At least one, in the order of the lines.
        public let problems: [Problem]

        /// A problem a line.
        public var description: String { problems.map(\.description).joined(separator: "\n") }
    }

    /// In the order of the file; no name is there twice.
    public let entries: [Entry]

    /// Reads a file; throws all that is wrong with it, together.
    public init(_ bytes: some Sequence<UInt8>) throws(Refusal) {
        let bytes = Array(bytes)
        guard bytes.count <= Self.byteCountMax else {
            throw Refusal(problems: [.init(line: nil, sentence: "the file is larger than 1 MiB")])
        }
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        guard lines.count <= Self.lineCountMax + (lines.last?.isEmpty == true ? 1 : 0) else {
            throw Refusal(problems: [.init(line: nil, sentence: "the file has more than \(Self.lineCountMax) lines")])
        }
        var entries: [Entry] = []
        var problems: [Problem] = []
        var known: [String: Int] = [:]
        for (index, line) in lines.enumerated() {
            do throws(Problem.Reason) {
                guard let entry = try Self.entry(line, number: index + 1) else { continue }
                if let first = known.updateValue(entry.line, forKey: entry.name) {
                    throw Problem.Reason("\(entry.name) stands in line \(first) already: keep one of them")
                }
                entries.append(entry)
            } catch {
                problems.append(Problem(line: index + 1, sentence: error.sentence))
            }
        }
        guard problems.isEmpty else { throw Refusal(problems: problems) }
        self.entries = entries
    }

    private static func entry(_ bytes: ArraySlice<UInt8>, number: Int) throws(Problem.Reason) -> Entry? {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem.Reason("it is not UTF-8 text") }
        var line = text.unicodeScalars[...]
        if line.last == "\r" { line.removeLast() }
        guard let first = line.first(where: { $0 != " " && $0 != "\t" }), first != "#" else { return nil }
        guard let colon = line.firstIndex(of: ":") else { throw Problem.Reason("it is not NAME:HASH") }
        let name = String(line[..<colon])
        guard nameByteCounts.contains(name.utf8.count) else {
            throw Problem.Reason("a name has from 1 to 128 bytes, and this one has \(name.utf8.count)")
        }
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Problem.Reason("the name has a control character in it")
        }
        let hash = String(line[line.index(after: colon)...])
        guard let password = BcryptHash(hash) else { throw Problem.Reason(refusing: hash, of: name) }
        return Entry(name: name, password: password, line: number)
    }
}

extension HtpasswdFile.Problem {
    /// A sentence on its way to the line that it is about.
    fileprivate struct Reason: Error {
        let sentence: String

        init(_ sentence: String) {
            self.sentence = sentence
        }

        init(refusing hash: String, of name: String) {
            let known = [
                ("$apr1$", "a hash by MD5 ($apr1$)"), ("$1$", "a hash by MD5 ($1$)"),
                ("{SHA}", "a hash by SHA-1 ({SHA})"),
                ("$5$", "a hash by SHA-256 ($5$)"), ("$6$", "a hash by SHA-512 ($6$)"),
            ]
            let kind: String
            if let found = known.first(where: { hash.hasPrefix($0.0) }) {
                kind = "has \(found.1), which is not taken"
            } else if hash.hasPrefix("$2") {
                let costs = "\(BcryptHash.costs.lowerBound) to \(BcryptHash.costs.upperBound)"
                kind = "has a bcrypt hash that is damaged, of an unknown kind, or of a cost that is not in \(costs)"
            } else {
                kind = "has a password in the clear or a hash by crypt, which is not taken"
            }
            self.init("\(name) \(kind): make one by bcrypt with `htpasswd -B FILE \(name)`")
        }
    }
}
