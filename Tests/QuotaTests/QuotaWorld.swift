import OCI

@testable import Metadata

/// All rows that a quota counts, read at one moment.
struct QuotaWorld {
    private var names: [SQLValue: String] = [:]
    private var blobs: [SQLValue: Int64] = [:]
    private var contents: [SQLValue: Int64] = [:]
    private let links: [[SQLValue]]
    /// The links that have a row of their own, by quota.
    private var quotaLinks: [Int64: Set<QuotaLinkKey>] = [:]
    /// Of links: what needs them, and since when they are there.
    private var states: [QuotaLinkKey: QuotaLinkState] = [:]
    private let counted: Set<QuotaID>
    private let manifests: [[SQLValue]]
    private let tags: [[SQLValue]]
    private let shares: [[SQLValue]]
    /// What repositories in the trash were called.
    private var formerNames: [SQLValue: String] = [:]

    init(counted quotas: [QuotaFact], _ rows: (String) throws -> [[SQLValue]]) throws {
        counted = Set(quotas.map(\.id))
        for row in try rows("repository") { names[row[0]] = row[1].string }
        for row in try rows("blob") { blobs[row[0]] = row[1].number }
        for row in try rows("manifest_content") { contents[row[0]] = row[1].number }
        (links, manifests, tags) = (try rows("repository_blob"), try rows("manifest"), try rows("tag"))
        shares = try rows("quota_share")
        for row in try rows("quota_link") {
            quotaLinks[row[0].number, default: []].insert(QuotaLinkKey(repository: row[2], digest: row[1]))
        }
        for row in links {
            states[QuotaLinkKey(repository: row[0], digest: row[1])] = QuotaLinkState(linkedAt: row[2].number)
        }
        let kinds = ["config", "layer", "manifest"]
        for row in try rows("trash_edge") where kinds.contains(row[4].string) {
            states[QuotaLinkKey(repository: row[5], digest: row[3])]?.need = .trash
        }
        for row in try rows("edge") where kinds.contains(row[3].string) {
            states[QuotaLinkKey(repository: row[0], digest: row[2])]?.need = .live
        }
        let projects = Set(try rows("trash_project").map { $0[0] })
        for row in try rows("trash") where row[3] != .null && !projects.contains(row[0]) {
            formerNames[row[2]] = row[3].string
        }
    }

    /// Whether a repository counts in a quota, with all that is in it: in the trash by what it was called.
    private func holds(_ quota: QuotaFact, _ repository: SQLValue) -> Bool {
        var name = names[repository] ?? ""
        if name.hasPrefix("!") {
            guard quota.countsTrash, let former = formerNames[repository] else { return false }
            name = former
        }
        return switch quota.scope {
        case .installation: true
        case .project(let project): name == project || name.hasPrefix(project + "/")
        case .repository(let own): name == own.description
        }
    }

    /// What is used, counted anew.
    func usage(of quota: QuotaFact) -> QuotaAmounts {
        var digests = links.filter { holds(quota, $0[0]) }.map { $0[1] }
        switch quota.scope {
        case .installation: digests = Array(blobs.keys)
        case _ where !quota.countsTrash:
            digests = Array(Set((quotaLinks[quota.id.number] ?? []).map(\.digest)))
        case .project: digests = Array(Set(digests))
        // Of a repository there is more than one only where another had its name, and is in the trash: each counts.
        case .repository: break
        }
        let ownManifests = manifests.filter { holds(quota, $0[0]) }
        return QuotaAmounts(
            bytes: digests.reduce(0) { $0 + (blobs[$1] ?? 0) } + ownManifests.reduce(0) { $0 + (contents[$1[1]] ?? 0) },
            tags: Int64(tags.count { holds(quota, $0[0]) }),
            repositories: Int64(names.keys.count { holds(quota, $0) })
        )
    }

    /// What is wrong with which links count.
    ///
    /// In a quota that the trash does not count in, those do that an image needs; those that nothing needs do as they
    /// did a step before; and those that only the trash needs do if they were made or renewed after that.
    func linkFaults(of quota: QuotaFact, since before: QuotaWorld?) -> [String] {
        let own = quotaLinks[quota.id.number] ?? []
        guard quota.scope != .installation else { return own.isEmpty ? [] : ["the installation has links"] }
        let held = states.filter { holds(quota, $0.key.repository) }
        var faults: [String] = []
        if quota.countsTrash {
            let expected = if case .project = quota.scope { Set(held.keys) } else { Set<QuotaLinkKey>() }
            if own != expected { faults.append("\(quota.scope): \(own.count) links, and not \(expected.count)") }
            return faults
        }
        if !own.isSubset(of: held.keys) { faults.append("\(quota.scope): links count that are not there") }
        for (key, state) in held {
            guard let expected = counts(key, state, in: quota, since: before) else { continue }
            guard own.contains(key) != expected else { continue }
            let name = "\(names[key.repository] ?? "") \(key.digest.string.prefix(15))"
            faults.append("\(quota.scope): \(name) \(expected ? "does not count" : "counts"), by \(state.need)")
        }
        return faults
    }

    /// Whether a link has to count where the trash does not; nil where that depends on what was before.
    private func counts(
        _ key: QuotaLinkKey,
        _ state: QuotaLinkState,
        in quota: QuotaFact,
        since before: QuotaWorld?
    ) -> Bool? {
        guard state.need != .live else { return true }
        guard let before, before.counted.contains(quota.id) else { return nil }
        // What has come back from the trash, or got another name, is counted anew.
        guard before.names[key.repository] == names[key.repository] else { return state.need == .none }
        guard let old = before.states[key], old.linkedAt == state.linkedAt else { return true }
        guard old.need != .live || state.need != .trash else { return false }
        return before.quotaLinks[quota.id.number]?.contains(key) ?? false
    }

    /// What is wrong with the room that a quota leaves.
    func faults(of quota: QuotaFact) -> [String] {
        let own = shares.filter { $0[0].number == quota.id.number }
        var faults: [String] = []
        for (place, measure) in QuotaMeasure.allCases.enumerated() {
            guard let limit = quota.limits[measure] else { continue }
            let room = own.reduce(0) { $0 + $1[5 + place].number }
            if room + quota.used[measure] != limit {
                faults.append("\(quota.scope): \(room) of \(measure) left and \(quota.used[measure]) used of \(limit)")
            }
            if own.contains(where: { $0[1].number >= 0 && $0[5 + place].number < 0 }) {
                faults.append("\(quota.scope): a share has less room than none")
            }
        }
        return faults
    }
}

/// A link of a repository.
private struct QuotaLinkKey: Hashable {
    let repository: SQLValue
    let digest: SQLValue
}

/// How a link stands.
private struct QuotaLinkState {
    enum Need {
        case none
        case trash
        case live
    }

    let linkedAt: Int64
    var need = Need.none
}

extension SQLValue {
    fileprivate var number: Int64 {
        guard case .integer(let number) = self else { return 0 }
        return number
    }

    fileprivate var string: String {
        guard case .text(let text) = self else { return "" }
        return text
    }
}
