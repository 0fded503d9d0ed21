import Foundation
import RegistryTesting
import Testing

/// What a client may ask for is counted for its own address, also behind a proxy, and for no address that it makes up.
@Suite(.serialized) struct ProxyLimitTests {
    private static let image = SampleImage(seed: 23)
    private static let path = "/v2/app/manifests/1"

    /// Runs `body` with a registry that trusts the proxy before it, whose address is 127.0.0.1.
    private static func with(
        _ arguments: [String],
        _ body: (Nginx, WharfProcess) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let wharf = try await WharfProcess.start(
            data: folder.path,
            arguments: ["--http-trusted-proxies", "127.0.0.1"] + arguments
        )
        let nginx = try await Nginx.start(before: wharf, prefixed: wharf)
        try await body(nginx, wharf)
        await nginx.process.stop()
        #expect(await wharf.stop() == 0)
    }

    private static func push(through nginx: Nginx) async throws {
        for blob in image.blobs {
            let target = "/v2/app/blobs/uploads/?digest=\(blob.digest)"
            #expect(try await nginx.send("POST", target, body: blob.bytes, from: "127.0.0.9").status == 201)
        }
        let manifest = image.manifest
        let pushed = try await nginx.send(
            "PUT",
            path,
            type: manifest.mediaType,
            body: manifest.bytes,
            from: "127.0.0.9"
        )
        #expect(pushed.status == 201)
    }

    @Test func `each client behind the proxy has its own pulls, whatever it says of its address`() async throws {
        try await Self.with(["--limits-pulls-anonymous", "2/h"]) { nginx, wharf in
            try await Self.push(through: nginx)
            for client in ["127.0.0.2", "127.0.0.3"] {
                for remaining in [1, 0] {
                    let answer = try await nginx.send("GET", Self.path, from: client)
                    #expect(answer.status == 200)
                    #expect(answer.headers["ratelimit-limit"] == "2;w=3600")
                    #expect(answer.headers["ratelimit-remaining"] == "\(remaining);w=3600")
                    #expect(answer.headers["docker-ratelimit-source"] == client)
                }
                let forgeries = [nil, "198.51.100.1", "127.0.0.1", "198.51.100.1, 127.0.0.1", "2001:db8::1"]
                for forwarded in forgeries {
                    let answer = try await nginx.send("GET", Self.path, from: client, forwarded: forwarded)
                    #expect(answer.status == 429, "\(forwarded ?? "nothing")")
                    #expect(answer.headers["docker-ratelimit-source"] == client)
                    #expect((answer.headers["retry-after"].flatMap { Int($0) } ?? 0) > 3500)
                    #expect(String(decoding: answer.body, as: UTF8.self).contains("TOOMANYREQUESTS"))
                }
            }
            // Past the proxy nobody is believed.
            for (number, status) in [200, 200, 429, 429].enumerated() {
                let answer = try await nginx.send(
                    "GET",
                    Self.path,
                    from: "127.0.0.4",
                    forwarded: "198.51.100.\(number)",
                    to: wharf.address
                )
                #expect(answer.status == status)
                #expect(answer.headers["docker-ratelimit-source"] == "127.0.0.4")
            }
            let metrics = try await nginx.send("GET", "/metrics", to: wharf.address)
            let page = String(decoding: metrics.body, as: UTF8.self)
            #expect(page.contains(#"wharf_limited_requests_total{limit="pulls-anonymous"} 12"#))
        }
    }

    @Test func `who may use the server is asked of the client's address`() async throws {
        try await Self.with(["--http-allowed-addresses", "127.0.0.2,203.0.113.0/24"]) { nginx, wharf in
            for (client, forwarded, status) in [
                ("127.0.0.2", nil, 200), ("127.0.0.3", nil, 403), ("127.0.0.3", "127.0.0.2", 403),
                ("127.0.0.2", "198.51.100.1", 200),
            ] {
                let answer = try await nginx.send("GET", "/v2/", from: client, forwarded: forwarded)
                #expect(answer.status == status, "\(client) \(forwarded ?? "")")
            }
            let direct = try await nginx.send(
                "GET",
                "/v2/",
                from: "127.0.0.3",
                forwarded: "203.0.113.1",
                to: wharf.address
            )
            #expect(direct.status == 403)
            #expect(String(decoding: direct.body, as: UTF8.self).contains("DENIED"))
            for (path, status) in [("/livez", 200), ("/readyz", 200), ("/metrics", 403), ("/v2/", 403)] {
                #expect(try await nginx.send("GET", path, to: wharf.address).status == status, "\(path)")
            }
        }
    }
}
