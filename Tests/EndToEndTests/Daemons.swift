import Foundation
import RegistryTesting

/// Debian's dockerd with a socket and a store of its own and no network: it only pulls, pushes and runs without one.
struct DockerDaemon: Sendable {
    let process: RunningProcess
    let socket: String

    init(in folder: String, environment: [String: String?]) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        socket = "\(folder)/docker.sock"
        let arguments = [
            "--data-root", "\(folder)/data", "--exec-root", "\(folder)/exec", "--pidfile", "\(folder)/pid",
            "--host", "unix://\(socket)", "--storage-driver", "overlay2", "--bridge", "none", "--iptables=false",
            "--ip6tables=false", "--ip-masq=false",
        ]
        process = try Command(Tool.dockerd.path, arguments, environment: environment).start()
    }

    func ready() async throws {
        try await process.waitUntil("dockerd answered") {
            try await Command(Tool.docker.path, ["--host", "unix://\(socket)", "version"]).run().status == 0
        }
    }
}

/// Debian's containerd with a socket and a store of its own, where no namespace sees what another has pulled.
struct ContainerdDaemon: Sendable {
    let process: RunningProcess
    let socket: String

    init(in folder: String, environment: [String: String?]) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        socket = "\(folder)/containerd.sock"
        let configuration = """
            version = 2
            root = "\(folder)/root"
            state = "\(folder)/state"
            disabled_plugins = [
              "io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs",
              "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
              "io.containerd.snapshotter.v1.zfs"]
            [grpc]
            address = "\(socket)"
            [plugins."io.containerd.metadata.v1.bolt"]
            content_sharing_policy = "isolated"

            """
        let file = "\(folder)/config.toml"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        process = try Command(Tool.containerd.path, ["--config", file], environment: environment).start()
    }

    func ready() async throws {
        try await process.waitUntil("containerd answered") {
            try await Command(Tool.ctr.path, ["--address", socket, "version"]).run().status == 0
        }
    }
}
