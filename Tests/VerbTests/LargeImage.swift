import Foundation
import Hashing
import OCI
import RegistryTesting

/// An image of random layers in an OCI layout, as large as a test wants it.
struct LargeImage {
    /// The folder of the layout; the image is its tag `1`.
    let folder: String
    /// The bytes of all blobs.
    let byteCount: Int64
    /// The digest of the manifest.
    let digest: String
    /// The digests of the layers.
    let layers: [String]

    /// How it is named in a command.
    var location: String { "oci:\(folder):1" }

    /// Writes one.
    ///
    /// - Parameters:
    ///   - folder: A folder that is not there yet.
    ///   - layerCount: How many layers it has.
    ///   - byteCount: The bytes of them together.
    /// - Throws: What the disk reports.
    init(in folder: String, layers layerCount: Int, byteCount: Int64) throws {
        self.folder = folder
        let blobs = "\(folder)/blobs/sha256"
        try FileManager.default.createDirectory(atPath: blobs, withIntermediateDirectories: true)
        func descriptor(_ data: Data, _ type: String) throws -> (text: String, digest: Digest) {
            var hash = ContentHash(.sha256)
            data.withUnsafeBytes { hash.update($0) }
            let digest = hash.digest()
            try data.write(to: URL(filePath: "\(blobs)/\(digest.encoded)"))
            return (#"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(data.count)}"#, digest)
        }
        let random = try FileHandle(forReadingFrom: URL(filePath: "/dev/urandom"))
        defer { try? random.close() }
        let layers = try (0..<layerCount).map { _ in
            let data = try random.read(upToCount: Int(byteCount) / layerCount) ?? Data()
            return try descriptor(data, "application/vnd.oci.image.layer.v1.tar")
        }
        let diffs = layers.map { #""\#($0.digest)""# }.joined(separator: ",")
        let config = try descriptor(
            Data(#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[\#(diffs)]}}"#.utf8),
            "application/vnd.oci.image.config.v1+json"
        )
        let type = "application/vnd.oci.image.manifest.v1+json"
        let list = layers.map(\.text).joined(separator: ",")
        let manifest = try descriptor(
            Data(#"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(config.text),"layers":[\#(list)]}"#.utf8),
            type
        )
        let named = manifest.text.dropLast() + #","annotations":{"org.opencontainers.image.ref.name":"1"}}"#
        let index = #"{"schemaVersion":2,"manifests":[\#(named)]}"#
        try index.write(toFile: "\(folder)/index.json", atomically: true, encoding: .utf8)
        try #"{"imageLayoutVersion":"1.0.0"}"#.write(toFile: "\(folder)/oci-layout", atomically: true, encoding: .utf8)
        digest = manifest.digest.description
        self.byteCount = byteCount
        self.layers = layers.map(\.digest.description)
    }
}
