import HTTPServing
import RegistryTesting

/// The three ways over which a server speaks HTTP.
enum Transport: String, CaseIterable, Sendable {
    case plain, encrypted, http2

    /// Runs a server of this kind.
    func run<Value>(
        limits: ServerLimits = ServerLimits(),
        respond: @escaping TestServer.Respond = Answers.standard,
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let tls = self == .plain ? nil : try await TestCertificate().material()
        return try await TestServer.run(limits: limits, tls: tls, respond: respond, body)
    }

    /// What curl has to be told to come this way, and to trust whoever answers.
    var curlOptions: [String] {
        switch self {
        case .plain: []
        case .encrypted: ["--insecure", "--http1.1"]
        case .http2: ["--insecure", "--http2"]
        }
    }

    func address(_ server: TestServer, _ path: String) -> String {
        "\(self == .plain ? "http" : "https")://127.0.0.1:\(server.server.port)\(path)"
    }

    /// Starts curl against a path of a server of this kind, for a test that breaks it off.
    func startCurl(_ server: TestServer, _ path: String, _ options: [String]) throws -> RunningProcess {
        try Command("/usr/bin/curl", ["--silent"] + curlOptions + options + [address(server, path)]).start()
    }

    /// Runs curl against a path of a server of this kind.
    func curl(_ server: TestServer, _ path: String, _ options: [String] = []) async throws -> CommandResult {
        try await Curl.run(curlOptions + options + [address(server, path)])
    }
}
