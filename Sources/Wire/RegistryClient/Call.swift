import NIOCore
import OCI
import Outgoing
import RegistryContract

/// A request to a registry, and what a person is told when it fails.
struct Call: Sendable {
    /// Where it goes.
    enum Place: Sendable {
        /// A path of the registry, with its query.
        case path(String)
        /// What the registry has named.
        case url(OutgoingURL)
    }

    /// What is sent.
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Bytes that can be read once.
        case stream(UploadBody)
    }

    var method: OutgoingMethod
    var place: Place
    var headers: HeaderFields = [:]
    var body = Body.none
    /// What a token must let its bearer do.
    var scopes: [AccessScope]
    /// The repository that it is about.
    var repository: RepositoryName?
    var redirects = OutgoingRequest.Redirects.delivered
    /// Whether it may be sent again after the connection was lost.
    var isRepeatable = true
    /// What it is for, as in `read the manifest team/app:1`.
    var deed: String
    /// What it is about, as in `the manifest team/app:1`.
    var thing: String
    /// What a 404 without a code stands for.
    var missing = RegistryError.Code.nameUnknown
    /// Whether a manifest is pushed: what is too large is then a manifest.
    var isManifest = false
    /// The content that it is about.
    var digest: Digest?

    init(_ method: OutgoingMethod, _ place: Place, scopes: [AccessScope], _ deed: String, _ thing: String) {
        self.method = method
        self.place = place
        self.scopes = scopes
        self.deed = deed
        self.thing = thing
    }

    /// The deed and the thing.
    var purpose: String { "\(deed) \(thing)" }
}
