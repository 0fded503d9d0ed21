/// `Link` fields (RFC 8288): where the next page of a list is.
package enum LinkField {
    /// No field is read further than this, in bytes.
    private static let byteCountMax = 16 << 10

    /// The target of the first link with `rel="next"`; nil where there is none.
    package static func next(_ fields: [String]) -> String? {
        for field in fields {
            var rest = Array(field.utf8.prefix(byteCountMax))[...]
            while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
                guard let end = rest[start...].firstIndex(of: UInt8(ascii: ">")) else { break }
                let target = String(decoding: rest[(start + 1)..<end], as: UTF8.self)
                let (parameters, after) = parameters(rest[(end + 1)...])
                if isNext(parameters) { return target }
                rest = after
            }
        }
        return nil
    }

    /// What stands up to the next comma outside of quotes, and what comes after it.
    private static func parameters(_ bytes: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>) {
        var isQuoted = false
        var end = bytes.startIndex
        while end < bytes.endIndex {
            if bytes[end] == UInt8(ascii: "\"") { isQuoted.toggle() }
            if bytes[end] == UInt8(ascii: ","), !isQuoted { break }
            end += 1
        }
        return (String(decoding: bytes[..<end], as: UTF8.self), bytes[end...].dropFirst())
    }

    private static func isNext(_ parameters: String) -> Bool {
        parameters.split(separator: ";").contains { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1).map {
                $0.filter { !" \t\"".contains($0) || $0 == " " }
            }
            guard parts.count == 2, parts[0].filter({ $0 != " " }).lowercased() == "rel" else { return false }
            return parts[1].lowercased().split(separator: " ").contains("next")
        }
    }
}
