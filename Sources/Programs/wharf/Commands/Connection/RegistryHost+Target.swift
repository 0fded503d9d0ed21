import OCI
import Outgoing

extension RegistryHost {
    /// Whether it is where a URL leads, whichever of the two ways of HTTP that is.
    func isAt(_ target: OutgoingTarget) -> Bool {
        switch target {
        case .https(let host, let port): host == name && port == self.port ?? 443
        case .http(let host, let port): host == name && port == self.port ?? 80
        case .unixSocket: false
        }
    }
}
