import Foundation
import RegistryTesting
import Testing

/// `faulty_store.py` before an S3 server of this machine: a bucket that a test makes bad.
struct FaultyStore {
    /// Where it is, as `s3.endpoint` has it.
    let endpoint: String
    private let process: RunningProcess
    private let http: TestHTTPClient

    /// Starts it before the bucket that the variables of a server name.
    static func start(before environment: [String: String]) async throws -> FaultyStore {
        let script = URL(filePath: #filePath).deletingLastPathComponent().path + "/faulty_store.py"
        let port = try #require(environment["WHARF_S3_ENDPOINT"]?.split(separator: ":").last)
        let process = try Command("/usr/bin/python3", [script, String(port), "\(TestSeed.run)"]).start()
        do {
            try await process.waitUntil("the proxy listens") { process.standardOutput.contains("\n") }
            let listening = process.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
            let http = TestHTTPClient(port: try #require(Int(listening)))
            return FaultyStore(endpoint: "http://127.0.0.1:\(listening)", process: process, http: http)
        } catch {
            await process.stop()
            throw error
        }
    }

    /// Makes so many hundredths of the requests go wrong, in three ways.
    func set(slowDowns: Int, cuts: Int, delays: Int) async throws {
        _ = try await tell("faults/\(slowDowns)/\(cuts)/\(delays)")
    }

    /// How many requests were refused, cut, delayed, and passed on as they were, since the faults were set.
    func counts() async throws -> [Int] {
        try await tell("count").split(separator: " ").compactMap { Int($0) }
    }

    /// Answers nothing more, or only what has another method; the paths of the requests that have hung.
    @discardableResult
    func hang(_ method: String = "ANY") async throws -> Set<String> {
        Set(try await tell("hang/\(method)").split(separator: "\n").map(String.init))
    }

    func stop() async {
        await process.stop()
    }

    private func tell(_ command: String) async throws -> String {
        let answer = try await http.send(TestRequest("POST", "/-/\(command)"))
        try #require(answer.status == 200)
        return answer.text
    }
}
