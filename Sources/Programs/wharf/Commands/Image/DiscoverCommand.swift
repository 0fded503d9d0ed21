import ArgumentParser
import OCI
import RegistryContract

/// `wharf discover`: shows what refers to an image.
struct DiscoverCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover",
        abstract: "Show what refers to an image: signatures, attestations, SBOMs, and what refers to those.",
        discussion: """
            Examples:
              wharf discover localhost:5000/team/app:1.4
              wharf discover localhost:5000/team/app:1.4 --artifact-type application/spdx+json -o json
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "image"), transform: Typed.location)
    var image: ImageLocation

    @Option(help: ArgumentHelp("Only artifacts of this type.", valueName: "type"))
    var artifactType: String?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    /// How far a chain is followed.
    private static let depthMax = 8
    /// No more is listed: a registry that lies could go on for ever.
    private static let countMax = 10_000

    func run(with registries: Registries) async throws {
        let place = try await registries.place(image)
        let subject = try await place.registry.descriptor(of: place.wanted, in: place.repository)
        var found: [Referrer] = []
        try await collect(to: subject.digest, depth: 0, of: place, into: &found)
        try output.show(found)
    }

    private func collect(
        to subject: Digest,
        depth: Int,
        of place: OpenedLocation,
        into found: inout [Referrer]
    ) async throws {
        guard depth < Self.depthMax else { return }
        let type = depth == 0 ? artifactType : nil
        for referrer in try await Listing.referrers(to: subject, artifactType: type, of: place) {
            // What refers to several is shown at each of them, and followed once: chains of a liar may be circles.
            let isKnown = found.contains { $0.digest == referrer.digest.description }
            found.append(Referrer(referrer, to: subject, depth: depth))
            guard found.count <= Self.countMax else {
                throw Failure(
                    description: "More than \(Self.countMax) artifacts refer to \(place.name): name a type with "
                        + "--artifact-type."
                )
            }
            guard !isKnown else { continue }
            try await collect(to: referrer.digest, depth: depth + 1, of: place, into: &found)
        }
    }
}

/// Something that refers to an image, shown.
struct Referrer: Encodable, TableRow {
    static let columns = ["DIGEST", "TYPE", "SIZE", "ANNOTATIONS"]

    /// Its digest.
    var digest: String
    /// What it refers to.
    var subject: String
    /// The type of the artifact.
    var artifactType: String?
    /// The media type of its manifest.
    var mediaType: String?
    /// The bytes of its manifest.
    var size: Int64
    /// Its annotations.
    var annotations: [String: String]
    /// How many steps it is from the image, less one.
    var depth: Int

    var cells: [String] {
        let notes = annotations.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let indented = String(repeating: "  ", count: depth) + digest
        return [indented, artifactType ?? "-", HumanText.bytes(size), notes.joined(separator: ", ")]
    }

    init(_ descriptor: Descriptor, to subject: Digest, depth: Int) {
        digest = descriptor.digest.description
        self.subject = subject.description
        artifactType = descriptor.artifactType
        mediaType = descriptor.mediaType?.description
        size = descriptor.size
        annotations = descriptor.annotations.reduce(into: [:]) { $0[$1.name] = $1.value }
        self.depth = depth
    }
}
