import Foundation
import Glibc

/// A file that was written for a mirror.
public struct MirrorChange: Sendable, Hashable {
    /// The file.
    public let path: String
    /// Where its former text is kept; nil where there was none, or nothing was changed.
    public let backup: String?
    /// Whether the file has another text now.
    public let isChanged: Bool

    /// States a change.
    public init(path: String, backup: String?, isChanged: Bool) {
        self.path = path
        self.backup = backup
        self.isChanged = isChanged
    }
}

extension MirrorText {
    /// No more backups of one file are made.
    private static var backupCountMax: Int { 99 }

    /// The text for a tool, with what its file has now on a machine where the two go together.
    public func text(for tool: ContainerTool, on machine: Machine) throws(ToolFileProblem) -> String {
        let path = path(of: tool, on: machine)
        return try text(for: tool, path: path, merging: try FileText(reading: path))
    }

    /// Writes the file of a tool, readable by everybody, and keeps what was there beside it.
    public func write(for tool: ContainerTool, on machine: Machine) throws(ToolFileProblem) -> MirrorChange {
        let path = path(of: tool, on: machine)
        try makeFolder(above: path)
        var backup: String?
        var isChanged = false
        let rewrite = try FileRewrite(path)
        try rewrite.perform { (old) throws(ToolFileProblem) in
            let new = Array(try text(for: tool, path: path, merging: old).utf8)
            guard new != old?.bytes else { return nil }
            if let old, !old.bytes.isEmpty { backup = try keep(old, beside: path) }
            isChanged = true
            return new
        }
        // podman reads these files as whoever runs it, and they have no secrets.
        if isChanged, chmod(rewrite.path, 0o644) != 0 {
            throw ToolFileProblem(
                .unwritableFile,
                path: path,
                "its rights cannot be set: \(ToolFileProblem.systemReason)"
            )
        }
        return MirrorChange(path: path, backup: backup, isChanged: isChanged)
    }

    private func text(for tool: ContainerTool, path: String, merging old: FileText?) throws(ToolFileProblem) -> String {
        switch tool {
        case .docker: try daemon(merging: old?.bytes ?? [], path: path)
        case .podman: registries
        case .containerd: hosts
        }
    }

    private func makeFolder(above path: String) throws(ToolFileProblem) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            let reason = (error as NSError).localizedDescription
            throw ToolFileProblem(.unwritableFile, path: path, "the folder \(folder) cannot be made: \(reason)")
        }
    }

    /// Writes a text to the first free name.
    private func keep(_ old: FileText, beside path: String) throws(ToolFileProblem) -> String {
        for number in 1...Self.backupCountMax {
            let backup = path + (number == 1 ? ".bak" : ".bak\(number)")
            let file = open(backup, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            if file < 0, errno == EEXIST { continue }
            guard file >= 0 else { break }
            defer { close(file) }
            let count = old.bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count == old.bytes.count, fsync(file) == 0 else {
                unlink(backup)
                break
            }
            return backup
        }
        let message = "what is there cannot be kept beside it, so that nothing was changed"
        throw ToolFileProblem(.unwritableFile, path: path, message)
    }
}
