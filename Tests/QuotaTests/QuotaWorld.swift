import OCI

@testable import Metadata

/// All rows that a quota counts, read at one moment.
struct QuotaWorld {
    private var names: [SQLValue: String] = [:]
    private var blobs: [SQLValue: Int64] = [:]
    private var contents: [SQLValue: Int64] = [:]
    private let links: [[SQLValue]]
    private let manifests: [[SQLValue]]
    private let tags: [[SQLValue]]
    private let shares: [[SQLValue]]
    /// Up to where repositories in the trash are counted, which no name says of.
    private var places: [QuotaPlace: String] = [:]

    private struct QuotaPlace: Hashable {
        let repository: SQLValue
        let quota: Int64
    }

    init(_ rows: (String) throws -> [[SQLValue]]) throws {
        for row in try rows("repository") { names[row[0]] = row[1].string }
        for row in try rows("blob") { blobs[row[0]] = row[1].number }
        for row in try rows("manifest_content") { contents[row[0]] = row[1].number }
        (links, manifests, tags) = (try rows("repository_blob"), try rows("manifest"), try rows("tag"))
        shares = try rows("quota_share")
        for row in try rows("quota_member") where names[row[0]]?.hasPrefix("!") ?? false {
            places[QuotaPlace(repository: row[0], quota: row[1].number)] = row[2].string
        }
    }

    /// Whether a repository, or something in it, counts in a quota: in the trash only what did already.
    private func holds(_ quota: QuotaFact, _ repository: SQLValue, _ key: String = "") -> Bool {
        let name = names[repository] ?? ""
        if name.hasPrefix("!") {
            let place = places[QuotaPlace(repository: repository, quota: quota.id.number)]
            return place.map { key <= $0 } ?? false
        }
        return switch quota.scope {
        case .installation: true
        case .project(let project): name == project || name.hasPrefix(project + "/")
        case .repository(let own): name == own.description
        }
    }

    /// What is used, counted anew.
    func usage(of quota: QuotaFact) -> QuotaAmounts {
        var digests = links.filter { holds(quota, $0[0], "b\($0[1].string)") }.map { $0[1] }
        switch quota.scope {
        case .installation: digests = Array(blobs.keys)
        case .project: digests = Array(Set(digests))
        // Of a repository there is more than one only where another had its name, and is in the trash: each counts.
        case .repository: break
        }
        let ownManifests = manifests.filter { holds(quota, $0[0], "m\($0[1].string)") }
        return QuotaAmounts(
            bytes: digests.reduce(0) { $0 + (blobs[$1] ?? 0) } + ownManifests.reduce(0) { $0 + (contents[$1[1]] ?? 0) },
            tags: Int64(tags.count { holds(quota, $0[0], "t\($0[1].string)") }),
            repositories: Int64(names.keys.count { holds(quota, $0) })
        )
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
