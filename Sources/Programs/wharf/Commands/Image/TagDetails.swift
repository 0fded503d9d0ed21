import Imaging
import OCI
import RegistryContract
import Transfer

/// What there is to know of a tag without fetching layers.
struct TagDetails: Encodable, TableRow {
    static let columns = ["TAG", "DIGEST", "CREATED", "SIZE", "PLATFORMS"]

    /// The tag.
    var name: String
    /// The digest of what it points to.
    var digest: String
    /// The media type of that.
    var mediaType: String?
    /// When the image was made, in RFC 3339, where its config says so; of an index, the newest of its images.
    var created: String?
    /// The bytes of config and layers as they are stored; of an index, all its images together.
    var size: Int64
    /// What it runs on.
    var platforms: [String]

    /// Whether it is made of other manifests.
    var isIndex: Bool { Self.isIndex(mediaType) }

    /// Whether that is the media type of what is made of other manifests.
    static func isIndex(_ mediaType: String?) -> Bool {
        [MediaType.imageIndex, .dockerManifestList].map(\.description).contains(mediaType)
    }

    var cells: [String] {
        let platforms = platforms.isEmpty ? "-" : platforms.joined(separator: ", ")
        let time = created.map { String($0.prefix(19)).replacing("T", with: " ") } ?? "-"
        return [name, digest, time, HumanText.bytes(size), platforms]
    }

    /// How many tags are looked at at once.
    private static let parallelMax = 8

    /// The details of tags, in their order.
    static func all(of tags: [Tag], in place: OpenedLocation) async throws -> [TagDetails] {
        try await withThrowingTaskGroup(of: (Int, TagDetails).self) { group in
            var details = [TagDetails?](repeating: nil, count: tags.count)
            for (index, tag) in tags.enumerated() {
                if index >= parallelMax, let (at, found) = try await group.next() { details[at] = found }
                group.addTask { (index, try await TagDetails(of: tag, in: place)) }
            }
            for try await (at, found) in group { details[at] = found }
            return details.compactMap { $0 }
        }
    }

    private init(of tag: Tag, in place: OpenedLocation) async throws {
        let summary = try await ImageSummary(of: .tag(tag), in: place)
        name = tag.description
        digest = summary.digest
        mediaType = summary.mediaType
        created = summary.images.compactMap(\.created).max()
        // Sizes are what somebody has written: their sum may be no number.
        size = summary.images.reduce(0) { sum, image in
            let (total, isTooLarge) = sum.addingReportingOverflow(image.size)
            return isTooLarge ? .max : total
        }
        platforms = summary.images.compactMap(\.platform)
    }
}
