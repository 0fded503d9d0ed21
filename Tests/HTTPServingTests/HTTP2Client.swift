import Foundation
import HTTPServing
import RegistryTesting
import Testing

/// A client of HTTP/2 that does what the steps of `http2_client.py` say, and tells what it saw, a line for each frame.
struct HTTP2Client {
    let process: RunningProcess

    /// Connects to a server and begins with the steps.
    init(_ server: TestServer, _ steps: [String]) throws {
        let script = "\(TestScripts.folder)/http2_client.py"
        process = try Command("/usr/bin/python3", [script, "\(server.server.port)"] + steps).start()
    }

    /// What it has seen so far.
    var seen: String { process.standardOutput }

    /// All lines, when it has ended.
    func lines() async throws -> [String] {
        #expect(try await process.exit(within: .seconds(60)) == 0, "\(process.standardError)")
        return seen.split(separator: "\n").map(String.init)
    }
}

/// Where the programs beside these tests are.
enum TestScripts {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().path
}
