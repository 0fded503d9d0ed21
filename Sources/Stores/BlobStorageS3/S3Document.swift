import AWS
import Foundation

/// The documents that lists and results come in, read strictly.
struct S3Document: Sendable {
    private let root: XMLNode
    private let subject: S3Subject
    /// Whether names are escaped as in a URL: XML has no way to write some characters.
    private let isEscaped: Bool

    /// Reads an answer whose document must have this name, or the other one that a store gives it.
    init(_ answer: S3Answer, _ name: String, or other: String? = nil, _ subject: S3Subject) throws(S3Error) {
        guard let root = answer.document, root.name == name || root.name == other else {
            throw S3Error.notUnderstood("it is no \(name)", subject)
        }
        self.root = root
        self.subject = subject
        isEscaped = root["EncodingType"]?.text == "url"
    }

    /// The elements of a name.
    func elements(_ name: String) -> [XMLNode] { root.children.filter { $0.name == name } }

    /// The text of an element; nil where it is missing or empty.
    func text(_ name: String, in node: XMLNode? = nil) -> String? {
        guard let text = (node ?? root)[name]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// The text of an element that must be there.
    func required(_ name: String, in node: XMLNode? = nil) throws(S3Error) -> String {
        guard let text = text(name, in: node) else { throw S3Error.notUnderstood("it has no \(name)", subject) }
        return text
    }

    /// A name of an object, as it was put there.
    func key(_ name: String = "Key", in node: XMLNode? = nil) throws(S3Error) -> String {
        let text = try required(name, in: node)
        guard isEscaped else { return text }
        let bytes = Escaping.bytes(of: text.replacing("+", with: " "))
        guard let key = String(validating: bytes, as: UTF8.self) else {
            throw S3Error.notUnderstood("a name is no UTF-8", subject)
        }
        return key
    }

    /// A number of bytes, or of a part.
    func number(_ name: String, in node: XMLNode? = nil) throws(S3Error) -> Int64 {
        let text = try required(name, in: node)
        guard let number = Int64(text), number >= 0 else {
            throw S3Error.notUnderstood("\(name) is no number", subject)
        }
        return number
    }

    /// A moment; nil where there is none that can be read.
    func date(_ name: String, in node: XMLNode) -> Date? { text(name, in: node).flatMap { S3Date.iso($0) } }

    /// Whether more comes on another page.
    var isTruncated: Bool { text("IsTruncated") == "true" }

    /// What keeps a page from being followed by the next.
    func unfollowed() -> S3Error { S3Error.notUnderstood("there is more, and it does not say where", subject) }

    // MARK: - Writing

    /// The names of objects that are to be removed.
    static func deletion(_ keys: some Sequence<String>) -> [UInt8] {
        let objects = keys.map { "<Object><Key>\(escaped($0))</Key></Object>" }.joined()
        return Array("<Delete xmlns=\"\(space)\"><Quiet>true</Quiet>\(objects)</Delete>".utf8)
    }

    /// The parts that an object is to be made of.
    static func completion(_ parts: some Sequence<S3Part>, _ checksum: S3Settings.Checksum) -> [UInt8] {
        let elements = parts.map { part in
            let sum = part.checksum.flatMap { sum in checksumElement(checksum).map { "<\($0)>\(escaped(sum))</\($0)>" }
            }
            return "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(escaped(part.etag))</ETag>\(sum ?? "")</Part>"
        }.joined()
        return Array(
            "<CompleteMultipartUpload xmlns=\"\(space)\">\(elements)</CompleteMultipartUpload>".utf8
        )
    }

    /// What a part's checksum is called; nil for what no part has.
    private static func checksumElement(_ checksum: S3Settings.Checksum) -> String? {
        switch checksum {
        case .crc32: "ChecksumCRC32"
        case .sha256: "ChecksumSHA256"
        case .automatic, .none, .md5: nil
        }
    }

    private static let space = "http://s3.amazonaws.com/doc/2006-03-01/"

    /// A text as it stands in an element.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "<": "&lt;"
            case ">": "&gt;"
            case "&": "&amp;"
            case "\"": "&quot;"
            case _ where scalar.value < 0x20: "&#\(scalar.value);"
            default: String(scalar)
            }
        }.joined()
    }
}
