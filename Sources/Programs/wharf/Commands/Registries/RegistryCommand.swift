import ArgumentParser
import Glibc

/// A command that speaks to registries, or reads images in files.
protocol RegistryCommand: AsyncParsableCommand {
    /// How registries are reached.
    var connection: RegistryOptions { get }

    /// Does it.
    func run(with registries: Registries) async throws
}

extension RegistryCommand {
    func run() async throws {
        // A reader of our output that has enough, such as head(1), is no failure.
        signal(SIGPIPE, SIG_IGN)
        // Values of the parser are not Sendable; only the one task below touches it, and it is waited for.
        nonisolated(unsafe) let command = self
        try await Interruption.ending {
            try await Registries.with(command.connection) { registries in
                do {
                    try await command.run(with: registries)
                } catch {
                    // A name that was mistyped may be why a certificate was not believed; of what came before any
                    // request, it is not.
                    let isLate = error is ExitCode || [.unreachable, .partly].contains(ExitStatus(of: error))
                    if isLate { registries.remarkUnaskedRegistries() }
                    throw error
                }
                registries.remarkUnaskedRegistries()
            }
        }
    }
}

/// Ctrl-C and SIGTERM, which end a command so that nothing half-made is left.
enum Interruption: Error, ExitStatusError, CustomStringConvertible {
    /// One of those came.
    case came

    var exitStatus: ExitStatus { .interrupted }
    var description: String {
        "Interrupted. Nothing half-made is left; the same command goes on where this one stopped."
    }

    /// Runs `body`, and cancels it when one of the signals comes; a second one ends the program at once.
    static func ending<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            let stops = Signals.stops()
            group.addTask {
                for await _ in stops { break }
                guard !Task.isCancelled else { return nil }
                Task.detached {
                    for await _ in stops { Glibc.exit(ExitStatus.interrupted.rawValue) }
                }
                throw Interruption.came
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let value = ended { return value }
            }
            throw Interruption.came
        }
    }
}
