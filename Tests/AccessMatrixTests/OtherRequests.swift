import Foundation

@testable import RegistryTesting

/// What is neither the distribution specification's nor the management's.
enum OtherRequests {
    static let rows =
        [
            "GET /", "GET /livez", "GET /readyz", "GET /metrics", "GET /.well-known/jwks.json",
            "GET /api/v1/openapi.json",
        ]
        .map(plain) + [
            MatrixRequest(name: "GET /v2/no-such-endpoint") { _, _ in TestRequest("GET", "/v2/no-such-endpoint") },
            MatrixRequest(name: "GET /api/v1/no-such-path") { _, _ in TestRequest("GET", "/api/v1/no-such-path") },
            MatrixRequest(name: "DELETE /api/v1/users") { _, _ in TestRequest("DELETE", "/api/v1/users") },
            MatrixRequest(name: "GET /token") { _, _ in
                TestRequest("GET", "/token?service=wharf&scope=repository:team/app:pull,push,delete")
            },
            MatrixRequest(name: "GET /token?offline_token", isChange: true) { _, _ in
                TestRequest("GET", "/token?service=wharf&offline_token=true")
            },
            MatrixRequest(name: "POST /token (password)", saysWhoItIs: true) { plan, caller in
                form("password", [("username", caller.account), ("password", plan.credentials[caller]?.password)])
            },
            MatrixRequest(name: "POST /token (refresh_token)", saysWhoItIs: true) { plan, caller in
                form("refresh_token", [("refresh_token", plan.credentials[caller]?.refreshToken)])
            },
        ]

    private static func plain(_ name: String) -> MatrixRequest {
        let parts = name.split(separator: " ").map(String.init)
        return MatrixRequest(name: name) { _, _ in TestRequest(parts[0], parts[1]) }
    }

    private static func form(_ grant: String, _ fields: [(String, String?)]) -> TestRequest {
        let pairs = fields.compactMap { name, value in
            value.map { "&\(name)=" + ($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "") }
        }
        return TestRequest(
            "POST",
            "/token",
            headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("grant_type=\(grant)\(pairs.joined())".utf8)
        )
    }
}
