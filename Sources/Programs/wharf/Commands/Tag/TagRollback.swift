import ArgumentParser
import NIOCore
import OCI
import RegistryContract

/// `wharf tag rollback`: moves a tag to where it pointed before.
struct TagRollback: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Move a tag to where it pointed before; also one that was deleted.",
        discussion: """
            Without more, to the image before the present one; done twice, it comes back. It is a move like others and \
            stands in the history, and is done only if the tag is still where the history says: who was faster is not \
            overrun.

            Examples:
              wharf tag rollback localhost:5000/team/app:prod --dry-run
              wharf tag rollback localhost:5000/team/app:prod --to 17
              wharf tag rollback localhost:5000/team/app:prod --to sha256:…
              wharf tag rollback localhost:5000/team/app:prod --at 2026-11-01T12:00
            """
    )

    @Argument(help: ArgumentHelp("The image with its tag.", valueName: "image"), transform: Typed.reference)
    var image: ImageReference

    @Option(
        help: ArgumentHelp(
            "To which move: its version in the history, or the digest that it went to, of which the beginning will do.",
            valueName: "version|digest"
        ),
        transform: RollbackGoal.init(typed:)
    )
    var to: RollbackGoal?

    @Option(
        help: ArgumentHelp("To where it pointed then. \(TagTime.help)", valueName: "time"),
        transform: Typed.time
    )
    var at: TagTime?

    @Flag(help: "Say where the tag would go, and change nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        if to != nil, at != nil { throw ValidationError("--to and --at both say where to: give one of them") }
    }

    func run(with registries: Registries) async throws {
        let place = try await registries.place(.registry(image), forChange: true)
        var moves = try TagMoves(of: place)
        let name = place.name(tagged: moves.tag)
        guard let present = try await moves.next() else { throw NotAtThatTime(description: "\(name) has no history.") }
        let (goal, digest) = try await goal(behind: present, &moves, name)
        let result = RollbackResult(
            target: name,
            digest: digest.description,
            from: present.digest?.description,
            version: goal.version,
            changed: digest != present.digest
        )
        if result.changed {
            let manifest: StoredManifest
            do {
                manifest = try await place.registry.manifest(.digest(digest), in: place.repository)
            } catch let error as RegistryError where error.code == .manifestUnknown {
                throw try await Self.gone(goal, digest, in: place, besides: present)
            }
            if !dryRun { try await Self.move(moves.tag, to: manifest, from: present.digest, in: place) }
        }
        guard output.form == .table, output.field == nil, !dryRun else { return try output.show(result) }
        print("\(result.target)@\(result.digest)")
    }

    /// The move that is gone back to, and where it went.
    private func goal(
        behind present: TagHistoryEntry,
        _ moves: inout TagMoves,
        _ name: String
    ) async throws -> (entry: TagHistoryEntry, digest: Digest) {
        if let at { return try await moves.current(at: at, behind: present) }
        var found: (entry: TagHistoryEntry, digest: Digest)?
        var move: TagHistoryEntry? = present
        while let entry = move {
            switch to {
            case nil:
                if let digest = entry.digest, digest != present.digest { return (entry, digest) }
            case .version(let version):
                if entry.version <= version { return (entry, try Self.digest(of: entry, version, name)) }
            case .digest(let beginning):
                guard let digest = entry.digest, digest.description.hasPrefix(beginning), digest != found?.digest
                else { break }
                if digest.description == beginning { return (entry, digest) }
                guard found == nil else {
                    throw Failure(description: "Several images of \(name) begin with \(beginning): write more of it.")
                }
                found = (entry, digest)
            }
            move = try await moves.next()
        }
        if let found { return found }
        let wanted = to.map { "\($0), which is not in the history of \(name)" } ?? "before the only image of \(name)"
        let end = moves.forgottenBefore.map { " What was before \($0.toSecond) is forgotten." } ?? ""
        throw NotAtThatTime(
            description: "There is nothing to go back to \(wanted): see `wharf tag history \(name)`.\(end)"
        )
    }

    private static func digest(of entry: TagHistoryEntry, _ version: Int64, _ name: String) throws -> Digest {
        guard entry.version == version else {
            throw NotAtThatTime(description: "\(name) has no version \(version): see `wharf tag history \(name)`.")
        }
        guard let digest = entry.digest else {
            throw Failure(
                description: "Version \(version) of \(name) is its deletion: `wharf untag \(name)` takes it away."
            )
        }
        return digest
    }

    private static func move(
        _ tag: Tag,
        to manifest: StoredManifest,
        from digest: Digest?,
        in place: OpenedLocation
    ) async throws {
        let push = ManifestPush(
            digest: manifest.digest,
            tags: [tag],
            contentType: manifest.mediaType,
            bytes: Array(manifest.bytes.readableBytesView),
            condition: digest.map { .pointsTo($0) } ?? .absent
        )
        do {
            _ = try await place.registry.putManifest(push, in: place.repository)
        } catch let error as RegistryError where error.code == .conditionFailed {
            let name = place.name(tagged: tag)
            throw Failure(
                description: "\(name) was moved by somebody else meanwhile, and nothing was done: look at `wharf tag "
                    + "history \(name)`, and do it again if it is still wanted."
            )
        } catch {
            // The answer may be lost and not the move: to do it again would then take it back.
            let now = try? await place.registry.descriptor(of: .tag(tag), in: place.repository)
            guard now?.digest == manifest.digest else { throw error }
        }
    }
}

// MARK: - What is gone

extension TagRollback {
    /// How many images are looked for at most.
    private static let lookCountMax = 100

    /// What to say of a manifest that is not there any more: the newest earlier one that is.
    private static func gone(
        _ goal: TagHistoryEntry,
        _ digest: Digest,
        in place: OpenedLocation,
        besides present: TagHistoryEntry
    ) async throws -> NotAtThatTime {
        var moves = try TagMoves(of: place)
        let name = place.name(tagged: moves.tag)
        var looked: Set<Digest?> = [nil, digest, present.digest]
        var advice = "No other earlier one is there."
        while looked.count < lookCountMax, let move = try await moves.next() {
            guard move.version < goal.version, let earlier = move.digest, looked.insert(earlier).inserted,
                try await isThere(earlier, in: place)
            else { continue }
            advice = "The newest earlier one that is there is \(earlier): `wharf tag rollback \(name) --to "
            advice += "\(move.version)`."
            break
        }
        return NotAtThatTime(
            description: "The image that \(name) named by version \(goal.version) is gone, \(digest): it was deleted "
                + "since. \(advice)"
        )
    }

    private static func isThere(_ digest: Digest, in place: OpenedLocation) async throws -> Bool {
        do {
            _ = try await place.registry.descriptor(of: .digest(digest), in: place.repository)
            return true
        } catch let error as RegistryError where error.code == .manifestUnknown {
            return false
        }
    }
}

/// To which move of a tag somebody wants to go back.
enum RollbackGoal: Sendable, CustomStringConvertible {
    /// The one of a number.
    case version(Int64)
    /// The newest to a digest that begins so.
    case digest(String)

    /// Reads one.
    init(typed text: String) throws {
        if let version = Int64(text), version > 0 {
            self = .version(version)
        } else if text.wholeMatch(of: #/sha(256|512):[0-9a-f]{6,128}/#) != nil {
            self = .digest(text)
        } else {
            throw ValidationError(
                "\(text) is neither a version of a tag's history, as 17 is, nor a digest, as sha256:0123456789ab is."
            )
        }
    }

    var description: String {
        switch self {
        case .version(let version): "version \(version)"
        case .digest(let text): text
        }
    }
}

/// What became of a tag that went back, for programs.
struct RollbackResult: Encodable, TableRow {
    static let columns = ["TARGET", "DIGEST", "FROM", "VERSION", "CHANGED"]

    /// The image by its tag.
    var target: String
    /// What the tag points to now, or would.
    var digest: String
    /// What it pointed to before; nil where it was deleted.
    var from: String?
    /// The version of the history that was gone back to.
    var version: Int64
    /// Whether it has moved, or would.
    var changed: Bool

    var cells: [String] { [target, digest, from ?? "deleted", "\(version)", changed ? "yes" : "no"] }
}
