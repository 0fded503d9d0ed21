import DistributionAPI
import Hosting
import Logging
import Metadata
import Testing

@testable import RegistryTesting

/// What a client is answered where a quota is used up.
@Suite struct QuotaAnswerTests {
    /// Runs `body` with a registry of which one project has a quota.
    private func with(
        _ limits: QuotaLimits,
        _ body: (any RegistryHarness, TestStores) async throws -> Void
    ) async throws {
        try await TestStores.with { stores in
            _ = try await stores.facts.write { facts in
                let set = try facts.setQuota(of: .project("team"), to: limits, warnPercent: 80)
                return try facts.countQuota(set.id, limit: 10)
            }
            let responder = DistributionResponder(
                registries: stores.host(),
                options: DistributionResponder.Options(),
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            try await body(ResponderHarness(responder: responder), stores)
        }
    }

    private func put(_ blob: SampleBlob, _ harness: any RegistryHarness, to name: String) async throws -> TestResponse {
        try await harness.send(
            TestRequest(
                "POST",
                "/v2/\(name)/blobs/uploads/?digest=\(blob.digest)",
                headers: [("Content-Type", "application/octet-stream"), ("Content-Length", "\(blob.bytes.count)")],
                body: blob.bytes
            )
        )
    }

    @Test(arguments: [1001, 2 << 20])
    func `a blob that is too much is 403 DENIED with the numbers, and leaves no upload`(byteCount: Int) async throws {
        try await with(QuotaLimits(bytes: 1000)) { harness, stores in
            let answer = try await put(SampleBlob(count: byteCount, seed: 1), harness, to: "team/app")
            #expect(answer.status == 403, "\(answer.text)")
            #expect(answer.text.contains(#""code":"DENIED""#))
            #expect(answer.text.contains("the quota of the project team is used up: 0 bytes of 1000 bytes are used"))
            #expect(try await stores.facts.read { try $0.uploads(after: nil, limit: 9) } == [])
            #expect(try await put(SampleBlob(count: 1000, seed: 2), harness, to: "team/app").status == 201)
            #expect(try await put(SampleBlob(count: byteCount, seed: 1), harness, to: "other/app").status == 201)
        }
    }

    @Test func `a tag that is too much is 403 DENIED, and the manifest is not there`() async throws {
        try await with(QuotaLimits(tags: 1)) { harness, _ in
            let image = SampleImage(seed: 1)
            for blob in image.blobs { #expect(try await put(blob, harness, to: "team/app").status == 201) }
            func push(_ tag: String) async throws -> TestResponse {
                try await harness.send(
                    TestRequest(
                        "PUT",
                        "/v2/team/app/manifests/\(tag)",
                        headers: [("Content-Type", image.manifest.mediaType)],
                        body: image.manifest.bytes
                    )
                )
            }
            #expect(try await push("a").status == 201)
            #expect(try await push("a").status == 201)
            let answer = try await push("b")
            #expect(answer.status == 403 && answer.text.contains("1 tags of 1 tags are used"), "\(answer.text)")
            #expect(try await harness.send(TestRequest("GET", "/v2/team/app/manifests/b")).status == 404)
        }
    }
}
