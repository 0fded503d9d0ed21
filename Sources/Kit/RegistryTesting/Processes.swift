import Foundation

/// A program to run: what a person would type, and how long it may take.
///
/// Output goes to unlinked temporary files, never through pipes, so a child that writes much cannot block on a parent
/// that does not read yet.
public struct Command: Sendable, CustomStringConvertible {
    /// A path, or a name that is looked up in `PATH`.
    public var executable: String
    /// The arguments after the program's name.
    public var arguments: [String]
    /// Variables set over the caller's own environment; `nil` removes one.
    public var environment: [String: String?]
    /// What the program reads on its standard input.
    public var input: [UInt8]
    /// How long `run` waits before it kills the program and its process group.
    public var timeout: Duration

    /// A command with the defaults of the caller's environment and no input.
    public init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String?] = [:],
        input: [UInt8] = [],
        timeout: Duration = .seconds(60)
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.timeout = timeout
    }

    /// The line that a person would paste into a shell.
    public var description: String {
        ([executable] + arguments).map(Self.quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=@,+%".contains($0) }
        return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }

    /// Runs the program to its end, whatever its status; a program over its time is killed and throws `CommandFailure`.
    public func run() async throws -> CommandResult {
        let process = try start(endsWithTests: false)
        let status: Int32?
        do {
            status = try await process.exit(within: timeout)
        } catch {
            await process.kill()
            throw error
        }
        guard let status else {
            await process.kill()
            throw CommandFailure(command: self, reason: "did not end within \(timeout)", result: process.result(-1))
        }
        return process.result(status)
    }

    /// Runs the program to its end and returns its standard output; any status but 0 throws `CommandFailure`.
    @discardableResult
    public func output() async throws -> String {
        let result = try await run()
        guard result.status == 0 else {
            throw CommandFailure(command: self, reason: "ended with status \(result.status)", result: result)
        }
        return result.standardOutput
    }

    /// Starts the program and returns at once.
    ///
    /// - Parameter endsWithTests: Whether a small guard ends the program when the calling process dies without having
    ///   stopped it: a crashed test run then leaves no daemon behind.
    /// - Returns: The running program.
    /// - Throws: `CommandFailure` when there is no such program, or it cannot be started.
    public func start(endsWithTests: Bool = true) throws -> RunningProcess {
        try RunningProcess(self, endsWithTests: endsWithTests)
    }
}

/// How a program ended and what it wrote.
public struct CommandResult: Sendable, Equatable {
    /// The exit status; 128 and the signal's number for a program that a signal ended.
    public var status: Int32
    /// The bytes of standard output, read as UTF-8.
    public var standardOutput: String
    /// The bytes of standard error, read as UTF-8.
    public var standardError: String
}

/// A program that could not be started, failed, or took too long; its description shows all that it wrote.
public struct CommandFailure: Error, CustomStringConvertible {
    /// What was run.
    public var command: Command
    /// What went wrong, as the end of a sentence that the command begins.
    public var reason: String
    /// What the program wrote, where it ran.
    public var result: CommandResult?

    /// The command, the reason, and the output.
    public var description: String {
        let written = [result?.standardOutput, result?.standardError].compactMap { $0 }.filter { !$0.isEmpty }
        return (["\(command) \(reason)"] + written).joined(separator: "\n")
    }
}
