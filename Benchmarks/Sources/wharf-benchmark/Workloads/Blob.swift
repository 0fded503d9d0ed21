import CLibCrypto

/// Bytes with their digest, which is computed before any clock runs.
struct Blob {
    static let manifestMediaType = "application/vnd.oci.image.manifest.v1+json"
    static let configMediaType = "application/vnd.oci.image.config.v1+json"
    static let layerMediaType = "application/vnd.oci.image.layer.v1.tar"
    static let compressedLayerMediaType = "application/vnd.oci.image.layer.v1.tar+gzip"

    let digest: String
    let content: Content

    var count: Int { content.count }

    init(_ bytes: [UInt8]) {
        digest = bytes.withUnsafeBytes(Self.digest)
        content = .bytes(bytes)
    }

    init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// A slice of a file; `bytes` are the slice's bytes.
    init(_ slice: FileSlice, bytes: UnsafeRawBufferPointer) {
        digest = Self.digest(bytes)
        content = .file(slice)
    }

    /// The manifest of an image; about 400 bytes where it has one layer.
    static func manifest(config: Blob, layers: [Blob], layerMediaType: String) -> Blob {
        let config = descriptor(configMediaType, config)
        let layers = layers.map { descriptor(layerMediaType, $0) }.joined(separator: ",")
        let start = #"{"schemaVersion":2,"mediaType":"\#(manifestMediaType)""#
        return Blob(start + #","config":\#(config),"layers":[\#(layers)]}"#)
    }

    private static func descriptor(_ mediaType: String, _ blob: Blob) -> String {
        #"{"mediaType":"\#(mediaType)","digest":"\#(blob.digest)","size":\#(blob.count)}"#
    }

    private static func digest(_ bytes: UnsafeRawBufferPointer) -> String {
        let hexadecimal = Array("0123456789abcdef".utf8)
        var hash = [UInt8](repeating: 0, count: 32)
        EVP_Digest(bytes.baseAddress, bytes.count, &hash, nil, EVP_sha256(), nil)
        let digits = hash.flatMap { [hexadecimal[Int($0 >> 4)], hexadecimal[Int($0 & 15)]] }
        return "sha256:" + String(decoding: digits, as: UTF8.self)
    }
}
