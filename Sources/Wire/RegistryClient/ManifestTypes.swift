import OCI

/// The kinds of manifest that a client asks for.
enum ManifestTypes {
    /// What `Accept` says: all that are in use, the newest first.
    static let accepted = [
        MediaType.imageIndex, .imageManifest, .dockerManifestList, .dockerManifest, .artifactManifest,
        .dockerManifestSchema1Signed,
    ].map(\.description).joined(separator: ", ")

    /// The type that a field says; nil where it says none, or only that it is JSON or bytes.
    static func declared(_ field: String?) -> MediaType? {
        guard let type = field.flatMap({ MediaType($0) }) else { return nil }
        return type == .octetStream || type.description == "application/json" || type.description == "text/plain"
            ? nil : type
    }
}
