import Hashing
public import OCI

/// A blob that a test pushes: bytes that are the same in every run, and their digest.
public struct SampleBlob: Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// The digest of the bytes, as text.
    public let digest: String

    /// A blob of given bytes.
    public init(_ bytes: [UInt8], algorithm: Digest.Algorithm = .sha256) {
        self.bytes = bytes
        digest = ContentHash.digest(of: bytes, algorithm).description
    }

    /// A blob of a text.
    public init(_ text: String, algorithm: Digest.Algorithm = .sha256) {
        self.init(Array(text.utf8), algorithm: algorithm)
    }

    /// A blob of `count` bytes that look random and follow from `seed`.
    public init(count: Int, seed: UInt64, algorithm: Digest.Algorithm = .sha256) {
        // SplitMix64, which gives well mixed bytes from any seed.
        var state = seed
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            word ^= word >> 31
            withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
        }
        self.init(Array(bytes.prefix(count)), algorithm: algorithm)
    }

    /// A descriptor of the blob in JSON; `extra` is put behind its three fields, beginning with a comma.
    public func descriptor(_ mediaType: String, extra: String = "") -> String {
        #"{"mediaType":"\#(mediaType)","digest":"\#(digest)","size":\#(bytes.count)\#(extra)}"#
    }

    /// The config that an artifact without one has: `{}`.
    public static let emptyJSON = SampleBlob("{}")
}

/// A manifest that a test pushes.
public struct SampleManifest: Sendable {
    /// The document.
    public let bytes: [UInt8]
    /// Its media type.
    public let mediaType: String
    /// The digest of the document, as text.
    public let digest: String

    /// A manifest of a given document.
    public init(_ text: String, mediaType: MediaType, algorithm: Digest.Algorithm = .sha256) {
        bytes = Array(text.utf8)
        self.mediaType = mediaType.description
        digest = ContentHash.digest(of: bytes, algorithm).description
    }

    /// An image manifest.
    ///
    /// - Parameters:
    ///   - config: a descriptor in JSON.
    ///   - layers: descriptors in JSON.
    ///   - extra: more fields in JSON, beginning with a comma.
    ///   - algorithm: the algorithm of the manifest's own digest.
    /// - Returns: the manifest.
    public static func image(
        config: String,
        layers: [String] = [],
        extra: String = "",
        algorithm: Digest.Algorithm = .sha256
    ) -> SampleManifest {
        let type = MediaType.imageManifest
        let layers = layers.joined(separator: ",")
        return SampleManifest(
            #"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(config),"layers":[\#(layers)]\#(extra)}"#,
            mediaType: type,
            algorithm: algorithm
        )
    }

    /// An index of children, which are descriptors in JSON; `extra` begins with a comma.
    public static func index(
        of children: [String],
        extra: String = "",
        mediaType: MediaType = .imageIndex
    ) -> SampleManifest {
        let children = children.joined(separator: ",")
        return SampleManifest(
            #"{"schemaVersion":2,"mediaType":"\#(mediaType)","manifests":[\#(children)]\#(extra)}"#,
            mediaType: mediaType
        )
    }

    /// An artifact with the empty config that refers to `subject`, a descriptor in JSON.
    public static func referrer(
        to subject: String,
        artifactType: String? = nil,
        note: String = "",
        config: String = SampleBlob.emptyJSON.descriptor("application/vnd.oci.empty.v1+json")
    ) -> SampleManifest {
        let type = artifactType.map { #","artifactType":"\#($0)""# } ?? ""
        return image(config: config, extra: #"\#(type),"subject":\#(subject),"annotations":{"note":"\#(note)"}"#)
    }

    /// A descriptor of the manifest in JSON; `extra` begins with a comma.
    public func descriptor(extra: String = "") -> String {
        #"{"mediaType":"\#(mediaType)","digest":"\#(digest)","size":\#(bytes.count)\#(extra)}"#
    }
}

/// An image with one layer that a test pushes.
public struct SampleImage: Sendable {
    /// The config.
    public let config: SampleBlob
    /// The one layer.
    public let layer: SampleBlob
    /// The manifest.
    public let manifest: SampleManifest

    /// An image whose bytes follow from `seed`.
    public init(seed: UInt64, layerSize: Int = 1000, algorithm: Digest.Algorithm = .sha256) {
        config = SampleBlob(#"{"architecture":"amd64","os":"linux","seed":\#(seed)}"#, algorithm: algorithm)
        layer = SampleBlob(count: layerSize, seed: seed, algorithm: algorithm)
        manifest = .image(
            config: config.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: [layer.descriptor("application/vnd.oci.image.layer.v1.tar+gzip")],
            algorithm: algorithm
        )
    }

    /// The blobs, in the order in which a client pushes them.
    public var blobs: [SampleBlob] { [layer, config] }
}
