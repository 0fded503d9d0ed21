import ArgumentParser
import OCI
import RegistryContract

/// `wharf tag history`: shows each move of a tag.
struct TagHistoryCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show where a tag pointed, since when, and by whom it was moved; the newest first.",
        discussion: """
            A deletion is a move to nowhere; the history goes on behind it. By whom is told to those who may push there.

            Examples:
              wharf tag history localhost:5000/team/app:prod
              wharf tag history localhost:5000/team/app:prod --long --limit 10
              wharf tag history localhost:5000/team/app:prod -o json
            """
    )

    @Argument(help: ArgumentHelp("The image with its tag.", valueName: "image"), transform: Typed.reference)
    var image: ImageReference

    @Option(help: ArgumentHelp("Only so many, from the newest on.", valueName: "count"))
    var limit: Int?

    @Flag(name: .shortAndLong, help: "Show digests whole.")
    var long = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
    }

    func run(with registries: Registries) async throws {
        var moves = try TagMoves(of: try await registries.place(.registry(image), forChange: true))
        var shown: [ShownMove] = []
        while shown.count < limit ?? .max, let move = try await moves.next() {
            shown.append(ShownMove(move, isLong: long))
        }
        try output.show(shown)
    }
}

/// A move of a tag, shown.
struct ShownMove: Encodable, TableRow {
    private enum CodingKeys: String, CodingKey {
        case version, digest, previous, movedAt, movedBy, deleted, forgottenBefore
    }

    static let columns = ["VERSION", "MOVED", "DIGEST", "BY"]

    /// Its number among those of the tag.
    var version: Int64
    /// Where it pointed from then on.
    var digest: String?
    /// Where it pointed before.
    var previous: String?
    /// When, in RFC 3339.
    var movedAt: String
    /// By whom, where that is told.
    var movedBy: String?
    /// Whether it pointed nowhere from then on.
    var deleted: Bool
    /// Of the oldest: before when it is forgotten where the tag pointed.
    var forgottenBefore: String?
    private var shownDigest: String
    private var shownTime: String

    var cells: [String] { ["\(version)", shownTime, shownDigest, movedBy ?? "-"] }

    init(_ move: TagHistoryEntry, isLong: Bool) {
        version = move.version
        digest = move.digest?.description
        previous = move.previous?.description
        movedAt = move.movedAt.description
        movedBy = move.movedBy
        deleted = move.digest == nil
        forgottenBefore = move.forgottenBefore?.description
        shownDigest = move.digest.map { isLong ? $0.description : $0.short } ?? "deleted"
        shownTime = move.movedAt.toSecond.replacing("T", with: " ")
    }
}

extension Digest {
    /// The algorithm and the first digits, as people tell digests apart.
    var short: String { "\(algorithm.rawValue):\(encoded.prefix(12))" }
}
