import DistributionGrammar

/// The parameters of a form, or of a query that was written like one: a plus sign is a space
/// (application/x-www-form-urlencoded).
struct FormParameters {
    /// More than this are refused.
    private static let countMax = 200

    private var parameters: [(name: String, value: String)] = []

    /// Nil when it is not well encoded, or has too many.
    init?(_ text: Substring) {
        for pair in text.utf8.split(separator: UInt8(ascii: "&"), maxSplits: Self.countMax) {
            guard parameters.count < Self.countMax else { return nil }
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]),
                let value = Self.decode(parts.count == 2 ? parts[1] : Substring().utf8)
            else {
                return nil
            }
            parameters.append((name, value))
        }
    }

    subscript(name: String) -> String? {
        parameters.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    func all(_ name: String) -> [String] {
        parameters.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    }

    private static func decode(_ text: Substring.UTF8View) -> String? {
        let spaced = text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return PercentEncoding.decode(Substring(decoding: spaced, as: UTF8.self))
    }
}
