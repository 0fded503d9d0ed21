import Foundation
import NIOHTTP1
import NetworkAddress
import RegistryTesting
import Testing

@testable import HTTPServing

/// Registries behind a proxy that ends TLS, that are not told their name.
@Suite(.serialized) struct ProxyTests {
    private static func withNginx(_ body: (Nginx) async throws -> Void) async throws {
        let folders = (try TemporaryFolder(), try TemporaryFolder())
        let plain = try await WharfProcess.start(data: folders.0.path)
        let prefixed = try await WharfProcess.start(data: folders.1.path, arguments: ["--path-prefix", "/registry"])
        let nginx = try await Nginx.start(before: plain, prefixed: prefixed)
        try await body(nginx)
        await nginx.process.stop()
        #expect(await plain.stop() == 0)
        #expect(await prefixed.stop() == 0)
    }

    @Test(arguments: ["", "/stripped", "/registry"])
    func `a push and a pull find their way by the Locations alone`(prefix: String) async throws {
        let image = SampleImage(seed: 21, layerSize: 3_000_000)
        try await Self.withNginx { nginx in
            for blob in image.blobs {
                let begun = try await nginx.send("POST", "\(prefix)/v2/app/blobs/uploads/", body: [])
                #expect(begun.status == 202)
                let location = try #require(begun.headers["location"])
                #expect(location.hasPrefix("\(prefix)/v2/app/blobs/uploads/"))
                let sent = try await nginx.send("PATCH", location, body: blob.bytes)
                #expect(sent.status == 202)
                let next = try #require(sent.headers["location"])
                let done = try await nginx.send("PUT", "\(next)?digest=\(blob.digest)", body: [])
                #expect(done.status == 201)
                #expect(done.headers["location"] == "\(prefix)/v2/app/blobs/\(blob.digest)")
            }
            for tag in ["1", "2"] {
                let manifest = image.manifest
                let pushed = try await nginx.send(
                    "PUT",
                    "\(prefix)/v2/app/manifests/\(tag)",
                    type: manifest.mediaType,
                    body: manifest.bytes
                )
                #expect(pushed.status == 201)
                #expect(pushed.headers["location"] == "\(prefix)/v2/app/manifests/\(tag)")
            }
            #expect(try await nginx.send("GET", "\(prefix)/v2/app/manifests/1").body == Data(image.manifest.bytes))
            let layer = try await nginx.send("GET", "\(prefix)/v2/app/blobs/\(image.layer.digest)")
            #expect(layer.body == Data(image.layer.bytes))
            let page = try await nginx.send("GET", "\(prefix)/v2/app/tags/list?n=1")
            let link = try #require(page.headers["link"]?.firstMatch(of: #/<(.*)>; rel="next"/#)?.1)
            #expect(link.hasPrefix("\(prefix)/v2/app/tags/list?"))
            let rest = try await nginx.send("GET", String(link))
            #expect(String(decoding: rest.body, as: UTF8.self).contains(#""tags":["2"]"#))
        }
    }

    @Test func `skopeo pushes and pulls`() async throws {
        let image = SampleImage(seed: 22, layerSize: 2_000_000)
        let folder = try TemporaryFolder()
        let layout = try Layout(image, in: "\(folder.path)/layout")
        try await Self.withNginx { nginx in
            let there = "docker://127.0.0.1:\(nginx.port)/deep/app:1"
            let options = ["--insecure-policy", "copy", "--preserve-digests"]
            try await Command(
                "/usr/bin/skopeo",
                options + ["--dest-tls-verify=false", "oci:\(layout.path):1", there]
            ).output()
            let back = "\(folder.path)/back"
            try await Command(
                "/usr/bin/skopeo",
                options + ["--src-tls-verify=false", there, "oci:\(back):1"]
            ).output()
            for digest in [image.manifest.digest, image.layer.digest, image.config.digest] {
                let file = "blobs/sha256/\(digest.dropFirst(7))"
                let came = try Data(contentsOf: URL(filePath: "\(back)/\(file)"))
                #expect(came == (try Data(contentsOf: URL(filePath: "\(layout.path)/\(file)"))), "\(digest)")
            }
        }
    }

    @Test func `only a trusted proxy is believed about the address of a client`() async throws {
        for (trusted, expected) in [("127.0.0.0/8,203.0.113.0/24", "198.51.100.7"), ("10.0.0.0/8", "127.0.0.1")] {
            let folder = try TemporaryFolder()
            let wharf = try await WharfProcess.start(
                data: folder.path,
                arguments: ["--http-trusted-proxies", trusted, "--log-format", "json"]
            )
            let port = try #require(wharf.authority.split(separator: ":").last.flatMap { Int($0) })
            let answer = try await TestHTTPClient(port: port).send(
                TestRequest("GET", "/v2/", headers: [("X-Forwarded-For", "192.0.2.1, 198.51.100.7, 203.0.113.9")])
            )
            #expect(answer.status == 200)
            try await wharf.process.waitUntil("the request is logged") { wharf.log.contains("GET /v2/") }
            #expect(wharf.log.contains(#""client":"\#(expected)""#), "\(wharf.log)")
            await wharf.stop()
        }
    }
}

/// An image as a folder in OCI's layout.
private struct Layout {
    let path: String

    init(_ image: SampleImage, in path: String) throws {
        self.path = path
        let blobs = URL(filePath: "\(path)/blobs/sha256")
        try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: true)
        let contents = image.blobs.map { ($0.digest, $0.bytes) } + [(image.manifest.digest, image.manifest.bytes)]
        for (digest, bytes) in contents { try Data(bytes).write(to: blobs.appending(path: digest.dropFirst(7))) }
        let name = #","annotations":{"org.opencontainers.image.ref.name":"1"}"#
        let index = #"{"schemaVersion":2,"manifests":[\#(image.manifest.descriptor(extra: name))]}"#
        try Data(index.utf8).write(to: URL(filePath: "\(path)/index.json"))
        try Data(#"{"imageLayoutVersion":"1.0.0"}"#.utf8).write(to: URL(filePath: "\(path)/oci-layout"))
    }
}

@Suite struct TrustedProxiesTests {
    /// Trusted proxies, the peer, what `X-Forwarded-For` says, and whose address counts.
    struct Case: Sendable {
        var trusted: [String]
        var peer: String
        var forwarded: [String]
        var client: String
    }

    @Test(arguments: [
        Case(trusted: [], peer: "192.0.2.1", forwarded: ["198.51.100.1"], client: "192.0.2.1"),
        Case(trusted: ["192.0.2.0/24"], peer: "192.0.2.1", forwarded: [], client: "192.0.2.1"),
        Case(trusted: ["192.0.2.0/24"], peer: "192.0.2.1", forwarded: ["198.51.100.1"], client: "198.51.100.1"),
        Case(trusted: ["192.0.2.0/24"], peer: "192.0.3.1", forwarded: ["198.51.100.1"], client: "192.0.3.1"),
        Case(trusted: ["192.0.2.1"], peer: "192.0.2.1", forwarded: ["a, 198.51.100.1"], client: "198.51.100.1"),
        Case(trusted: ["192.0.2.1"], peer: "192.0.2.1", forwarded: ["198.51.100.1, a"], client: "192.0.2.1"),
        Case(trusted: ["192.0.2.1"], peer: "192.0.2.1", forwarded: ["198.51.100.1/8"], client: "192.0.2.1"),
        Case(
            trusted: ["10.0.0.0/8"],
            peer: "10.1.1.1",
            forwarded: ["8.8.8.8", "9.9.9.9, 10.2.2.2"],
            client: "9.9.9.9"
        ),
        Case(trusted: ["10.0.0.0/8"], peer: "10.1.1.1", forwarded: ["10.3.3.3, 10.2.2.2"], client: "10.3.3.3"),
        Case(trusted: ["::1"], peer: "::1", forwarded: ["2001:db8::7"], client: "2001:db8::7"),
        Case(trusted: ["2001:db8::/33"], peer: "2001:db8:8000::1", forwarded: ["::2"], client: "2001:db8:8000::1"),
        Case(trusted: ["127.0.0.0/8"], peer: "::ffff:127.0.0.1", forwarded: ["198.51.100.1"], client: "198.51.100.1"),
        Case(trusted: ["0.0.0.0/0"], peer: "unknown", forwarded: ["198.51.100.1"], client: "unknown"),
    ])
    func `the nearest address that is no trusted proxy's is the client's`(sample: Case) async throws {
        let proxies = TrustedProxies(try sample.trusted.map { try #require(AddressBlock($0)) })
        let headers = HTTPHeaders(sample.forwarded.map { ("X-Forwarded-For", $0) })
        #expect(proxies.clientAddress(peer: sample.peer, headers: headers) == sample.client)
    }
}
