/// A number of bytes, such as `64MiB`.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number of bytes.
    public let bytes: Int

    /// That many bytes.
    public init(bytes: Int) {
        self.bytes = bytes
    }

    /// That many times 1024 bytes.
    public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 10) }

    /// That many times 1024² bytes.
    public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 20) }

    /// That many times 1024³ bytes.
    public static func gibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 30) }

    /// Whether it is fewer bytes.
    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    /// With the largest unit that needs no fraction, such as `4MiB`.
    public var description: String {
        for (name, size) in Self.units where bytes != 0 && bytes.isMultiple(of: size) {
            return "\(bytes / size)\(name)"
        }
        return "\(bytes)B"
    }

    /// Largest first, so that the first that divides is the shortest to read.
    private static let units: [(name: String, size: Int)] = [
        ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000),
        ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("kB", 1000), ("B", 1),
    ]
}

extension ByteCount: SettingValue {
    static let placeholder = "BYTES"
    static let expected = "a number of bytes such as 4MiB, 512KiB or 2GB"
    static let schema: [JSONText.Member] = [
        ("type", ["string", "integer"]), ("pattern", "^[0-9]+ ?(B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)?$"),
    ]

    /// Reads digits and a unit; without a unit they are bytes.
    init?(settingText: String) {
        let digits = settingText.prefix { $0.isASCII && $0.isNumber }
        let unit = settingText.dropFirst(digits.count).trimmed
        guard let count = Int(digits) else { return nil }
        guard let size = unit.isEmpty ? 1 : Self.units.first(where: { $0.name == unit })?.size else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { return nil }
        self.init(bytes: bytes)
    }

    var settingText: String { description }
}
