import AdminClient
import AdminModel
import ArgumentParser

/// `wharf storage damaged`: shows what was found to be damaged, with the images that need it.
struct StorageDamaged: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "damaged",
        abstract: "Show what was found to be damaged and is not mended, with images that need it.",
        discussion: """
            The server reads stored bytes again by itself (scrub.within); `wharf job run storage.scrub --argument \
            all=true` reads all of them now. A damaged blob is not served until it is pushed again, to any \
            repository that holds it.

            Example: wharf storage damaged
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.damage().all())
    }
}

extension Damage: TableRow {
    static let columns = ["KIND", "DIGEST", "FOUND", "PROBLEM", "IMAGES"]
    var cells: [String] {
        let names = images.flatMap(\.names)
        return [kind, digest, foundAt.short, problem, names.isEmpty ? "-" : names.joined(separator: ", ")]
    }
}

extension DamagedImage {
    /// Such as `team/app:1.0`, or `team/app@sha256:…` where no tag leads there.
    fileprivate var names: [String] {
        guard let manifest else { return [repository] }
        return tags.isEmpty ? ["\(repository)@\(manifest)"] : tags.map { "\(repository):\($0)" }
    }
}
