import Foundation

/// The built `wharf serve` as a process of its own, on loopback, over a data folder that outlives it.
///
/// The binary is the one beside the test bundle, so a test runs what was built with it.
public final class WharfProcess: Sendable {
    /// The address of its ready line, such as `http://127.0.0.1:41231`.
    public let address: String
    /// Host and port, as clients write them before a repository's name.
    public let authority: String
    /// The process itself, for its output, its status, and signals.
    public let process: RunningProcess

    private init(address: String, process: RunningProcess) {
        self.address = address
        self.authority = address.components(separatedBy: "://").last ?? address
        self.process = process
    }

    /// Starts `wharf serve` and returns when its ready line is there.
    ///
    /// - Parameters:
    ///   - data: The data folder, kept when the process ends.
    ///   - listen: Host and port; a free port of 127.0.0.1 when `nil`.
    ///   - arguments: More flags for `serve`.
    ///   - environment: Variables over the caller's own, whose `WHARF_…` variables are not passed on.
    ///   - limit: How long the ready line may take.
    /// - Returns: The server, ready to answer.
    /// - Throws: `CommandFailure` with all that it wrote, when it ends or is not ready in time.
    public static func start(
        data: String,
        listen: String? = nil,
        arguments: [String] = [],
        environment: [String: String] = [:],
        readyWithin limit: Duration = .seconds(20)
    ) async throws -> WharfProcess {
        let listen = try listen ?? "127.0.0.1:\(FreePort.find())"
        let serve = ["serve", "--data", data, "--listen", listen]
        let database = try await TestDatabase.current.environment(for: data)
        let blobs = try await TestBlobs.current.environment(for: data)
        let variables = database.merging(blobs) { $1 }.merging(environment) { $1 }
        let process = try command(serve + arguments, environment: variables).start()
        do {
            try await process.waitUntil("wharf said that it is ready", within: limit) {
                readyAddress(in: process) != nil
            }
        } catch {
            await process.kill()
            throw error
        }
        return WharfProcess(address: readyAddress(in: process) ?? "http://\(listen)", process: process)
    }

    /// A command of the built binary, such as `storage verify`, without the caller's `WHARF_…` variables.
    public static func command(_ arguments: [String], environment: [String: String] = [:]) -> Command {
        var variables: [String: String?] = [:]
        for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("WHARF_") {
            variables.updateValue(nil, forKey: name)
        }
        for (name, value) in environment { variables.updateValue(value, forKey: name) }
        return Command(binary, arguments, environment: variables)
    }

    /// Ends it with SIGTERM; the exit status, or `nil` when it did not end within `limit` and was killed.
    @discardableResult
    public func stop(within limit: Duration = .seconds(15)) async -> Int32? {
        await process.stop(within: limit)
    }

    /// Ends it with SIGKILL, as a crash would, and waits until it is gone.
    public func kill() async {
        await process.kill()
    }

    /// All that it wrote, for a test's failure message.
    public var log: String { process.standardOutput + process.standardError }

    /// The path of the binary that was built with these tests.
    public static var binary: String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("wharf").path
    }

    private static func readyAddress(in process: RunningProcess) -> String? {
        let ready = "wharf: ready on "
        for text in [process.standardOutput, process.standardError] {
            // What follows the last line's end may be half a line.
            let whole = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = whole.first(where: { $0.hasPrefix(ready) }) { return String(line.dropFirst(ready.count)) }
        }
        return nil
    }
}
