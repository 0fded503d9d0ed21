import Foundation
import RegistryTesting

/// Debian's nginx before two registries, ending TLS, under three paths.
///
/// - `/v2/` goes to the first registry.
/// - `/stripped/` is taken off and named in `X-Forwarded-Prefix` on the way to the first registry.
/// - `/registry/` is passed on as it is to the second registry, which is configured for it.
struct Nginx {
    let process: RunningProcess
    let port: Int
    private let folder: TemporaryFolder
    private let certificate: TestCertificate

    static func start(before plain: WharfProcess, prefixed: WharfProcess) async throws -> Nginx {
        let (folder, certificate, port) = (try TemporaryFolder(), try await TestCertificate(), try FreePort.find())
        let process = try await Command.nginx(
            in: folder.path,
            port: port,
            http: """
                access_log off;
                client_max_body_size 0;
                proxy_http_version 1.1;
                proxy_request_buffering off;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                server {
                    listen 127.0.0.1:\(port) ssl;
                    ssl_certificate \(certificate.certificateFile);
                    ssl_certificate_key \(certificate.keyFile);
                    location /v2/ { proxy_pass \(plain.address); }
                    location /stripped/ {
                        proxy_pass \(plain.address)/;
                        proxy_set_header X-Forwarded-Prefix /stripped;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    }
                    location /registry/ { proxy_pass \(prefixed.address); }
                }
                """
        )
        return Nginx(process: process, port: port, folder: folder, certificate: certificate)
    }

    /// What came back, as curl saw it.
    struct Answer {
        var status = 0
        var headers: [String: String] = [:]
        var body = Data()
    }

    /// Sends a request with curl; `target` is a path, as a `Location` is.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - target: the path, with a query.
    ///   - type: the media type of the body.
    ///   - body: the body.
    ///   - source: the address of loopback to send from.
    ///   - forwarded: what the client itself says in `X-Forwarded-For`.
    ///   - server: where to send it instead of through nginx.
    /// - Returns: the answer.
    /// - Throws: what curl says, when there was none.
    func send(
        _ method: String,
        _ target: String,
        type: String = "application/octet-stream",
        body: [UInt8]? = nil,
        from source: String? = nil,
        forwarded: String? = nil,
        to server: String? = nil
    ) async throws -> Answer {
        var options = ["--insecure", "--dump-header", "\(folder.path)/head", "--output", "\(folder.path)/body"]
        options += ["--request", method, "--header", "Content-Type: \(type)"]
        if let body {
            try Data(body).write(to: URL(filePath: "\(folder.path)/upload"))
            options += ["--data-binary", "@\(folder.path)/upload"]
        }
        if let source { options += ["--interface", source] }
        if let forwarded { options += ["--header", "X-Forwarded-For: \(forwarded)"] }
        try Data().write(to: URL(filePath: "\(folder.path)/body"))
        let address = (server ?? "https://127.0.0.1:\(port)") + target
        try await Command("/usr/bin/curl", ["--silent", "--show-error"] + options + [address]).output()
        var answer = Answer(body: try Data(contentsOf: URL(filePath: "\(folder.path)/body")))
        let head = try String(contentsOfFile: "\(folder.path)/head", encoding: .utf8)
        for line in head.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("HTTP/") {
                answer.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            }
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 {
                answer.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return answer
    }
}
