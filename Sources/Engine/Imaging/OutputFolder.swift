import Glibc
import NIOCore

/// A folder of this machine into which files are written whose names came from elsewhere.
///
/// Nothing is written outside of it: names are taken apart and looked up part by part, and links among the parts are
/// not followed. A file appears under its name when it is whole; one that is there is kept unless asked otherwise.
final class OutputFolder: Sendable {
    /// The longest name that is taken, in bytes.
    static let nameByteCountMax = 1024

    private let descriptor: CInt
    /// Its path.
    let path: String
    private let overwrites: Bool

    /// Opens a folder, and makes it if it is not there.
    init(_ path: String, overwrites: Bool) throws(ImagingError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw Self.failure(path, "cannot be made") }
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
        self.path = path
        self.overwrites = overwrites
    }

    deinit {
        close(descriptor)
    }

    /// The parts of a relative path; nil for one that could lead anywhere else.
    static func components(of name: String) -> [String]? {
        guard !name.isEmpty, name.utf8.count <= nameByteCountMax else { return nil }
        // What a terminal would act on that lists the files later is no name either.
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
        let components = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isSafe = components.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.count <= Int(NAME_MAX)
        }
        return isSafe ? components : nil
    }

    /// Begins a file, which is there when it is committed.
    func begin(_ name: String, mode: mode_t = 0o666) throws(ImagingError) -> OutputFile {
        let (folder, last) = try place(of: name)
        if !overwrites, faccessat(folder, last, F_OK, AT_SYMLINK_NOFOLLOW) == 0 {
            close(folder)
            throw Self.isThere("\(path)/\(name)")
        }
        return try OutputFile(in: folder, name: last, path: "\(path)/\(name)", mode: mode, overwrites: overwrites)
    }

    /// Makes a folder, unless it is there.
    func makeFolder(_ name: String) throws(ImagingError) {
        guard let components = Self.components(of: name) else { throw Self.unsafe(name) }
        close(try openFolder(components))
    }

    /// Makes a symbolic link.
    func makeLink(_ name: String, to target: String) throws(ImagingError) {
        let (folder, last) = try place(of: name)
        defer { close(folder) }
        if overwrites { unlinkat(folder, last, 0) }
        guard symlinkat(target, folder, last) == 0 else {
            guard errno != EEXIST else { throw Self.isThere("\(path)/\(name)") }
            throw Self.failure("\(path)/\(name)", "cannot be made")
        }
    }

    /// The opened folder that a name lies in, and its last part.
    private func place(of name: String) throws(ImagingError) -> (folder: CInt, last: String) {
        guard var components = Self.components(of: name), let last = components.popLast() else {
            throw Self.unsafe(name)
        }
        return (try openFolder(components), last)
    }

    /// Opens the folder that a file is to lie in, part by part, and makes what is not there.
    private func openFolder(_ components: [String]) throws(ImagingError) -> CInt {
        var folder = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard folder >= 0 else { throw Self.failure(path, "cannot be opened") }
        for component in components {
            if mkdirat(folder, component, 0o777) != 0, errno != EEXIST {
                defer { close(folder) }
                throw Self.failure("\(path)/\(component)", "cannot be made")
            }
            let next = openat(folder, component, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            let error = errno
            close(folder)
            errno = error
            guard next >= 0 else { throw Self.failure("\(path)/\(component)", "is no folder that can be opened") }
            folder = next
        }
        return folder
    }

    private static func unsafe(_ name: String) -> ImagingError {
        ImagingError(.fileUnusable, "\(name.prefix(200)) is no name that is safe to write a file by.")
    }

    fileprivate static func isThere(_ path: String) -> ImagingError {
        ImagingError(.fileUnusable, "\(path) is there already. Move it away, or ask to overwrite files.")
    }

    fileprivate static func failure(_ path: String, _ what: String) -> ImagingError {
        ImagingError(.fileUnusable, "\(path) \(what): \(String(cString: strerror(errno))).")
    }
}

/// A file that is being written; it goes away unless it is committed.
final class OutputFile {
    /// Where it will be.
    let path: String
    private let folder: CInt
    private let name: String
    private let temporary: String
    private let overwrites: Bool
    private let descriptor: CInt

    /// Begins a file in an opened folder, which it closes.
    fileprivate init(
        in folder: CInt,
        name: String,
        path: String,
        mode: mode_t,
        overwrites: Bool
    ) throws(ImagingError) {
        var random = SystemRandomNumberGenerator()
        temporary = ".wharf-" + String(random.next(), radix: 36)
        descriptor = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        (self.folder, self.name, self.path, self.overwrites) = (folder, name, path, overwrites)
        guard descriptor >= 0 else { throw OutputFolder.failure(path, "cannot be written") }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            unlinkat(folder, temporary, 0)
        }
        close(folder)
    }

    /// Adds bytes at its end.
    func append(_ bytes: UnsafeRawBufferPointer) throws(ImagingError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OutputFolder.failure(path, "cannot be written") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Gives it its name.
    func commit() throws(ImagingError) {
        if overwrites {
            guard renameat(folder, temporary, folder, name) == 0 else {
                throw OutputFolder.failure(path, "cannot be written")
            }
        } else if linkat(folder, temporary, folder, name, 0) != 0 {
            guard errno != EEXIST else { throw OutputFolder.isThere(path) }
            throw OutputFolder.failure(path, "cannot be written")
        }
    }
}
