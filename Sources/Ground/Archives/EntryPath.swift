/// Where an entry of an archive may lie below the folder that the archive is for.
public enum EntryPath {
    /// The longest component that file systems have, in bytes (Linux: NAME_MAX).
    public static let componentByteCountMax = 255

    /// The components of a name, relative to the folder; none for the folder itself (`./`).
    ///
    /// Single dots and doubled slashes are passed over, as everywhere.
    ///
    /// - Throws: `unsafePath` for a name that is empty or absolute, has `..` as a component, a NUL byte, or a component
    ///   that no file system takes.
    public static func components(of name: [UInt8]) throws(ArchiveError) -> [[UInt8]] {
        let slash = UInt8(ascii: "/")
        let dot = UInt8(ascii: ".")
        guard let first = name.first else { throw ArchiveError(.unsafePath, "an entry has an empty name") }
        guard first != slash else { throw refused(name, "is absolute") }
        guard !name.contains(0) else { throw refused(name, "has a NUL byte") }
        var components: [[UInt8]] = []
        for part in name.split(separator: slash) where !part.elementsEqual([dot]) {
            guard !part.elementsEqual([dot, dot]) else { throw refused(name, "has .. in it") }
            guard part.count <= componentByteCountMax else { throw refused(name, "has a part that is too long") }
            components.append(Array(part))
        }
        return components
    }

    /// The components of a name in text.
    public static func components(of name: String) throws(ArchiveError) -> [[UInt8]] {
        try components(of: Array(name.utf8))
    }

    private static func refused(_ name: [UInt8], _ reason: String) -> ArchiveError {
        ArchiveError(.unsafePath, "the entry \(shown(name)) \(reason): it could lead out of its folder")
    }

    /// A name for a message: text, shortened, without what a terminal would act on.
    static func shown(_ name: [UInt8]) -> String {
        let text = String(decoding: name.prefix(200), as: UTF8.self)
        let safe = text.unicodeScalars.map { scalar in
            scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? "?" : String(scalar)
        }
        return "\"\(safe.joined())\(name.count > 200 ? "…" : "")\""
    }
}
