import OCI
import RegistryContract

/// Taking images away so that no tag goes with them that was made or moved meanwhile, as far as a registry lets one.
///
/// One image after the other: first its tags, each on the condition that it still points where it did (`If-Match`),
/// then itself. So whatever breaks off, no tag points to nothing, and none is lost of the images behind. A registry
/// that deletes only whole images is asked right before where all tags point.
struct Removal {
    /// Where the images are.
    let place: OpenedLocation

    /// After so many images it is looked again where the tags point.
    private static let looksAfter = 32

    /// Takes images away with the tags that they had.
    ///
    /// Throws a `Failure` where one of these points elsewhere now, a `KeptImage` where an image has got another one,
    /// and else a `HaltedRemoval` that says how to go on.
    func take(_ doomed: [DoomedImage]) async throws {
        // In files, an image without a tag is not found any more; nobody else changes them in between, or only just.
        var takesTags = if case .registry = place.location { true } else { false }
        var standing: [Digest: [String]] = [:]
        for (index, image) in doomed.enumerated() {
            var (begun, taken) = (false, 0)
            do {
                try demandNoTag(of: image, in: standing, besides: image.tags)
                for name in image.tags where takesTags {
                    begun = true
                    takesTags = try await takeTag(try Tag(name), of: image.name)
                    if takesTags { taken += 1 }
                }
                if index % Self.looksAfter == 0 {
                    standing = Dictionary(grouping: try await TagTarget.all(in: place), by: \.digest)
                        .mapValues { $0.map(\.tag.description) }
                    try demandNoTag(of: image, in: standing, besides: takesTags ? [] : image.tags)
                }
                try await delete(image, hasLostTags: takesTags)
            } catch {
                // Of a call that is cut off nobody knows whether it was done.
                if begun, error is CancellationError || Task.isCancelled {
                    Remark.print(HaltedRemoval(of: image, in: place, error).advice)
                }
                throw stop(at: image, taken: taken, error)
            }
        }
    }

    /// Takes one tag away if it still points where it did, or is gone already; false where the registry deletes only
    /// whole images.
    func takeTag(_ tag: Tag, of digest: Digest) async throws -> Bool {
        do {
            try await place.registry.deleteTag(tag, if: .pointsTo(digest), in: place.repository)
            return true
        } catch let error as RegistryError where error.code == .unsupported {
            return false
        } catch let error as RegistryError
            where [.conditionFailed, .manifestUnknown, .nameUnknown].contains(error.code)
        {
            // An earlier run, or somebody else, may have been faster.
            guard try await place.digest(of: tag) != nil else { return true }
            guard error.code == .conditionFailed else { throw error }
            throw Failure(description: "The tag \(tag) does not point to \(digest) any more: it stays.")
        }
    }

    private func delete(_ image: DoomedImage, hasLostTags: Bool) async throws {
        do {
            try await place.registry.deleteManifest(image.name, in: place.repository)
        } catch let error as RegistryError where error.code == .manifestUnknown && hasLostTags {
            // A registry may collect what has lost its last tag.
        }
    }

    private func demandNoTag(
        of image: DoomedImage,
        in standing: [Digest: [String]],
        besides tags: [String]
    ) throws {
        guard let other = (standing[image.name] ?? []).first(where: { !tags.contains($0) }) else { return }
        throw KeptImage(digest: image.name, tag: other)
    }

    /// What is said of an image in whose midst it broke off.
    private func stop(at image: DoomedImage, taken: Int, _ error: any Error) -> any Error {
        switch error {
        case is KeptImage, is CancellationError: error
        // Nothing has happened to it, and it is not what it was.
        case is Failure where taken == 0: error
        default: HaltedRemoval(of: image, in: place, error)
        }
    }
}

/// An image that is kept for a tag that somebody has given it.
struct KeptImage: Error, CustomStringConvertible {
    /// The image.
    let digest: Digest
    /// The tag.
    let tag: String

    var description: String { "\(digest) has got the tag \(tag) meanwhile: it stays, as do those behind it." }
}

/// A removal that broke off at an image, whose tags may be gone already.
struct HaltedRemoval: ExitStatusError, CustomStringConvertible {
    /// The image.
    let digest: Digest
    /// How it is named where it is.
    let name: String
    /// Why.
    let underlying: any Error

    init(of image: DoomedImage, in place: OpenedLocation, _ underlying: any Error) {
        digest = image.name
        name = place.name(of: image.name)
        self.underlying = underlying
    }

    var exitStatus: ExitStatus { ExitStatus(of: underlying) }
    var description: String { "\(ErrorSentence.text(of: underlying, else: "\(underlying)")) \(advice)" }
    /// How to go on.
    var advice: String { "\(digest) is not deleted yet: go on with `wharf delete \(name)`." }
}
