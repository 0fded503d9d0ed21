import DistributionGrammar
import Documents
public import OCI
import Outgoing
public import RegistryContract

/// The moves of a tag, which wharf tells by an extension of the specification's API.
extension RegistryClient {
    /// Moves and deletions of a tag before a version, the newest first, at most `limit` of them.
    public func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        let list = RemoteList<TagHistoryEntry>(
            name: "history \(repository):\(tag)",
            call: { query in
                let last = query.last.flatMap(Self.version(ofKey:)).map(String.init)
                let request = DistributionRequest.tagHistory(tag, repository, ListQuery(count: query.count, last: last))
                // By whom a tag was moved is told to a token that lets its bearer push.
                let scope = AccessScope.repository(repository, "pull", "push")
                let thing = "the history of \(repository):\(tag)"
                var call = Call(.get, .path(request.target), scopes: [scope], "list", thing)
                call.repository = repository
                call.missing = .unsupported
                return call
            },
            elements: { bytes, _ in try Self.entries(in: bytes) },
            key: { Self.key($0.version) }
        )
        // Where all may read, nobody is asked who they are: then by whom would not be told.
        try await introduce()
        do {
            return try await page(of: list, after: version.map(Self.key), limit: limit)
        } catch let error as RegistryError where error.code == .unsupported {
            throw RegistryError(
                .unsupported,
                "\(host) keeps no history of tags, or none that can be asked for: it is an extension that wharf has.",
                underlying: error
            )
        }
    }

    /// What the list is ordered by: the less, the later, and all of one length.
    private static func key(_ version: Int64) -> String {
        let digits = String(Int64.max - max(version, 0))
        return String(repeating: "0", count: 19 - digits.utf8.count) + digits
    }

    private static func version(ofKey key: String) -> Int64? {
        Int64(key).map { .max - $0 }
    }

    private static func entries(in bytes: [UInt8]) throws -> [TagHistoryEntry] {
        guard case .array(let items)? = try JSONValue(json: bytes)["history"] else {
            throw UnreadableList(name: "moves")
        }
        return try items.map { item in
            guard case .number(let digits)? = item["version"], let version = Int64(digits), version > 0,
                let moment = item.text("moved_at").flatMap({ Moment($0) })
            else { throw UnreadableList(name: "moves with their versions and times") }
            return TagHistoryEntry(
                version: version,
                digest: try item.text("digest").map { try Digest($0) },
                previous: try item.text("previous").map { try Digest($0) },
                movedAt: moment,
                movedBy: item.text("moved_by").map(RemoteProblem.printable),
                forgottenBefore: item.text("forgotten_before").flatMap { Moment($0) }
            )
        }
    }
}
