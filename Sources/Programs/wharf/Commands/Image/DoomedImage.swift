import OCI
import RegistryContract

/// An image that is to be deleted, with the tags that go with it.
struct DoomedImage: Encodable, TableRow {
    static let columns = ["DIGEST", "TAGS", "PART OF"]

    let name: Digest
    /// The digest.
    var digest: String { name.description }
    /// The tags that point to it.
    var tags: [String]
    /// The tags of indexes that stay, and that are made of it.
    var partOf: [String] = []

    var cells: [String] { [digest] + [tags, partOf].map { $0.isEmpty ? "-" : $0.joined(separator: ", ") } }

    enum CodingKeys: CodingKey { case digest, tags, partOf }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(digest, forKey: .digest)
        try container.encode(tags, forKey: .tags)
        try container.encode(partOf, forKey: .partOf)
    }

    /// What goes with an image, or with all of a repository.
    ///
    /// - Parameters:
    ///   - place: The image, or the repository.
    ///   - isRepository: Whether all of it goes.
    ///   - looksAtIndexes: Whether the indexes that stay are read.
    /// - Returns: The images, by their digests.
    /// - Throws: What the registry refuses, and a `Failure` where there are too many indexes to look at.
    static func all(of place: OpenedLocation, isRepository: Bool, looksAtIndexes: Bool) async throws -> [DoomedImage] {
        let wanted =
            isRepository ? nil : try await place.registry.descriptor(of: place.wanted, in: place.repository).digest
        let targets = try await TagTarget.all(in: place)
        var tags: [Digest: [String]] = wanted.map { [$0: []] } ?? [:]
        for target in targets where wanted == nil || wanted == target.digest {
            tags[target.digest, default: []].append(target.tag.description)
        }
        var doomed = tags.sorted { $0.key < $1.key }.map { DoomedImage(name: $0.key, tags: $0.value) }
        guard looksAtIndexes else { return doomed }
        let staying = targets.filter { tags[$0.digest] == nil && $0.isIndex }
        let indexes = try await IndexParts(of: Set(staying.map(\.digest)), in: place)
        for index in doomed.indices {
            doomed[index].partOf = staying.filter { indexes.parts[$0.digest]?.contains(doomed[index].name) ?? false }
                .map(\.tag.description)
        }
        return doomed
    }

    /// Throws where an image has got a tag since somebody was asked about it.
    static func demandUnchanged(_ doomed: [DoomedImage], in place: OpenedLocation) async throws {
        for target in try await TagTarget.all(in: place) {
            guard let one = doomed.first(where: { $0.name == target.digest }),
                !one.tags.contains(target.tag.description)
            else { continue }
            throw Failure(description: "\(target.digest) has got the tag \(target.tag) meanwhile: nothing was deleted.")
        }
    }
}

/// What a tag points to.
struct TagTarget: Sendable {
    /// The tag.
    let tag: Tag
    /// What it points to.
    let descriptor: Descriptor

    /// The digest of that.
    var digest: Digest { descriptor.digest }
    /// Whether it is made of other manifests.
    var isIndex: Bool { TagDetails.isIndex(descriptor.mediaType?.description) }

    /// How many tags are looked up at once.
    private static let parallelMax = 16

    /// All tags of a repository; those that go meanwhile are left out.
    static func all(in place: OpenedLocation) async throws -> [TagTarget] {
        let tags = try await Listing.tags(of: place)
        return try await withThrowingTaskGroup(of: (Int, Descriptor?).self) { group in
            var found: [Int: Descriptor] = [:]
            for (index, tag) in tags.enumerated() {
                if index >= parallelMax, let next = try await group.next() { found[next.0] = next.1 }
                group.addTask {
                    do {
                        return (index, try await place.registry.descriptor(of: .tag(tag), in: place.repository))
                    } catch let error as RegistryError where error.code == .manifestUnknown {
                        return (index, nil)
                    }
                }
            }
            for try await next in group { found[next.0] = next.1 }
            return tags.enumerated().compactMap { index, tag in
                found[index].map { TagTarget(tag: tag, descriptor: $0) }
            }
        }
    }
}
