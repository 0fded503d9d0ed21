import OCI
import RegistryContract

/// Taking images away so that no tag goes with them that was made or moved meanwhile, as far as a registry lets one.
///
/// Tags go first, each on the condition that it still points where it did (`If-Match`), and an image when none is left
/// of its tags. A registry that deletes only whole images is asked right before where all tags point.
struct Removal {
    /// Where the images are.
    let place: OpenedLocation

    /// After so many images it is looked again where the tags point.
    private static let looksAfter = 32

    /// Takes images away with the tags that they had.
    ///
    /// Throws a `Failure` where one of these points elsewhere now, or an image has got another one.
    func take(_ doomed: [DoomedImage]) async throws {
        let takesTags = try await takeTags(of: doomed)
        var standing: [Digest: [String]] = [:]
        for (index, image) in doomed.enumerated() {
            if index % Self.looksAfter == 0 {
                standing = Dictionary(grouping: try await TagTarget.all(in: place), by: \.digest)
                    .mapValues { $0.map(\.tag.description) }
            }
            let others = (standing[image.name] ?? []).filter { takesTags || !image.tags.contains($0) }
            guard others.isEmpty else {
                throw Failure(
                    description:
                        "\(image.digest) has got the tag \(others[0]) meanwhile: it stays, as do those behind it."
                )
            }
            do {
                try await place.registry.deleteManifest(image.name, in: place.repository)
            } catch let error as RegistryError where error.code == .manifestUnknown && takesTags {
                // A registry may collect what has lost its last tag.
            }
        }
    }

    /// Takes one tag away if it still points where it did; false where the registry deletes only whole images.
    func takeTag(_ tag: Tag, of digest: Digest) async throws -> Bool {
        do {
            try await place.registry.deleteTag(tag, if: .pointsTo(digest), in: place.repository)
            return true
        } catch let error as RegistryError where error.code == .unsupported {
            return false
        } catch let error as RegistryError where error.code == .conditionFailed {
            throw Failure(description: "The tag \(tag) does not point to \(digest) any more: it stays.")
        }
    }

    /// Takes the tags of images away; false where they go with their images.
    private func takeTags(of doomed: [DoomedImage]) async throws -> Bool {
        // In files, an image without a tag is not found any more; nobody else changes them in between, or only just.
        guard case .registry = place.location else { return false }
        for image in doomed {
            for name in image.tags {
                guard try await takeTag(try Tag(name), of: image.name) else { return false }
            }
        }
        return true
    }
}
