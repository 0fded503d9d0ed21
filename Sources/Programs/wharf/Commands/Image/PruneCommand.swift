import ArgumentParser
import Foundation
import Imaging
import OCI
import RegistryContract
import Retention
import Selectors

/// `wharf prune`: takes old tags of a repository away.
struct PruneCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Take old tags of a repository away, and the images that no tag is left of.",
        discussion: """
            A tag goes when it is selected, and neither among the newest nor too young. What follows an image \
            (signatures, attestations) stays or goes with it. Without --yes it says what would go, and asks.

            Patterns are globs (ci-*), regular expressions between slashes (/^pr-[0-9]+$/), or ranges of versions \
            (semver:<1.0.0).

            Examples:
              wharf prune localhost:5000/team/app --keep 5 --dry-run
              wharf prune localhost:5000/team/app --include 'ci-*' --older-than 30d --yes
              wharf prune localhost:5000/team/app --keep 10 --sort version --exclude latest --yes
            """
    )

    @Argument(help: ArgumentHelp("The repository.", valueName: "repository"), transform: Typed.location)
    var repository: ImageLocation

    @Option(
        name: [.customLong("keep"), .customLong("max-images")],
        help: ArgumentHelp("Keep so many of the newest.", valueName: "count")
    )
    var keep: Int?

    @Option(help: ArgumentHelp("Keep what is younger, such as 30d.", valueName: "time"), transform: Typed.seconds)
    var olderThan: Int64?

    @Option(help: "What makes a tag newer: when the image was made, or its version.")
    var sort = RetentionRule.Order.time

    @Option(help: ArgumentHelp("Only tags that match.", valueName: "pattern"), transform: Typed.pattern)
    var include: [NamePattern] = []

    @Option(help: ArgumentHelp("No tags that match.", valueName: "pattern"), transform: Typed.pattern)
    var exclude: [NamePattern] = []

    @Flag(help: "Say what would go, and take nothing away.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Ask nothing.")
    var yes = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        guard keep != nil || olderThan != nil || !include.isEmpty else {
            throw ValidationError("Say what is to be kept: --keep COUNT, --older-than TIME, or --include PATTERN")
        }
        guard keep.map({ $0 >= 0 }) ?? true else { throw ValidationError("--keep is a count from 0 on") }
    }

    func run(with registries: Registries) async throws {
        let place = try await registries.place(repository, forChange: true)
        let tags = try await Listing.tags(of: place)
        let details = try await TagDetails.all(of: tags, in: place)
        let rule = RetentionRule(
            names: NameSelector(include: include, exclude: exclude),
            keepNewest: keep,
            order: sort,
            keepYoungerThanSeconds: olderThan
        )
        let candidates = try details.map { detail in
            RetentionCandidate(
                tag: try Tag(detail.name),
                digest: try Digest(detail.digest),
                createdSeconds: detail.created.flatMap(Timestamp.seconds)
            )
        }
        let decisions = rule.decisions(on: candidates, nowSeconds: Int64(Date().timeIntervalSince1970))
        let shown = PrunedTag.all(of: decisions)
        let going = decisions.filter { !$0.isKept }
        if dryRun || going.isEmpty { return try output.show(shown) }
        try confirm(going.count, of: decisions.count)
        let single = Set(details.filter { !$0.isIndex }.map(\.digest))
        try await registries.writing(repository) { try await Self.take(decisions, single, from: $0) }
        try output.show(shown.filter { !$0.kept })
    }

    private func confirm(_ count: Int, of all: Int) throws {
        guard !yes else { return }
        let what = "\(count) of \(HumanText.count(all, "tag")) of \(repository)"
        guard Terminal.isThere else {
            throw Failure(description: "\(what) would go: look with --dry-run, then say --yes.")
        }
        guard try Terminal.confirms("Take \(what) away?") else {
            throw Failure(description: "Nothing was taken away.")
        }
    }

    /// An image goes when its last tag goes; where others stay, or an index that stays is made of it, only the tag
    /// does.
    private static func take(
        _ decisions: [RetentionDecision],
        _ single: Set<String>,
        from place: OpenedLocation
    ) async throws {
        var going: [Tag: Digest] = [:]
        for decision in decisions where !decision.isKept { going[decision.candidate.tag] = decision.candidate.digest }
        // Since it was decided, and somebody was asked, tags may have come or moved: what they point to stays.
        let now = try await TagTarget.all(in: place)
        let staying = now.filter { going[$0.tag] != $0.digest }
        var needed = Set(decisions.filter(\.isKept).map(\.candidate.digest))
        needed.formUnion(staying.map(\.digest))
        let indexes = needed.filter { !single.contains($0.description) }
        needed.formUnion(try await IndexParts(of: indexes, in: place).all)
        let removal = Removal(place: place)
        var doomed: [DoomedImage] = []
        for decision in decisions where !decision.isKept {
            let candidate = decision.candidate
            if needed.contains(candidate.digest) {
                guard try await removal.takeTag(candidate.tag, of: candidate.digest) else {
                    throw Failure(
                        description: "The registry cannot delete a tag alone, and what \(candidate.tag) points to is "
                            + "needed: nothing was taken away from there on. Leave it out with --exclude."
                    )
                }
            } else if let index = doomed.firstIndex(where: { $0.name == candidate.digest }) {
                doomed[index].tags.append(candidate.tag.description)
            } else {
                doomed.append(DoomedImage(name: candidate.digest, tags: [candidate.tag.description]))
            }
        }
        try await removal.take(doomed)
    }
}

/// What becomes of a tag, shown.
struct PrunedTag: Encodable, TableRow {
    static let columns = ["TAG", "DIGEST", "CREATED", "KEPT", "WHY"]

    /// The tag.
    var tag: String
    /// What it points to.
    var digest: String
    /// When the image was made, in RFC 3339.
    var created: String?
    /// Whether it stays.
    var kept: Bool
    /// Why.
    var reason: String

    var cells: [String] {
        [tag, digest, created.map { String($0.prefix(19)) } ?? "-", kept ? "yes" : "no", reason]
    }

    /// What becomes of the tags of a repository.
    static func all(of decisions: [RetentionDecision]) -> [PrunedTag] {
        let counts = decisions.reduce(into: [:]) { $0[$1.reason, default: 0] += 1 }
        return decisions.map { PrunedTag($0, others: (counts[$0.reason] ?? 1) - 1) }
    }

    /// Describes a decision; `others` are as many as were decided about for the very same reason.
    private init(_ decision: RetentionDecision, others: Int) {
        tag = decision.candidate.tag.description
        digest = decision.candidate.digest.description
        created = decision.candidate.createdSeconds.map(Timestamp.text)
        kept = decision.isKept
        reason =
            switch decision.reason {
            case .notSelected: "not selected"
            case .newest(let place) where others == 0: "number \(place) of the newest"
            // They share the place, so that more may stay than --keep says.
            case .newest(let place):
                "number \(place) of the newest, with \(HumanText.count(others, "other")) of the same time"
            case .young: "too young"
            case .timeUnknown: "nobody knows when it was made"
            case .noVersion: "no version"
            case .nothingKeepsIt: "nothing keeps it"
            }
    }
}

extension RetentionRule.Order: ExpressibleByArgument {}
