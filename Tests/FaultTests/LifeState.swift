import AdminModel
import Foundation
import RegistryTesting

/// A repository as the lane knows it that owns it.
struct LifeState {
    /// The digests of the manifests that are there.
    var manifests: Set<String> = []
    /// Where the tags point.
    var tags: [String: String] = [:]
    /// The moves of each tag that there is or was, the oldest first.
    var history: [String: [LifeMove]] = [:]
    /// What is in the trash, the oldest first.
    var trash: [LifeTrash] = []

    func adding(_ digest: String, as tag: String) -> LifeState {
        var state = self
        state.manifests.insert(digest)
        state.move(tag, to: digest)
        return state
    }

    func deleting(manifest digest: String) -> LifeState {
        var state = self
        let gone = tags.filter { $0.value == digest }.keys.sorted()
        state.manifests.remove(digest)
        for tag in gone { state.move(tag, to: nil) }
        state.trash.append(LifeTrash(kind: "manifest", digest: digest, tags: gone))
        return state
    }

    func deleting(tag: String) -> LifeState {
        var state = self
        state.trash.append(LifeTrash(kind: "tag", tag: tag, digest: tags[tag]))
        state.move(tag, to: nil)
        return state
    }

    /// The repository itself is deleted: what had its name before stays in the trash.
    func deleted() -> LifeState {
        LifeState(trash: trash.filter { $0.kind == "repository" } + [LifeTrash(kind: "repository")])
    }

    func without(trashAt place: Int) -> LifeState {
        var state = self
        state.trash.remove(at: place)
        return state
    }

    /// A tag comes back, from wherever it points meanwhile.
    func restoring(_ tag: String, to digest: String, from place: Int) -> LifeState {
        var state = without(trashAt: place)
        state.move(tag, to: digest)
        return state
    }

    /// A manifest comes back with the tags that went with it or before it, but for those that point elsewhere
    /// meanwhile.
    func restoring(manifest digest: String, from place: Int) -> (state: LifeState, tags: Set<String>, kept: Set<String>)
    {
        var state = without(trashAt: place)
        var (back, kept): (Set<String>, Set<String>) = ([], [])
        state.manifests.insert(digest)
        func bring(_ tag: String) -> Bool {
            guard state.tags[tag, default: digest] == digest else {
                kept.insert(tag)
                return false
            }
            state.move(tag, to: digest)
            back.insert(tag)
            return true
        }
        for tag in trash[place].tags { _ = bring(tag) }
        // Of several deletions of one tag the newest is taken back.
        for place in state.trash.indices.reversed() where state.trash[place].digest == digest {
            guard let tag = state.trash[place].tag, !back.contains(tag), !kept.contains(tag), bring(tag) else {
                continue
            }
            state.trash.remove(at: place)
        }
        return (state, back, kept)
    }

    /// The same, once it is known that what was asked for last has happened by now, if at all.
    func settled() -> LifeState {
        var state = self
        let now = LifeMove.now
        for (tag, moves) in history where moves.last?.latest == .max {
            state.history[tag]?[moves.count - 1].latest = now
        }
        return state
    }

    private mutating func move(_ tag: String, to digest: String?) {
        guard tags[tag] != digest else { return }
        tags[tag] = digest
        history[tag, default: []].append(LifeMove(digest: digest, earliest: LifeMove.now, latest: .max))
    }

    /// In what something that was seen is not as it has to be; of tags whose moves were not looked at nothing is said
    /// of these.
    func differences(of seen: LifeState) -> [String] {
        var found: [String] = []
        let (lost, left) = (manifests.subtracting(seen.manifests), seen.manifests.subtracting(manifests))
        if !lost.isEmpty { found.append("manifests are not there: \(lost.sorted())") }
        if !left.isEmpty { found.append("manifests are there: \(left.sorted())") }
        for tag in Set(tags.keys).union(seen.tags.keys).sorted() where tags[tag] != seen.tags[tag] {
            found.append("the tag \(tag) points to \(seen.tags[tag] ?? "nothing") and not to \(tags[tag] ?? "nothing")")
        }
        if !trash.elementsEqual(seen.trash, by: { $0.isSame(as: $1) }) {
            found.append("in the trash is \(seen.trash.map(\.text)) and not \(trash.map(\.text))")
        }
        for (tag, moves) in seen.history.sorted(by: { $0.key < $1.key }) {
            if let difference = LifeMove.difference(of: moves, from: history[tag] ?? []) {
                found.append("the history of \(tag): \(difference)")
            }
        }
        return found
    }
}

/// A move of a tag, or its deletion.
struct LifeMove {
    /// Where it pointed from then on; nil for a deletion.
    var digest: String?
    /// Between which times it was made, in microseconds since 1970.
    var earliest: Int64
    /// The end of that.
    var latest: Int64

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }
    /// What rounding may cost.
    private static let slack: Int64 = 1000

    /// In what moves that a server tells are not those that were made; nil where they are.
    static func difference(of told: [LifeMove], from made: [LifeMove]) -> String? {
        guard told.map(\.digest) == made.map(\.digest) else {
            return "\(told.map { $0.digest ?? "deleted" }), and it was \(made.map { $0.digest ?? "deleted" })"
        }
        for (number, (told, made)) in zip(told, made).enumerated()
        where told.earliest < made.earliest - slack || told.latest - slack > made.latest {
            return "version \(number + 1) at \(told.earliest), and it was between \(made.earliest) and \(made.latest)"
        }
        return nil
    }
}

/// Something that is in the trash.
struct LifeTrash {
    /// `tag`, `manifest` or `repository`.
    var kind: String
    /// The tag, where it is one.
    var tag: String?
    /// The manifest, or the one that the tag pointed to.
    var digest: String?
    /// The tags that went with a manifest: nobody tells of them until it comes back.
    var tags: [String] = []

    var text: String { [kind, tag, digest].compactMap { $0 }.joined(separator: " ") }

    /// Whether two are the same, as far as it is told.
    func isSame(as other: LifeTrash) -> Bool { text == other.text }
}

extension LifeTrash {
    /// What the server tells.
    init(_ entry: TrashEntry) {
        self.init(
            kind: entry.kind,
            tag: entry.tag,
            digest: entry.kind == "repository" ? nil : entry.digest
        )
    }
}

/// A manifest that a lane has pushed, and what it names.
struct LifeImage {
    var manifest: SampleManifest
    var blobs: [SampleBlob] = []
    /// The digest of the manifest that it is about.
    var subject: String?
}
