import Foundation
import RegistryTesting

/// The registry, the daemons and the folders of one run.
///
/// Everything lives below one temporary folder: no store, socket or configuration of the person who runs the tests is
/// read or written.
final class Parties: Sendable {
    @TaskLocal static var lent: Parties?

    /// The parties of the suite that runs.
    static var current: Parties {
        get throws {
            guard let lent else { throw InteropFailure(description: "no suite with the trait .withParties is running") }
            return lent
        }
    }

    let folder: String
    let registry: ServedRegistry
    let docker: DockerDaemon
    let containerd: ContainerdDaemon
    let images: TestImages
    let pushes = Pushes()

    private init(
        folder: String,
        registry: ServedRegistry,
        docker: DockerDaemon,
        containerd: ContainerdDaemon,
        images: TestImages
    ) {
        self.folder = folder
        self.registry = registry
        self.docker = docker
        self.containerd = containerd
        self.images = images
    }

    /// `host:port/name:tag` for a repository of the registry under test.
    func reference(_ name: String, tag: String = "1") -> String { "\(registry.authority)/\(name):\(tag)" }

    /// A path in the run's folder that nothing has used yet.
    func fresh(_ name: String) -> String { "\(folder)/\(name)-\(UUID().uuidString.prefix(8).lowercased())" }

    /// A client's command, kept away from the configuration of the person who runs the tests.
    func command(_ tool: Tool, _ arguments: [String], timeout: Duration = .seconds(60)) -> Command {
        Command(tool.path, arguments, environment: Self.environment(folder), timeout: timeout)
    }

    static func start() async throws -> Parties {
        try Tool.requireAll()
        let folder =
            FileManager.default.temporaryDirectory.path + "/wharf-interop-" + UUID().uuidString.prefix(8).lowercased()
        for name in ["home", "tmp", "run"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        var started: [RunningProcess] = []
        var served: ServedRegistry?
        do {
            let images = try await TestImages.make(in: folder)
            try containersConfiguration(folder).write(
                toFile: "\(folder)/containers.conf",
                atomically: true,
                encoding: .utf8
            )
            let registry = try await ServedRegistry.start(in: "\(folder)/registry")
            served = registry
            let docker = try DockerDaemon(in: "\(folder)/docker", environment: environment(folder))
            started.append(docker.process)
            let containerd = try ContainerdDaemon(in: "\(folder)/containerd", environment: environment(folder))
            started.append(containerd.process)
            try await docker.ready()
            try await containerd.ready()
            return Parties(
                folder: folder,
                registry: registry,
                docker: docker,
                containerd: containerd,
                images: images
            )
        } catch {
            _ = await served?.stop()
            await clear(folder, started)
            throw error
        }
    }

    /// Ends what was started; throws when the registry did not end by itself and in order.
    func stop() async throws {
        let log = registry.log
        let isGood = await registry.stop()
        await Self.clear(folder, [containerd.process, docker.process])
        guard isGood else {
            throw InteropFailure(description: "wharf did not end in order after SIGTERM: \(log.suffix(2000))")
        }
    }

    private static func clear(_ folder: String, _ processes: [RunningProcess]) async {
        for process in processes { await process.stop() }
        // Container engines leave their storage mounted on itself; an outer mount goes after the inner ones.
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        let points = mounts.split(separator: "\n").compactMap { $0.split(separator: " ").dropFirst().first }
        for point in points.filter({ $0.hasPrefix(folder + "/") }).reversed() {
            _ = try? await Command("umount", ["--lazy", String(point)]).run()
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func environment(_ folder: String) -> [String: String?] {
        [
            "HOME": "\(folder)/home", "XDG_RUNTIME_DIR": "\(folder)/run",
            "TMPDIR": "\(folder)/tmp", "CONTAINERS_CONF": "\(folder)/containers.conf", "DOCKER_CONFIG": nil,
            "DOCKER_HOST": nil,
            "REGISTRY_AUTH_FILE": nil,
        ]
    }

    /// Podman's configuration: no systemd, no journal, no lock outside the folder, limits that a container host allows.
    private static func containersConfiguration(_ folder: String) -> String {
        """
        [containers]
        default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "none"
        lock_type = "file"
        runtime = "runc"
        tmp_dir = "\(folder)/run/libpod"

        """
    }
}

/// What stops a test: a party that is missing, or that says something nobody can make sense of.
struct InteropFailure: Error, CustomStringConvertible {
    let description: String
}
