public import AdminModel
import Outgoing

/// How much there may be, and how much there is.
extension AdminClient {
    /// What a quota is of.
    public enum QuotaPlace: Sendable {
        /// All that is stored.
        case installation
        /// A project and all below it.
        case project(String)
        /// One repository.
        case repository(String)

        fileprivate var path: [String] {
            switch self {
            case .installation: ["quotas", "installation"]
            case .project(let name): ["projects", name, "quota"]
            case .repository(let name): ["repositories", name, "quota"]
            }
        }
    }

    /// All quotas, by what they are of.
    public func quotas() -> AdminPages<Quota> { pages("quotas") }

    /// The quota of something.
    public func quota(of place: QuotaPlace) async throws -> Quota {
        try await value(Call(.get, place.path))
    }

    /// Says how much there may be.
    public func setQuota(of place: QuotaPlace, _ change: QuotaChange) async throws -> Quota {
        try await value(Call(.put, place.path, body: Self.encoded(change)))
    }

    /// Ends a quota.
    public func deleteQuota(of place: QuotaPlace) async throws {
        try await perform(Call(.delete, place.path))
    }
}
