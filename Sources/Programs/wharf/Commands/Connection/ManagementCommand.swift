import AdminClient
import AdminModel
import ArgumentParser
import Glibc
import OCI

/// A command that is done by the management of a server.
protocol ManagementCommand: AsyncParsableCommand {
    /// Which server, and as whom.
    var connection: ConnectionOptions { get }

    /// The server that a name among the arguments begins with; nil where none does.
    var host: RegistryHost? { get throws }

    /// Does it.
    func run(with client: AdminClient) async throws
}

extension ManagementCommand {
    var host: RegistryHost? { nil }

    func run() async throws {
        // A reader of our output that has enough, such as head(1), is no failure.
        signal(SIGPIPE, SIG_IGN)
        try await AdminClient.withClient(try await connection.configuration(of: try host)) { try await run(with: $0) }
    }

    /// Reads something, changes it if it is still as it was read, and begins again where somebody else was faster.
    func changing<Value>(_ attempt: () async throws -> Value) async throws -> Value {
        for _ in 1..<Self.attemptsMax {
            do {
                return try await attempt()
            } catch let failure as AdminFailure where failure.code == .changed {}
        }
        return try await attempt()
    }

    /// How often a change is tried at most.
    private static var attemptsMax: Int { 10 }
}
