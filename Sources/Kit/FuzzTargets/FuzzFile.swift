import Foundation

/// A file for what reads files: one for each target of a process, so that tests may run at the same time.
struct FuzzFile {
    /// The folder, in which nothing else lies.
    let folder: String
    /// The file.
    var path: String { "\(folder)/file" }

    init(_ target: FuzzTarget) throws(Violation) {
        // In memory where there is such a place: there may be thousands of inputs in a second.
        let shared = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        folder = "\(shared)/wharf-fuzz-\(getpid())-\(target.rawValue)"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Violation(description: "\(folder) can be made: \(error)")
        }
    }

    /// Puts bytes in the place of what was there.
    func write(_ bytes: [UInt8]) throws(Violation) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(file) }
        guard file >= 0, Foundation.write(file, bytes, bytes.count) == bytes.count else {
            throw Violation(description: "\(path) can be written")
        }
    }

    /// Has another path of the folder lead to the file.
    func link(_ name: String) throws(Violation) {
        let link = "\(folder)/\(name)"
        guard (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == nil else { return }
        let parent = URL(fileURLWithPath: link).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        } catch {
            throw Violation(description: "\(link) can be made: \(error)")
        }
    }

    /// Takes the folder away.
    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}
