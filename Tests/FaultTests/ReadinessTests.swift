import Foundation
import RegistryTesting
import Testing

/// `/readyz` says whether the registry can serve.
@Suite struct ReadinessTests {
    @Test func `a data folder that was moved away is said, and its return too`() async throws {
        let folder = try TemporaryFolder()
        let data = "\(folder.path)/data"
        let server = try await WharfProcess.serve(data)
        let client = try ServerClient(server)
        try await client.send("GET", "/readyz", expecting: 200)
        try FileManager.default.moveItem(atPath: data, toPath: "\(data).away")
        let answer = try await client.send("GET", "/readyz", expecting: 503)
        #expect(answer.text.contains("the blobs cannot be reached"), "\(answer.text)")
        #expect(answer.text.contains(data), "\(answer.text)")
        try await client.send("GET", "/livez", expecting: 200)
        try FileManager.default.moveItem(atPath: "\(data).away", toPath: data)
        try await client.send("GET", "/readyz", expecting: 200)
        #expect(await server.stop() == 0)
    }
}
