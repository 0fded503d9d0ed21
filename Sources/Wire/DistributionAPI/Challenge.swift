import DistributionGrammar
import HTTPServing
import Identity
import NIOHTTP1
import OCI

/// What a client is told that has to say who it is: where to get a token, for which service and for what (RFC 6750
/// section 3, and Docker's token specification).
struct Challenge {
    let service: String
    let prefix: PathPrefix

    /// The value of `WWW-Authenticate`.
    func header(for request: ServerRequest, scopes: [TokenScope], error: String? = nil) -> String {
        let path = prefix.outside(request.headers, target: request.target)
        var text = "Bearer realm=\"\(Self.origin(of: request))\(path)/token\",service=\"\(service)\""
        if !scopes.isEmpty {
            text += ",scope=\"\(scopes.map(\.description).joined(separator: " "))\""
        }
        if let error { text += ",error=\"\(error)\"" }
        return text
    }

    /// The server as the client calls it: clients want the whole address of the token service.
    ///
    /// What a proxy says of the client's way is believed from anybody: it goes back to who sent it, and to nobody else.
    static func origin(of request: ServerRequest) -> String {
        let names = [said("x-forwarded-host", request), request.headers.first(name: "host")]
        let host = names.compactMap { $0 }.first(where: isHost)
        let isSecure =
            switch said("x-forwarded-proto", request)?.lowercased() {
            case "https": true
            case "http": false
            default: request.isSecure
            }
        return (isSecure ? "https" : "http") + "://" + (host ?? "localhost")
    }

    /// Of several proxies the first says what the client used.
    private static func said(_ name: String, _ request: ServerRequest) -> String? {
        request.headers.first(name: name)?.split(separator: ",").first.map { $0.filter { $0 != " " } }
    }

    private static func isHost(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-._~:[]".utf8.contains(byte)
                }
            }
    }
}

extension DistributionRequest {
    /// The least that a token must let its bearer do for this request.
    var neededScopes: [TokenScope] {
        switch self {
        case .version: []
        case .blob(_, let name, _), .manifest(_, let name, _), .tags(let name, _), .referrers(_, let name, _, _),
            .tagHistory(_, let name, _):
            [.repository(name.description, "pull")]
        case .startUpload(let name, let start):
            [.repository(name.description, "pull", "push")]
                + (start.mount == nil ? [] : start.source.map { [.repository($0.description, "pull")] } ?? [])
        case .patchUpload(_, let name), .putUpload(_, let name, _), .uploadStatus(_, let name),
            .cancelUpload(_, let name), .putManifest(_, let name, _):
            [.repository(name.description, "pull", "push")]
        case .deleteManifest(_, let name), .deleteBlob(_, let name):
            [.repository(name.description, "delete")]
        case .catalog:
            [TokenScope(type: "registry", name: "catalog", actions: ["*"])]
        }
    }
}
