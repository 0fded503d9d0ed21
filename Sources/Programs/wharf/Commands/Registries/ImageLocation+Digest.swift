import OCI

/// What a location says of a digest, and what it is called without.
extension ImageLocation {
    /// The digest that it names.
    var digest: Digest? {
        switch self {
        case .registry(let image): image.digest
        case .layout(_, .digest(let digest)?), .layoutArchive(_, .digest(let digest)?): digest
        case .layout, .layoutArchive: nil
        case .dockerArchive(_, let image): image?.digest
        }
    }

    /// The tag that stands beside a digest, `image:tag@digest`.
    var tagBesideDigest: Tag? {
        guard case .registry(let image) = self, image.digest != nil else { return nil }
        return image.tag
    }

    /// How a person would write it where the digest is said apart from it.
    ///
    /// A tag beside a digest is left out too: what is said of the one need not hold of the other.
    var nameWithoutDigest: String {
        guard digest != nil else { return description }
        return switch self {
        case .registry(let image):
            Self.registry(ImageReference(registry: image.registry, repository: image.repository)).description
        case .layout(let path, _): Self.layout(path: path, nil).description
        case .layoutArchive(let path, _): Self.layoutArchive(path: path, nil).description
        case .dockerArchive(let path, let image):
            Self.dockerArchive(
                path: path,
                image.map { ImageReference(registry: $0.registry, repository: $0.repository, tag: $0.tag) }
            ).description
        }
    }

    /// Throws where it names another digest than that of what is to be written there.
    func demand(_ root: Digest) throws {
        guard let digest, digest != root else { return }
        throw Failure(
            description: "The target names \(digest), and what would come there is \(root): nothing was sent. Name "
                + "the image that was meant, or leave the digest out of the target."
        )
    }
}
