import FoundationEssentials
import OCI

extension FuzzTarget {
    /// What is accepted is read the same by another reader of JSON, whole, and with any Content-Type that allows it.
    static func checkManifest(_ bytes: [UInt8]) throws(Violation) {
        let types: [MediaType?] = [nil, .imageManifest, .imageIndex, .dockerManifest, .artifactManifest]
        for contentType in types {
            let manifest: Manifest
            do throws(Manifest.ParseError) {
                manifest = try Manifest(parsing: bytes, contentType: contentType)
            } catch {
                // 200 bytes of the client's, each printed as at most six.
                try require("\(error)".utf8.count < 2000, "a message of bounded length")
                continue
            }
            try require(contentType.map { $0 == manifest.mediaType } ?? true, "the Content-Type is believed")
            let again = try? Manifest(parsing: bytes + Array(" \n".utf8), contentType: contentType)
            try require(again == manifest, "white space means nothing")
            let end = bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0
            let cut = try? Manifest(parsing: Array(bytes[..<end]), contentType: contentType)
            try require(cut == nil, "half a document is none")
            let other: OtherManifest
            do {
                other = try JSONDecoder().decode(OtherManifest.self, from: Data(bytes))
            } catch {
                throw Violation(description: "another reader takes it as well: \(error)")
            }
            try require(other == OtherManifest(manifest), "another reader finds the same: \(other)")
        }
    }
}

/// A manifest as FoundationEssentials reads it, cut down to what names content.
private struct OtherManifest: Decodable, Equatable {
    struct OtherDescriptor: Decodable, Equatable {
        var digest: String
        var size: Int64

        init(_ descriptor: Descriptor) {
            digest = descriptor.digest.description
            size = descriptor.size
        }
    }

    var config: OtherDescriptor?
    var layers: [OtherDescriptor]?
    var blobs: [OtherDescriptor]?
    var manifests: [OtherDescriptor]?
    var subject: OtherDescriptor?

    init(_ manifest: Manifest) {
        config = manifest.config.map(OtherDescriptor.init)
        layers = manifest.kind == .artifact ? nil : manifest.layers.map(OtherDescriptor.init)
        blobs = manifest.kind == .artifact ? manifest.layers.map(OtherDescriptor.init) : nil
        manifests = manifest.manifests.map(OtherDescriptor.init)
        subject = manifest.subject.map(OtherDescriptor.init)
    }

    /// An absent list is an empty one; `blobs` means something in an artifact only.
    static func == (left: OtherManifest, right: OtherManifest) -> Bool {
        left.config == right.config && left.layers ?? [] == right.layers ?? []
            && (right.blobs == nil || left.blobs ?? [] == right.blobs ?? [])
            && left.manifests ?? [] == right.manifests ?? [] && left.subject == right.subject
    }
}
