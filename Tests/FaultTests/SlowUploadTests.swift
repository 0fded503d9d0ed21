import BlobStorage
import Foundation
import Hosting
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// An upload that goes on, however slowly, is none that was abandoned.
@Suite("An upload that goes on slowly")
struct SlowUploadTests {
    private static let abandonedAfter = Duration.seconds(60)

    @Test("Bytes that come every 20 seconds for half an hour: it is not swept, and ends well")
    func slow() async throws {
        let app = try RepositoryName("app")
        let blob = SampleBlob(count: 9000, seed: 1)
        try await TestStores.with { stores in
            let registry = stores.registry()
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            let sweep = UploadSweep(facts: stores.facts, blobs: stores.blobs)
            let steps = stride(from: 0, to: 9000, by: 100).flatMap { start in
                [
                    ScriptedBody.Step.bytes(Array(blob.bytes[start..<start + 100])),
                    .wait {
                        stores.clock.advance(by: .seconds(20))
                        let swept = try? await sweep.run(before: stores.clock.now() - Self.abandonedAfter)
                        #expect(swept == 0, "after \(start + 100) bytes")
                    },
                ]
            }
            let status = try await registry.append(ScriptedBody(steps), to: id, at: 0, in: app)
            #expect(status.offset == 9000)
            _ = try await registry.finishUpload(id, appending: nil, at: nil, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        }
    }

    @Test("Once its bytes have stopped for long enough it is swept, and what comes late is refused")
    func stopped() async throws {
        let app = try RepositoryName("app")
        let blob = SampleBlob(count: 9000, seed: 2)
        try await TestStores.with { stores in
            let registry = stores.registry()
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            let sweep = UploadSweep(facts: stores.facts, blobs: stores.blobs)
            let body = ScriptedBody([
                .bytes(Array(blob.bytes[..<1000])),
                .wait {
                    stores.clock.advance(by: .seconds(61))
                    let swept = try? await sweep.run(before: stores.clock.now() - Self.abandonedAfter)
                    #expect(swept == 1)
                },
                .bytes(Array(blob.bytes[1000...])),
            ])
            await #expect(throws: RegistryError(.uploadUnknown, "")) {
                _ = try await registry.append(body, to: id, at: 0, in: app)
            }
            #expect(try await stores.blobs.list(after: nil, limit: 10).entries == [])
            #expect(try await stores.findings() == [])
        }
    }

    @Test("Bytes that come too slowly for a checkpoint do not let an upload be swept while its client is there")
    func trickling() async throws {
        let app = try RepositoryName("app")
        let blob = SampleBlob(count: 2000, seed: 6)
        try await TestStores.with { stores in
            let host = stores.host()
            let registry = host.registry(for: .tester)
            let sweep = UploadSweep(facts: stores.facts, blobs: stores.blobs) { upload in
                UploadID(upload.id).map { host.isActive($0, in: upload.repository) } ?? false
            }
            let (active, left) = (
                try await registry.startUpload(in: app, algorithm: .sha256).id,
                try await registry.startUpload(in: app, algorithm: .sha256).id
            )
            let body = ScriptedBody([
                .wait {
                    for round in 0..<3 {
                        stores.clock.advance(by: .seconds(3600))
                        let swept = try? await sweep.run(before: stores.clock.now() - Self.abandonedAfter)
                        #expect(swept == (round == 0 ? 1 : 0))
                    }
                },
                .bytes(blob.bytes),
            ])
            _ = try await registry.append(body, to: active, at: 0, in: app)
            _ = try await registry.finishUpload(active, appending: nil, at: nil, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
            await #expect(throws: RegistryError(.uploadUnknown, "")) {
                _ = try await stores.registry().upload(left, in: app)
            }
        }
    }

    @Test("A running server sweeps what was abandoned, with its bytes, and nothing else")
    func realServer() async throws {
        let folder = try TemporaryFolder()
        let blob = SampleBlob(count: 2000, seed: 3)
        let first = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(first)
        let locations = [try await client.start(in: "app"), try await client.start(in: "app")]
        for location in locations { try await client.patch(location, Array(blob.bytes[..<1000]), at: 0) }
        #expect(await first.stop() == 0)
        // The first one looks as if it had been left in 1970.
        let id = try #require(locations[0].split(separator: "/").last)
        try await DatabaseFile(folder.path).change(
            "UPDATE upload SET touched_at = 0 WHERE id = $1",
            [.text(String(id))]
        )
        let environment = ["WHARF_UPLOADS_SWEEP_INTERVAL": "1s", "WHARF_UPLOADS_ABANDONED_AFTER": "1h"]
        let server = try await WharfProcess.serve(folder.path, environment: environment)
        let again = try ServerClient(server)
        try await eventually("the bytes are gone") { uploadedByteCount(in: folder.path) == 1000 }
        try await again.send("GET", locations[0], expecting: 404)
        #expect(try await again.offset(of: locations[1]) == 1000)
        try await again.finish(locations[1], blob.digest, Array(blob.bytes[1000...]))
        #expect(await server.stop() == 0)
        let result = try await WharfProcess.verify(folder.path)
        #expect(result.standardOutput.hasSuffix("0 damaged, 0 left over\n"), "\(result)")
    }

    @Test("A push in one request that breaks leaves nothing, since nobody knows its upload")
    func brokenPost() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(server)
        let blob = SampleBlob(count: 3_000_000, seed: 5)
        let path = "/v2/app/blobs/uploads/?digest=\(blob.digest)"
        try await client.http.withConnection { connection in
            try connection.sendHead(of: TestRequest("POST", path, headers: [("Content-Length", "3000000")]))
            try connection.send(Array(blob.bytes[..<2_000_000]))
            let deadline = ContinuousClock.now + .seconds(20)
            while uploadedByteCount(in: folder.path) == 0 {
                try #require(ContinuousClock.now < deadline, "no byte has come")
            }
            connection.reset()
        }
        try await eventually("its bytes are gone") { uploadedByteCount(in: folder.path) == 0 }
        try await client.push(blob, to: "app")
        #expect(await server.stop() == 0)
        let result = try await WharfProcess.verify(folder.path)
        #expect(result.standardOutput.hasSuffix("0 damaged, 0 left over\n"), "\(result)")
    }

    @Test("Bytes whose row went before them, when the process died between the two, are found and swept")
    func orphaned() async throws {
        let app = try RepositoryName("app")
        let blob = SampleBlob(count: 1000, seed: 4)
        try await TestStores.with { stores in
            let registry = stores.registry()
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            let going = try await registry.startUpload(in: app, algorithm: .sha256).id
            for each in [id, going] { _ = try await registry.append(blob.body(0..<500), to: each, at: 0, in: app) }
            #expect(try await stores.facts.write { try $0.deleteUpload(id.description) })
            let findings = try await stores.findings()
            #expect(findings.map(\.severity) == [.garbage])
            let sweep = UploadSweep(facts: stores.facts, blobs: stores.blobs)
            #expect(try await sweep.run(before: Timestamp(microseconds: 0)) == 0)
            #expect(try await stores.findings() == [])
            let rest = blob.body(500..<1000)
            _ = try await registry.finishUpload(going, appending: rest, at: 500, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        }
    }
}
