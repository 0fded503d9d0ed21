/// A media type, `type/subtype` (RFC 6838), compared without regard to case and kept without parameters.
public struct MediaType: Hashable, Sendable {
    /// The longest media type, in bytes: RFC 6838 section 4.2 allows 127 for each of the two names.
    public static let byteCountMax = 255

    /// The text in lower case.
    public let description: String

    /// Reads a media type; nil when the text is none.
    ///
    /// Parameters after `;` are dropped.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard !Self.isBareAndLower(text) else {
            description = text
            return
        }
        var bare = text.utf8.prefix { $0 != UInt8(ascii: ";") }
        while let first = bare.first, Self.isSpace(first) { bare.removeFirst() }
        while let last = bare.last, Self.isSpace(last) { bare.removeLast() }
        guard bare.count <= Self.byteCountMax else { return nil }
        let names = bare.split(separator: ASCII.slash, omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isRestricted) }) else {
            return nil
        }
        description = Substring(bare).lowercased()
    }

    private init(known: String) {
        description = known
    }

    /// What may stand around a value in a header (RFC 9110 section 5.6.3).
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    /// Whether a text is a media type as it stands, with nothing around it and no letter in upper case.
    ///
    /// Nearly all are: this looks at each byte once.
    private static func isBareAndLower(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            guard bytes.count <= byteCountMax else { return false }
            var (slashCount, previous) = (0, ASCII.slash)
            for byte in bytes {
                if byte == ASCII.slash {
                    guard previous != ASCII.slash else { return false }
                    slashCount += 1
                } else {
                    guard isRestricted(byte), !(0x41...0x5A).contains(byte) else { return false }
                }
                previous = byte
            }
            return slashCount == 1 && previous != ASCII.slash
        } ?? false
    }

    /// RFC 6838 section 4.2, restricted-name-chars.
    private static func isRestricted(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "-"): true
        case UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "+"): true
        default: false
        }
    }
}

extension MediaType: CustomStringConvertible {}

extension MediaType {
    /// OCI image manifest.
    public static let imageManifest = MediaType(known: "application/vnd.oci.image.manifest.v1+json")
    /// OCI image index.
    public static let imageIndex = MediaType(known: "application/vnd.oci.image.index.v1+json")
    /// OCI image configuration.
    public static let imageConfig = MediaType(known: "application/vnd.oci.image.config.v1+json")
    /// OCI artifact manifest, withdrawn before image specification 1.1 but still found in registries.
    public static let artifactManifest = MediaType(known: "application/vnd.oci.artifact.manifest.v1+json")
    /// Docker image manifest, version 2, schema 2.
    public static let dockerManifest = MediaType(known: "application/vnd.docker.distribution.manifest.v2+json")
    /// Docker manifest list.
    public static let dockerManifestList = MediaType(known: "application/vnd.docker.distribution.manifest.list.v2+json")
    /// Docker image manifest, schema 1: not stored, since no client makes it any more and its digest is ambiguous.
    public static let dockerManifestSchema1 = MediaType(known: "application/vnd.docker.distribution.manifest.v1+json")
    /// The same, signed.
    public static let dockerManifestSchema1Signed = MediaType(
        known: "application/vnd.docker.distribution.manifest.v1+prettyjws"
    )
    /// Bytes of no declared kind.
    public static let octetStream = MediaType(known: "application/octet-stream")
    /// The empty JSON object, `{}`, that stands where an artifact needs no config.
    public static let emptyJSON = MediaType(known: "application/vnd.oci.empty.v1+json")

    /// Whether a layer of this type may be absent: its terms forbid that a registry hands it on.
    public var isNonDistributable: Bool {
        description.hasPrefix("application/vnd.oci.image.layer.nondistributable.v1.")
            || description.hasPrefix("application/vnd.docker.image.rootfs.foreign.diff.")
    }
}
