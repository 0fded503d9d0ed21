import OCI

/// Writes JSON (RFC 8259) from the outside in: small answers of a known form, without a detour over a dictionary.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// `{ … }`; the members are written by `members`.
    mutating func object(_ members: (inout JSONText) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    /// `[ … ]` of what `element` writes for each of `elements`.
    mutating func array<Element>(_ elements: some Sequence<Element>, _ element: (inout JSONText, Element) -> Void) {
        open(UInt8(ascii: "["))
        for each in elements { element(&self, each) }
        close(UInt8(ascii: "]"))
    }

    /// The name of the member that is written next.
    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.description.utf8)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string.
    mutating func string(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// A string, or `null`.
    mutating func optional(_ text: String?) {
        if let text { return string(text) }
        separate()
        bytes.append(contentsOf: "null".utf8)
        needsComma = true
    }

    /// A whole number.
    mutating func number(_ value: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    /// An object whose values are strings, in the order of its keys.
    mutating func strings(_ annotations: Annotations) {
        open(UInt8(ascii: "{"))
        for annotation in annotations {
            separate()
            quote(annotation.name)
            bytes.append(UInt8(ascii: ":"))
            quote(annotation.value)
            needsComma = true
        }
        close(UInt8(ascii: "}"))
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                escape(byte)
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A control character, as short as can be: what was read from JSON is then never longer when it is written.
    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
        case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
        case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
        case 0x0C: bytes.append(contentsOf: #"\f"#.utf8)
        case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
        default:
            let digits = String(byte, radix: 16)
            bytes.append(contentsOf: #"\u00\#(digits.utf8.count == 1 ? "0" : "")\#(digits)"#.utf8)
        }
    }
}
