import Foundation
import Glibc

/// The machine whose files are read: who asks, which variables are set, where the folders lie.
///
/// What container tools decide by their environment is a parameter here, so that nothing below looks at the process.
public struct Machine: Sendable {
    /// The variables of the environment.
    public var environment: [String: String]
    /// The home folder, without a slash at its end.
    public var home: String
    /// What stands before `/etc` and `/run`; empty for the machine itself.
    public var root: String
    /// The number of the user, which podman's folder under `/run` has for its name.
    public var userID: UInt32

    /// States a machine.
    public init(environment: [String: String], home: String, root: String = "", userID: UInt32 = 0) {
        self.environment = environment
        self.home = home
        self.root = root
        self.userID = userID
    }

    /// This machine, as the process sees it.
    public static var current: Machine {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return Machine(
            environment: environment,
            home: home ?? FileManager.default.homeDirectoryForCurrentUser.path,
            userID: getuid()
        )
    }

    /// A variable that is set and not empty.
    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `$XDG_CONFIG_HOME`, or `~/.config`.
    var configurationFolder: String { variable("XDG_CONFIG_HOME") ?? home + "/.config" }

    /// `$DOCKER_CONFIG`, or `~/.docker`.
    var dockerFolder: String { variable("DOCKER_CONFIG") ?? home + "/.docker" }

    /// The first program of that name in `$PATH` that may be run; nil where there is none.
    ///
    /// A folder that depends on where one stands is passed over.
    func program(_ name: String) -> String? {
        let folders = (variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }.first { path in
            FileFacts(path).map { $0.isRegular } == true && access(path, X_OK) == 0
        }
    }
}
