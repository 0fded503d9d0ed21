import ArgumentParser
import OCI
import RegistryContract

/// `wharf delete`: deletes images, or all of a repository.
struct DeleteCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an image with all its tags, or every image of a repository.",
        discussion: """
            An image named by a tag is deleted with every tag that points to it, which are said beforehand: to take \
            away one tag, see `wharf untag`. The registry frees the space when it collects what nothing needs.

            Examples:
              wharf delete localhost:5000/team/app:1.3 --dry-run
              wharf delete localhost:5000/team/app@sha256:…
              wharf delete localhost:5000/team/app --repository --yes
            """,
        aliases: ["rm"]
    )

    @Argument(help: ArgumentHelp("Images.", valueName: "image"), transform: Typed.location)
    var images: [ImageLocation]

    @Flag(help: "Delete every tagged image of the repository.")
    var repository = false

    @Flag(help: "Say what would be deleted, and delete nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Ask nothing.")
    var yes = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        for image in images {
            try await registries.writing(image) { place in
                let doomed = try await DoomedImage.all(of: place, isRepository: repository)
                guard !dryRun else { return try output.show(doomed) }
                if try confirm(doomed, in: place) { try await DoomedImage.demandUnchanged(doomed, in: place) }
                for one in doomed {
                    try await place.registry.deleteManifest(one.name, in: place.repository)
                }
                try output.show(doomed)
            }
        }
    }

    /// Asks a person before more than one tag goes; a pipeline has said what it wants.
    ///
    /// - Returns: Whether somebody was asked.
    private func confirm(_ doomed: [DoomedImage], in place: OpenedLocation) throws -> Bool {
        let tags = doomed.flatMap(\.tags)
        guard !yes, repository || tags.count > 1 else { return false }
        guard Terminal.isThere else {
            throw Failure(
                description: "This deletes \(doomed.count) images with the tags \(tags.joined(separator: ", ")) of "
                    + "\(place.name): say --yes if that is meant."
            )
        }
        guard try Terminal.confirms("Delete \(doomed.count) images with the tags \(tags.joined(separator: ", "))?")
        else { throw Failure(description: "Nothing was deleted.") }
        return true
    }
}

/// An image that is to be deleted, with the tags that go with it.
struct DoomedImage: Encodable, TableRow {
    static let columns = ["DIGEST", "TAGS"]

    let name: Digest
    /// The digest.
    var digest: String { name.description }
    /// The tags that point to it.
    var tags: [String]

    var cells: [String] { [digest, tags.isEmpty ? "-" : tags.joined(separator: ", ")] }

    enum CodingKeys: CodingKey { case digest, tags }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(digest, forKey: .digest)
        try container.encode(tags, forKey: .tags)
    }

    /// How many tags are looked up at once.
    private static let parallelMax = 16

    /// What goes with an image, or with all of a repository.
    static func all(of place: OpenedLocation, isRepository: Bool) async throws -> [DoomedImage] {
        let wanted =
            isRepository ? nil : try await place.registry.descriptor(of: place.wanted, in: place.repository).digest
        var tags: [Digest: [String]] = wanted.map { [$0: []] } ?? [:]
        for (tag, digest) in try await targets(in: place) where wanted == nil || wanted == digest {
            tags[digest, default: []].append(tag.description)
        }
        return tags.sorted { $0.key < $1.key }.map { DoomedImage(name: $0.key, tags: $0.value) }
    }

    /// Throws where an image has got a tag since somebody was asked about it.
    static func demandUnchanged(_ doomed: [DoomedImage], in place: OpenedLocation) async throws {
        for (tag, digest) in try await targets(in: place) {
            guard let one = doomed.first(where: { $0.name == digest }), !one.tags.contains(tag.description) else {
                continue
            }
            throw Failure(description: "\(digest) has got the tag \(tag) meanwhile: nothing was deleted.")
        }
    }

    /// What each tag points to; those that go meanwhile are left out.
    static func targets(in place: OpenedLocation) async throws -> [(Tag, Digest)] {
        let tags = try await Listing.tags(of: place)
        return try await withThrowingTaskGroup(of: (Int, Digest?).self) { group in
            var found: [Int: Digest] = [:]
            for (index, tag) in tags.enumerated() {
                if index >= parallelMax, let next = try await group.next() { found[next.0] = next.1 }
                group.addTask {
                    do {
                        return (index, try await place.registry.descriptor(of: .tag(tag), in: place.repository).digest)
                    } catch let error as RegistryError where error.code == .manifestUnknown {
                        return (index, nil)
                    }
                }
            }
            for try await next in group { found[next.0] = next.1 }
            return tags.enumerated().compactMap { index, tag in found[index].map { (tag, $0) } }
        }
    }
}
