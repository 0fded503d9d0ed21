import CLinux
import ContainerTools
import Foundation
import Glibc
import Hashing
import OCI
import RegistryClient
import Synchronization

/// The uploads that commands of this user have begun and not ended: a file for each, so that no two programs write one.
///
///     $XDG_STATE_HOME/wharf/uploads/       or ~/.local/state/…; the user's alone
///       4f0a….json                         the SHA-256 of what is uploaded where; locked by who is at it
///
/// Nothing here matters when it is gone. Files that somebody else could have written are passed over.
final class UploadNotes: UploadMemory {
    /// Registries drop uploads after a day or a week.
    private static let ageMax: Int64 = 7 * 86_400
    private static let countMax = 256
    private static let byteCountMax = 32 << 10

    /// An open file, which is locked for as long as this lives.
    private final class Held: Sendable {
        let descriptor: CInt

        init(_ descriptor: CInt) {
            self.descriptor = descriptor
        }

        deinit {
            // A process that this one just begins has it open too, until it runs its program.
            flock(descriptor, LOCK_UN)
            close(descriptor)
        }
    }

    private let folder: String
    private let held = Mutex<[UploadName: Held]>([:])

    /// Looks at nothing yet; nil where the user has no place for such things.
    init?(machine: Machine) {
        let state = machine.environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        guard state != nil || machine.home.hasPrefix("/") else { return nil }
        folder = (state ?? machine.home + "/.local/state") + "/wharf/uploads"
    }

    func place(of upload: UploadName) async -> String? {
        try? await Blocking.run { [self] in taken(upload) }
    }

    func keep(_ place: String, of upload: UploadName) async {
        try? await Blocking.run { [self] in write(place, of: upload) }
    }

    func release(_ upload: UploadName) async {
        // The lock goes with the open file.
        held.withLock { _ = $0.removeValue(forKey: upload) }
    }

    func forget(_ upload: UploadName) async {
        try? await Blocking.run { [self] in
            guard let file = held.withLock({ $0.removeValue(forKey: upload) }) else { return }
            if Self.isNamed(file.descriptor, path(of: upload)) { unlink(path(of: upload)) }
        }
    }

    // MARK: Files

    private func path(of upload: UploadName) -> String {
        let text = "\(upload.registry)\n\(upload.repository)\n\(upload.digest)"
        return "\(folder)/\(ContentHash.digest(of: Array(text.utf8)).encoded).json"
    }

    /// Takes what another program has left, unless it is still at it.
    private func taken(_ upload: UploadName) -> String? {
        let path = path(of: upload)
        guard isOwn(folder, S_IFDIR), let file = Self.locked(path), let found = Self.status(file.descriptor),
            Self.isPrivate(found, S_IFREG), found.link_count == 1, found.byte_count <= Self.byteCountMax,
            Self.age(found) <= Self.ageMax
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(found.byte_count))
        guard pread(file.descriptor, &bytes, bytes.count, 0) == bytes.count,
            let note = try? JSONDecoder().decode(Note.self, from: Data(bytes)), note.names(upload)
        else { return nil }
        held.withLock { $0[upload] = file }
        return note.place
    }

    /// Writes a file anew, under a lock that goes over to it.
    private func write(_ place: String, of upload: UploadName) {
        let path = path(of: upload)
        let isFirst = held.withLock { $0.isEmpty }
        guard makeFolder() else { return }
        if isFirst { clear() }
        let isHeld = held.withLock { $0[upload] != nil }
        // What is there and cannot be locked is another program's.
        if !isHeld, access(path, F_OK) == 0, Self.locked(path) == nil { return }
        let new = "\(path).\(getpid())-\(UInt64.random(in: .min ... .max))"
        let descriptor = open(new, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        let file = Held(descriptor)
        guard let bytes = try? JSONEncoder().encode(Note(upload, place: place)), bytes.count <= Self.byteCountMax,
            flock(descriptor, LOCK_EX | LOCK_NB) == 0,
            bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count,
            rename(new, path) == 0
        else {
            unlink(new)
            return
        }
        held.withLock { $0[upload] = file }
    }

    private func makeFolder() -> Bool {
        try? FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        return isOwn(folder, S_IFDIR)
    }

    /// Removes what is old, and the oldest where there are too many; not what a program is at.
    private func clear() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let files = names.compactMap { name -> (path: String, age: Int64)? in
            let path = "\(folder)/\(name)"
            var found = wharf_file_facts()
            guard wharf_look_at_link(path, &found) == 0, found.mode & S_IFMT == S_IFREG else { return nil }
            return (path, Self.age(found))
        }
        let surplus = max(0, files.count - Self.countMax)
        for (index, file) in files.sorted(by: { $0.age > $1.age }).enumerated() {
            guard index < surplus || file.age > Self.ageMax else { continue }
            if Self.locked(file.path) != nil { unlink(file.path) }
        }
    }
}

// MARK: - Whose a file is

extension UploadNotes {
    /// Opens a file and takes its lock; nil when there is none, or another program has it.
    private static func locked(_ path: String) -> Held? {
        // Not to wait for a writer where somebody put a named pipe.
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        let file = Held(descriptor)
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0 && isNamed(descriptor, path) ? file : nil
    }

    private static func status(_ descriptor: CInt) -> wharf_file_facts? {
        var found = wharf_file_facts()
        return wharf_look(nil, descriptor, &found) == 0 ? found : nil
    }

    /// Whether the path still leads to the open file.
    private static func isNamed(_ descriptor: CInt, _ path: String) -> Bool {
        var named = wharf_file_facts()
        guard let held = status(descriptor), wharf_look_at_link(path, &named) == 0 else { return false }
        return held.number == named.number && held.device == named.device
    }

    /// Whether only this user can have made it.
    private func isOwn(_ path: String, _ kind: mode_t) -> Bool {
        var found = wharf_file_facts()
        return wharf_look_at_link(path, &found) == 0 && Self.isPrivate(found, kind)
    }

    private static func isPrivate(_ found: wharf_file_facts, _ kind: mode_t) -> Bool {
        found.mode & S_IFMT == kind && found.owner == geteuid() && found.mode & 0o077 == 0
    }

    /// In seconds; of a time to come as well, which no clock has written.
    private static func age(_ found: wharf_file_facts) -> Int64 {
        abs(Int64(time(nil)) - found.modified)
    }
}

/// What stands in a file.
private struct Note: Codable {
    var registry: String
    var repository: String
    var digest: String
    /// May be signed: not to be shown.
    var place: String

    init(_ upload: UploadName, place: String) {
        (registry, repository) = (upload.registry, "\(upload.repository)")
        (digest, self.place) = ("\(upload.digest)", place)
    }

    func names(_ upload: UploadName) -> Bool {
        registry == upload.registry && repository == "\(upload.repository)" && digest == "\(upload.digest)"
    }
}
