import Foundation
import RegistryTesting

/// skopeo, umoci, buildah and podman of Debian, with a store of their own below one temporary folder.
///
/// What needs a daemon is among the end-to-end tests.
struct Engines {
    let folder: TemporaryFolder
    private let environment: [String: String?]

    init() throws {
        folder = try TemporaryFolder()
        let path = folder.path
        for name in ["home", "run", "tmp"] {
            try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        }
        try """
        [storage]
        driver = "vfs"
        graphroot = "\(path)/store"
        runroot = "\(path)/run/store"

        """.write(to: "\(path)/storage.conf")
        try """
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "none"
        lock_type = "file"
        tmp_dir = "\(path)/run/libpod"

        """.write(to: "\(path)/containers.conf")
        environment = [
            "HOME": "\(path)/home", "XDG_RUNTIME_DIR": "\(path)/run", "TMPDIR": "\(path)/tmp",
            "CONTAINERS_CONF": "\(path)/containers.conf", "CONTAINERS_STORAGE_CONF": "\(path)/storage.conf",
            "REGISTRY_AUTH_FILE": nil, "DOCKER_CONFIG": nil,
        ]
    }

    /// A path in the folder.
    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    /// Runs a tool, by its whole path so that it is Debian's; returns what it says.
    @discardableResult
    func run(_ tool: String, _ arguments: String...) async throws -> String {
        let command = Command("/usr/bin/\(tool)", arguments, environment: environment, timeout: .seconds(120))
        return try await command.output()
    }
}
