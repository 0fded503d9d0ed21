/// What is looked at, in this order, on the way from the name of an image to its bytes.
public enum DiagnosisStep: String, Sendable, Hashable, CaseIterable {
    /// The reference as Docker reads it.
    case name
    /// What the container tools of this machine keep in files.
    case files
    /// The addresses of the host, or of the proxy.
    case dns
    /// The connection to one of them.
    case tcp
    /// The way through a proxy.
    case proxy
    /// Who is there, and whether that can be believed.
    case tls
    /// The clocks of both sides.
    case clock
    /// Whether it is a registry: `/v2/`.
    case api
    /// What it wants to know of who calls.
    case challenge
    /// The token that its token service gives, or the password.
    case token
    /// The manifest of the image.
    case manifest
    /// A byte of one of its blobs.
    case blob
    /// What is left of the pulls.
    case rateLimit = "rate-limit"
    /// Room for the image on this machine.
    case disk

    /// What it is called in a list.
    public var title: String {
        switch self {
        case .name: "name"
        case .files: "files"
        case .dns: "DNS"
        case .tcp: "TCP"
        case .proxy: "proxy"
        case .tls: "TLS"
        case .clock: "clock"
        case .api: "/v2/"
        case .challenge: "challenge"
        case .token: "token"
        case .manifest: "manifest"
        case .blob: "blob"
        case .rateLimit: "rate limit"
        case .disk: "disk"
        }
    }

    /// The step that must have gone well for this one to be possible.
    var need: DiagnosisStep? {
        switch self {
        case .name, .files, .disk: nil
        case .dns: .name
        case .tcp: .dns
        case .proxy: .tcp
        case .tls: .proxy
        case .clock, .api: .tls
        case .challenge: .api
        case .token: .challenge
        case .manifest: .token
        case .blob, .rateLimit: .manifest
        }
    }
}
