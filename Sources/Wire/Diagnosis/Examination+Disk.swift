import ContainerTools
import Documents
import Foundation
import Glibc
import OCI

extension Examination {
    /// With less room than this, in bytes, somebody should know.
    private static let roomTold: Int64 = 1 << 30

    /// Room for the image where the tools keep theirs.
    func lookAtDisk() -> Finding {
        let rooms = imageFolders.compactMap { Room(at: $0) }
        guard !rooms.isEmpty else {
            return Finding(.disk, .good, "No tool keeps images on this machine, as far as can be seen.")
        }
        let size = manifest?.layers.reduce(Int64(0)) { $0 + max(0, min($1.size, 1 << 50)) } ?? 0
        if let full = rooms.first(where: { $0.byteCount <= size || $0.hasNoFiles }) {
            let what = full.hasNoFiles ? "no room for more files (inodes)" : "\(full.byteCount / 1_000_000) MB free"
            return failure(.disk, "disk-full", "\(full.path) has \(what), and the layers have \(size / 1_000_000) MB.")
        }
        // Unpacked, layers take two or three times as much.
        if let low = rooms.first(where: { $0.byteCount < max(Self.roomTold, size * 3) }) {
            let seen = "\(low.path) has only \(low.byteCount / 1_000_000) MB free; layers grow when they are unpacked."
            return warning(.disk, "disk-full", seen)
        }
        let list = rooms.map { "\($0.path) \($0.byteCount / 1_000_000_000) GB" }.joined(separator: ", ")
        return Finding(.disk, .good, "Free: \(list).")
    }

    /// Where Docker, containerd and podman keep images on this machine.
    private var imageFolders: [String] {
        let machine = configuration.machine
        let docker = dockerFolder ?? "/var/lib/docker"
        let data =
            machine.environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? machine.home + "/.local/share"
        return [
            machine.root + docker, machine.root + "/var/lib/containerd", machine.root + "/var/lib/containers",
            data + "/docker", data + "/containers",
        ].filter { FileManager.default.fileExists(atPath: $0) }
    }

    /// `data-root` of daemon.json.
    private var dockerFolder: String? {
        let path = configuration.machine.root + "/etc/docker/daemon.json"
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 1 << 20,
            case .string(let folder)? = (try? JSONValue(json: bytes))?["data-root"], folder.hasPrefix("/")
        else { return nil }
        return folder
    }
}

/// What is free at a place.
private struct Room {
    let path: String
    let byteCount: Int64
    let hasNoFiles: Bool

    init?(at path: String) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        self.path = path
        byteCount = Int64(
            clamping: UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue
        )
        // Some file systems have no such number at all.
        hasNoFiles = facts.f_files > 0 && facts.f_favail == 0
    }
}
