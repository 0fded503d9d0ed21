/// A part of the XML that some of Amazon's services answer in.
///
/// A small language, read strictly: elements, texts and comments. Attributes and namespaces are passed over; a document
/// type and entities of one's own, with which bytes become many, are refused.
public struct XMLNode: Hashable, Sendable {
    /// Why bytes are not such a text.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// How many bytes stand before it.
        public let offset: Int
        /// What is wrong, without the text.
        public let sentence: String

        /// Both.
        public var description: String { "byte \(offset): \(sentence)" }
    }

    /// How deep elements may lie in each other.
    public static let depthMax = 16
    /// How many elements there may be.
    public static let countMax = 100_000

    /// The name, without the prefix of a namespace.
    public var name: String
    /// What stands in it, without the elements.
    public var text = ""
    /// The elements in it, in their order.
    public var children: [XMLNode] = []

    /// The first element of a name.
    public subscript(name: String) -> XMLNode? { children.first { $0.name == name } }

    /// Reads a document.
    public init(_ bytes: some Sequence<UInt8>) throws(Problem) {
        var reader = XMLReader(bytes: Array(bytes))
        self = try reader.document()
    }

    fileprivate init(name: String) {
        self.name = name
    }
}

/// A reader, and how far it has come.
private struct XMLReader {
    let bytes: [UInt8]
    var position = 0
    var count = 0

    private func problem(_ sentence: String) -> XMLNode.Problem {
        XMLNode.Problem(offset: position, sentence: sentence)
    }

    private func isNext(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[min(position, bytes.count)...].starts(with: $0) }
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        guard isNext(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    /// Goes behind the next place where a text stands.
    private mutating func skip(past text: StaticString) throws(XMLNode.Problem) {
        while position < bytes.count {
            if skip(text) { return }
            position += 1
        }
        throw problem("the text ends too early")
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }

    private mutating func skipMisc() throws(XMLNode.Problem) {
        skipSpace()
        while skip("<!--") {
            try skip(past: "-->")
            skipSpace()
        }
    }

    mutating func document() throws(XMLNode.Problem) -> XMLNode {
        _ = skip("\u{FEFF}")
        if isNext("<?xml") { try skip(past: "?>") }
        try skipMisc()
        let node = try element(depth: 1)
        try skipMisc()
        guard position == bytes.count else { throw problem("something follows the document") }
        return node
    }

    private mutating func element(depth: Int) throws(XMLNode.Problem) -> XMLNode {
        count += 1
        guard depth <= XMLNode.depthMax else { throw problem("more than \(XMLNode.depthMax) levels") }
        guard count <= XMLNode.countMax else { throw problem("more than \(XMLNode.countMax) elements") }
        guard skip("<") else { throw problem("an element is missing") }
        let name = try self.name()
        var node = XMLNode(name: Self.local(name))
        if try attributesEndElement() { return node }
        var text: [UInt8] = []
        while position < bytes.count {
            if skip("</") {
                guard try self.name() == name else { throw problem("another element ends than has begun") }
                skipSpace()
                guard skip(">") else { throw problem("a tag is not closed") }
                guard let string = String(validating: text, as: UTF8.self) else { throw problem("no UTF-8") }
                node.text = string
                return node
            } else if skip("<!--") {
                try skip(past: "-->")
            } else if isNext("<") {
                node.children.append(try element(depth: depth + 1))
            } else if isNext("&") {
                text += try reference()
            } else {
                text.append(bytes[position])
                position += 1
            }
        }
        throw problem("the text ends too early")
    }

    private mutating func name() throws(XMLNode.Problem) -> String {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: position += 1
            case let byte where "_-.:".utf8.contains(byte): position += 1
            default:
                guard position > start else { throw problem("a name is missing") }
                return String(decoding: bytes[start..<position], as: UTF8.self)
            }
        }
        throw problem("the text ends too early")
    }

    private static func local(_ name: String) -> String {
        name.split(separator: ":").last.map { String($0) } ?? name
    }

    /// Passes over attributes to the end of a tag; whether the element ends with it.
    private mutating func attributesEndElement() throws(XMLNode.Problem) -> Bool {
        while true {
            skipSpace()
            if skip("/>") { return true }
            if skip(">") { return false }
            _ = try name()
            skipSpace()
            guard skip("=") else { throw problem("an attribute has no value") }
            skipSpace()
            if skip("\"") {
                try skip(past: "\"")
            } else if skip("'") {
                try skip(past: "'")
            } else {
                throw problem("an attribute has no quotes")
            }
        }
    }

    private mutating func reference() throws(XMLNode.Problem) -> [UInt8] {
        position += 1
        let body = bytes[position...].prefix(10).prefix { $0 != UInt8(ascii: ";") }
        let name = String(decoding: body, as: UTF8.self)
        let known: [String: Unicode.Scalar] = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
        var scalar = known[name]
        if name.hasPrefix("#x"), let code = UInt32(name.dropFirst(2), radix: 16) {
            scalar = Unicode.Scalar(code)
        } else if name.hasPrefix("#"), let code = UInt32(name.dropFirst()) {
            scalar = Unicode.Scalar(code)
        }
        position += body.count
        guard let scalar, skip(";") else { throw problem("there is no such entity") }
        return Array(String(Character(scalar)).utf8)
    }
}
