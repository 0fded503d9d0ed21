import OCI

/// What could be freed where a quota is used up.
extension Facts {
    /// How many links are looked at: each refusal does so.
    private static let freeableLinksMax = 500

    /// What of the bytes that count in a quota no image needs: looked at again each time, in the first links of it.
    ///
    /// Of the installation it is only what waits to be given up: who pushes can do nothing about the rest.
    func freeable(of scope: QuotaScope) throws -> QuotaFreeable {
        let limit = SQLValue.count(Self.freeableLinksMax)
        guard scope != .installation else {
            return QuotaFreeable(unneeded: try row(Statements.doomedTotals, limit)?.integer(1) ?? 0, isPart: true)
        }
        guard let standing = try row(Statements.quotaOfScope, .text(scope.description))?.quotaStanding() else {
            return QuotaFreeable()
        }
        let links: [Row]
        if case .repository(let name) = scope, !standing.keepsLinks {
            guard let known = try row(Statements.repository, .name(name)) else { return QuotaFreeable() }
            links = try rows(Statements.repositoryLinkNeeds, .id(try known.repository(0)), .text(""), limit)
        } else {
            links = try rows(Statements.projectLinkNeeds, .integer(standing.id.number), limit)
        }
        var found: [String: (need: Int64, byteCount: Int64)] = [:]
        for link in links {
            let digest = try link.text(0)
            // What one repository needs stays for all.
            found[digest] = (max(try link.integer(2), found[digest]?.need ?? 0), try link.integer(1))
        }
        var freeable = QuotaFreeable(isPart: links.count == Self.freeableLinksMax)
        // The other links of the last blob may not have been looked at.
        if freeable.isPart, let last = links.last { found[try last.text(0)] = nil }
        for (need, byteCount) in found.values {
            if need == 0 { freeable.unneeded += byteCount }
            if need == 1 { freeable.trashed += byteCount }
        }
        return freeable
    }
}
