import Foundation
import RegistryTesting
import Testing

/// Clients are sent to a CDN or a proxy for blobs, by addresses that it knows to be given out by the server.
@Suite("Redirects to a CDN")
struct CDNTests {
    private static let blob = SampleBlob(count: 200_000, seed: 31_000)
    private static let secret = "0123456789abcdef0123456789ABCDEF"

    private static func location(of blob: SampleBlob, _ client: ServerClient) async throws -> String {
        let answer = try await client.http.send(TestRequest("GET", "/v2/app/blobs/\(blob.digest)"))
        #expect(answer.status == 307)
        #expect(answer[header: "Cache-Control"] == "no-store", "it is a secret, for a while")
        return try #require(answer[header: "Location"])
    }

    /// The status and the size of what is at an address, and its SHA-256.
    private static func fetch(_ location: String, _ options: String...) async throws -> (status: Int, digest: String) {
        let shell = "curl --silent --noproxy '*' --write-out '%{stderr}%{http_code}' \"$@\" | sha256sum"
        let result = try await Command("/bin/bash", ["-c", shell, "-"] + options + [location]).run()
        return (Int(result.standardError) ?? 0, "sha256:" + result.standardOutput.prefix(64))
    }

    /// nginx as the page has it, before a bucket.
    private static func nginx(
        _ environment: [String: String],
        port: Int,
        _ folder: TemporaryFolder
    ) async throws -> RunningProcess {
        let page = URL(filePath: #filePath).appending(path: "../../../Documentation/s3.md").standardizedFileURL
        let text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.range(of: "    proxy_cache_path")).lowerBound
        let end = try #require(text[start...].range(of: "\n    }\n")).upperBound
        var server = String(text[start..<end])
        let replacements = [
            ("/var/cache/nginx/blobs", "\(folder.path)/cache"), ("listen 443 ssl;", "listen 127.0.0.1:\(port);"),
            ("ssl_certificate /etc/nginx/blobs.pem;", ""), ("ssl_certificate_key /etc/nginx/blobs.key;", ""),
            ("SECRET", secret), ("BUCKET", environment["WHARF_S3_BUCKET"] ?? ""),
            ("https://s3.example.com", environment["WHARF_S3_ENDPOINT"] ?? ""),
        ]
        for (words, others) in replacements {
            #expect(server.contains(words), "the page has no \(words)")
            server = server.replacing(words, with: others)
        }
        return try await Command.nginx(in: folder.path, port: port, http: server)
    }

    @Test func `nginx gives out what has a secure link, and nothing else`() async throws {
        let (port, folder) = (try FreePort.find(), try TemporaryFolder())
        let settings = [
            "WHARF_S3_CDN": "http://127.0.0.1:\(port)", "WHARF_S3_CDN_SIGNING": "nginx",
            "WHARF_S3_CDN_KEY": Self.secret, "WHARF_S3_REDIRECT_LIFETIME": "60s",
        ]
        try await RedirectTests.with(.radosgw, settings) { server, client, environment in
            try await RadosGateway.shared.publish(environment["WHARF_S3_BUCKET"] ?? "")
            let other = SampleBlob(count: 150_000, seed: 31_001)
            for blob in [Self.blob, other] { try await client.push(blob, to: "app") }
            let nginx = try await Self.nginx(environment, port: port, folder)
            let location = try await Self.location(of: Self.blob, client)
            let prefix = environment["WHARF_S3_PREFIX"] ?? ""
            #expect(location.hasPrefix("http://127.0.0.1:\(port)/\(prefix)/blobs/"), "\(location)")
            for _ in 0..<2 { #expect(try await Self.fetch(location) == (200, Self.blob.digest)) }
            let part = SampleBlob(Array(Self.blob.bytes[5..<10]))
            #expect(try await Self.fetch(location, "--range", "5-9") == (206, part.digest))
            // Who has an address of one blob has it for that one, for that time, and for reading.
            let (path, query) = (location.prefix { $0 != "?" }, location.drop { $0 != "?" })
            let otherPath = try await Self.location(of: other, client).prefix { $0 != "?" }
            let end = try #require(query.firstMatch(of: /expires=(\d+)/)).1
            let later = query.replacing(end, with: "\((Int(end) ?? 0) + 1000)")
            for address in ["\(path)", "\(otherPath)\(query)", "\(path)\(later)"] {
                #expect(try await Self.fetch(address).status == 403, "\(address)")
            }
            #expect(try await Self.fetch(location, "--request", "DELETE").status == 403)
            #expect(try await Self.fetch(Self.expired("\(path)")).status == 410)
            #expect(!server.log.contains("md5="), "addresses are not written into the log")
            try #expect(FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/cache").count > 0)
            await nginx.stop()
        }
    }

    /// An address that was good until a moment ago, made by the line in nginx's documentation.
    private static func expired(_ address: String) async throws -> String {
        let path = String(try #require(URL(string: address)?.path))
        let line =
            "printf '%s%s %s' \"$1\" \"$2\" \"$3\" | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d =\\\\n"
        let sum = try await Command("/bin/sh", ["-c", line, "-", "1700000000", path, secret]).output()
        return "\(address)?md5=\(sum)&expires=1700000000"
    }

    @Test func `CloudFront is given an address that its public key verifies`() async throws {
        let folder = try TemporaryFolder()
        let key = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "\(folder.path)/key"]
        try await Command("openssl", key).output()
        let settings = [
            "WHARF_S3_CDN": "https://d111111abcdef8.cloudfront.net", "WHARF_S3_CDN_KEY_ID": "K2JCJMDEHXQW5F",
            "WHARF_S3_CDN_KEY": "file:\(folder.path)/key", "WHARF_S3_REDIRECT_REPOSITORIES": "app",
        ]
        try await RedirectTests.with(.rclone, settings) { _, client, environment in
            for name in ["app", "other"] { try await client.push(Self.blob, to: name) }
            let location = try await Self.location(of: Self.blob, client)
            let host = "https://d111111abcdef8.cloudfront.net"
            #expect(location.hasPrefix("\(host)/\(environment["WHARF_S3_PREFIX"] ?? "")/blobs/"), "\(location)")
            let form =
                #/(.+)\?Expires=(\d+)&Signature=([A-Za-z0-9~_-]+)&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256/#
            let match = try #require(location.wholeMatch(of: form))
            let left = (TimeInterval(String(match.2)) ?? 0) - Date().timeIntervalSince1970
            #expect((1100...1200).contains(left), "20 minutes, and not \(left) seconds")
            let condition = #"{"DateLessThan":{"AWS:EpochTime":\#(match.2)}}"#
            let policy = #"{"Statement":[{"Resource":"\#(match.1)","Condition":\#(condition)}]}"#
            try Data(policy.utf8).write(to: URL(filePath: "\(folder.path)/text"))
            let shell = """
                printf %s "$1" | tr -- '-_~' '+=/' | openssl base64 -d -A > "$0/signature" &&
                openssl pkey -in "$0/key" -pubout -out "$0/public" &&
                openssl dgst -sha256 -verify "$0/public" -signature "$0/signature" "$0/text"
                """
            try await Command("/bin/sh", ["-c", shell, folder.path, String(match.3)]).output()
            try await client.demand("/v2/other/blobs/\(Self.blob.digest)", is: Self.blob.digest)
        }
    }

    @Test(arguments: [
        ("nginx", "short", "s3.cdn-key: The secret that nginx shares has at least 32"),
        ("nginx", "0123456789abcdef0123456789abcdef $uri", "s3.cdn-key: The secret that nginx shares has at least 32"),
        ("cloudfront", "0123456789abcdef", "s3.cdn-key, s3.cdn-key-id: This is no private key that CloudFront"),
    ])
    func `a key that cannot be is said at the start`(_ signing: String, _ key: String, _ words: String) async throws {
        let folder = try TemporaryFolder()
        var environment = try await TestBlobs.rclone.environment(for: folder.path)
        environment["WHARF_S3_REDIRECT"] = "true"
        environment["WHARF_S3_CDN"] = "https://blobs.example.com"
        environment["WHARF_S3_CDN_SIGNING"] = signing
        environment["WHARF_S3_CDN_KEY"] = key
        if signing == "cloudfront" { environment["WHARF_S3_CDN_KEY_ID"] = "K1" }
        let arguments = ["serve", "--data", folder.path, "--listen", "127.0.0.1:0"]
        let result = try await WharfProcess.command(arguments, environment: environment).run()
        #expect(result.status == 1)
        #expect(result.standardError.contains(words), "\(result)")
        #expect(!result.standardError.contains("0123456789"), "\(result)")
    }
}
