import AWS
import AdminClient
import AdminModel
import ArgumentParser
import ImageLayout
import Imaging
import Outgoing
import RegistryContract
import Settings
import Transfer

/// The exit codes of the program: a pipeline may stand on them, so they never change their meaning.
enum ExitStatus: Int32, CaseIterable {
    /// All was done.
    case success = 0
    /// It failed, for a reason that no other code has.
    case failure = 1
    /// Some of it was done, and some failed, which standard error names.
    case partly = 2
    /// What was asked for is not there.
    case notFound = 3
    /// A login is needed, was wrong, or does not suffice.
    case notAllowed = 4
    /// The other side could not be reached, or not be trusted.
    case unreachable = 5
    /// Not now: a limit, or a registry that is busy; the same command may succeed later.
    case later = 6
    /// Two things that were compared differ, where the command was asked to say so by its code.
    case different = 7
    /// The command line cannot be understood (EX_USAGE of sysexits.h).
    case usage = 64
    /// Ctrl-C, or SIGTERM: 128 and the number of SIGINT.
    case interrupted = 130

    /// What an error means to a pipeline.
    init(of error: any Error) {
        self =
            switch error {
            case let error as any ExitStatusError: error.exitStatus
            // A file that cannot be written is no want of a login, and waiting mends no disk.
            case let error as RegistryError where error.underlying is FileProblem: .failure
            case let error as RegistryError:
                // Why a registry could not be asked says more than that it could not.
                (error.underlying as? OutgoingError).map { Self(code: $0.code) } ?? Self(code: error.code)
            case let error as OutgoingError: Self(code: error.code)
            case let error as AdminFailure: Self(code: error.code)
            case let error as TransferError: Self(of: error.underlying)
            case let error as SettingsError: error.isOfFlagsAlone ? .usage : .failure
            case let error as ExitCode: Self(rawValue: error.rawValue) ?? .failure
            case is CancellationError: .interrupted
            default: .failure
            }
    }

    private init(code: RegistryError.Code) {
        self =
            switch code {
            case .blobUnknown, .manifestUnknown, .nameUnknown, .uploadUnknown: .notFound
            case .unauthorized, .denied: .notAllowed
            case .tooManyRequests, .unavailable: .later
            default: .failure
            }
    }

    private init(code: AWSError.Code) {
        self =
            switch code {
            case .noCredentials, .denied, .credentialsExpired, .credentialsRefused: .notAllowed
            case .unavailable: .later
            default: .failure
            }
    }

    private init(code: OutgoingError.Code) {
        self =
            switch code {
            case .nameNotFound, .refused, .unreachable, .timedOut, .tls, .proxy, .connectionLost: .unreachable
            case .cancelled: .interrupted
            default: .failure
            }
    }

    private init(code: Problem.Code) {
        self =
            switch code {
            case .unauthenticated, .denied: .notAllowed
            case .notFound: .notFound
            case .tooMany, .unavailable: .later
            case .noServer, .tls, .noAnswer: .unreachable
            default: .failure
            }
    }

    /// For the documentation.
    var meaning: String {
        switch self {
        case .success: "All was done."
        case .failure: "It failed, for a reason that no other code has."
        case .partly: "Some of it was done and some failed; standard error names what."
        case .notFound: "What was asked for is not there."
        case .notAllowed: "A login is needed, was wrong, or does not suffice."
        case .unreachable: "The other side could not be reached, or not be trusted."
        case .later: "Not now: a limit, or a registry that is busy. The same command may succeed later."
        case .different: "Two things that were compared differ, where the command was asked to say so by its code."
        case .usage: "The command line cannot be understood."
        case .interrupted: "Ctrl-C or SIGTERM."
        }
    }
}

/// An error that knows its exit code.
protocol ExitStatusError: Error {
    /// The code.
    var exitStatus: ExitStatus { get }
}

extension SettingsError {
    /// Whether all that is wrong was typed as flags.
    fileprivate var isOfFlagsAlone: Bool {
        problems.allSatisfy { problem in
            guard case .flag? = problem.origin else { return false }
            return [.unknownKey, .wrongValue, .wrongArgument].contains(problem.code)
        }
    }
}
