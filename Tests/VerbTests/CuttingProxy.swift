import Foundation
import RegistryTesting
import Testing

/// A proxy in front of a registry, which counts bytes and cuts connections: `cutting_proxy.py`.
struct CuttingProxy {
    /// Bytes that went through.
    struct Counts: Equatable {
        /// To the registry.
        var up: Int64
        /// From the registry.
        var down: Int64
    }

    private let process: RunningProcess
    /// Host and port of the proxy.
    let authority: String

    /// Runs `body` with a proxy.
    ///
    /// - Parameters:
    ///   - server: Host and port of the registry.
    ///   - cuts: How many connections are cut.
    ///   - span: Within how many bytes they are cut.
    ///   - rate: How many bytes go by in a second, in each direction.
    ///   - mark: After how many bytes `waitUntilMarked` returns.
    ///   - seed: What decides where connections are cut.
    ///   - body: What is done meanwhile.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, and `CommandFailure` when there is no proxy.
    static func with<Value>(
        before server: String,
        cuts: Int = 0,
        within span: Int64 = 1,
        rate: Int64 = 64 << 20,
        mark: Int64 = .max,
        seed: UInt64 = TestSeed.run,
        _ body: (CuttingProxy) async throws -> Value
    ) async throws -> Value {
        let script = URL(filePath: #filePath).deletingLastPathComponent().path + "/cutting_proxy.py"
        let port = String(server.split(separator: ":").last ?? "")
        let numbers = ["\(seed)", "\(cuts)", "\(span)", "\(rate)", "\(mark)"]
        let process = try Command("/usr/bin/python3", [script, port] + numbers).start()
        do {
            try await process.waitUntil("the proxy listens") { process.standardOutput.contains("\n") }
            let own = process.standardOutput.prefix { $0 != "\n" }
            let value = try await body(CuttingProxy(process: process, authority: "127.0.0.1:\(own)"))
            await process.kill()
            return value
        } catch {
            await process.kill()
            throw error
        }
    }

    private var lines: [Substring] { process.standardOutput.split(separator: "\n") }

    /// How many connections were cut so far.
    var cutCount: Int { lines.count { $0.hasPrefix("cut ") } }

    /// What it said, for a test's failure message.
    var log: String { process.standardOutput + process.standardError }

    /// Returns when so many bytes have gone by as the mark says.
    func waitUntilMarked() async throws {
        try await process.waitUntil("so many bytes have gone by", within: .seconds(60)) { lines.contains("reached") }
    }

    /// Lets nothing by until it is called again.
    func turn() async throws {
        func count() -> Int { lines.count { $0 == "shut" || $0 == "opened" } }
        let before = count()
        process.signal(SIGUSR2)
        try await process.waitUntil("it has shut or opened the way") { count() > before }
    }

    /// The bytes so far.
    func counts() async throws -> Counts {
        let before = lines.count { $0.hasPrefix("counted ") }
        process.signal(SIGUSR1)
        try await process.waitUntil("it says its counts") { lines.count { $0.hasPrefix("counted ") } > before }
        let last = lines.last { $0.hasPrefix("counted ") }
        let numbers = (last ?? "").split(separator: " ").compactMap { Int64($0) }
        try #require(numbers.count == 2, "\(log)")
        return Counts(up: numbers[0], down: numbers[1])
    }
}
