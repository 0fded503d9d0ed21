import Documents
import Foundation

extension FuzzTarget {
    /// What is accepted is read by another reader of JSON as well, and written it reads the same again.
    ///
    /// It is how the bodies of the management are read.
    static func checkJSON(_ bytes: [UInt8]) throws(Violation) {
        let value: JSONValue
        do throws(JSONValue.Problem) {
            value = try JSONValue(json: bytes)
        } catch {
            try require((0...bytes.count).contains(error.offset), "the place of the problem is within the text")
            return
        }
        let written = value.json()
        let again = try? JSONValue(json: written)
        try require(again == value, "\(value) reads as it was written")
        try require(nesting(of: value) <= JSONValue.depthMax, "it is not deeper than may be")
        // Foundation knows no number that is too large for a Double.
        guard !hasLongNumber(bytes) else { return }
        let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        try require(other != nil, "another reader takes it as well")
    }

    private static func nesting(of value: JSONValue) -> Int {
        switch value {
        case .null, .bool, .number, .string: 0
        case .array(let items): 1 + (items.map { nesting(of: $0) }.max() ?? 0)
        case .object(let members): 1 + (members.map { nesting(of: $0.value) }.max() ?? 0)
        }
    }

    private static func hasLongNumber(_ bytes: [UInt8]) -> Bool {
        bytes.contains { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
            || bytes.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.contains { $0.count > 15 }
    }
}
