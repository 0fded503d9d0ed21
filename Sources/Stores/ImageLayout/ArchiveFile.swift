import Archives
import Foundation
import Glibc
import OCI
import RegistryContract

/// A tar archive on the disk, and where in it each file lies.
///
/// Making one waits for the disk. Nothing is unpacked: files are read where they lie. An archive that is compressed,
/// or that cannot be read at any place (a pipe), is first copied to a file without a name, which goes away with this
/// object.
///
/// Every name is checked before anything is read: one that leads out of the archive, and two files of one name, are
/// refused, and so are links that lead out of it.
package final class ArchiveFile: Sendable {
    /// A file in the archive.
    package struct Slice: Sendable {
        var offset: Int64
        package var byteCount: Int64
    }

    private enum Entry {
        case file(Slice)
        case link([[UInt8]])
        case folder
        case other
    }

    /// The most entries that an archive of images may have.
    private static let entryCountMax = 200_000
    /// How many links may lead to each other.
    private static let linkCountMax = 8

    /// The path that it was opened by, for messages.
    let path: String
    private let file: LayoutFile
    private let entries: [[UInt8]: Entry]

    /// Opens an archive.
    ///
    /// - Parameters:
    ///   - path: Its path.
    ///   - temporary: The folder for what must be unpacked.
    ///   - limit: How much may be unpacked.
    ///   - stop: Whether nobody wants it any more.
    /// - Throws: Why it is not read.
    init(path: String, temporary: String, limit: ExpansionLimit, stop: Stop) throws {
        self.path = path
        let file = try Self.plain(path, temporary, limit, stop)
        self.file = file
        do {
            entries = try Self.entries(of: file)
        } catch let error as ArchiveError {
            throw Self.refusal(error, path)
        }
    }

    /// Opens an archive, for whoever waits for it.
    package convenience init(path: String, temporary: String, limit: ExpansionLimit) throws {
        try self.init(path: path, temporary: temporary, limit: limit, stop: .never)
    }

    /// The file of a name, through links; nil when there is none.
    package func slice(_ name: String) -> Slice? {
        guard var components = try? EntryPath.components(of: name) else { return nil }
        for _ in 0...Self.linkCountMax {
            switch entries[Self.key(components)] {
            case .file(let slice): return slice
            case .link(let target): components = target
            default: return nil
            }
        }
        return nil
    }

    /// The bytes of a file that may have so many; nil when there is none of that name.
    func bytes(_ name: String, most: Int) throws -> [UInt8]? {
        guard let slice = slice(name) else { return nil }
        guard slice.byteCount <= most else {
            throw RegistryError(
                .manifestTooLarge,
                "\(name) in the archive \(path) has \(slice.byteCount) bytes, and may have \(most)."
            )
        }
        return try bytes(slice, count: Int(slice.byteCount))
    }

    /// The first bytes of a slice, at most `count`.
    package func bytes(_ slice: Slice, count: Int) throws -> [UInt8] {
        try file.bytes(at: slice.offset, count: min(count, Int(slice.byteCount)))
    }

    /// A slice as a blob.
    func content(_ slice: Slice) -> BlobContent {
        let source = OpenDescriptor(descriptor: file.descriptor, offset: slice.offset, owner: file)
        return BlobContent(byteCount: slice.byteCount, source: .file(source))
    }

    /// Reads a slice, a piece at a time.
    func read(_ slice: Slice, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try file.pieces(at: slice.offset, byteCount: slice.byteCount, body)
    }

    /// Why an archive is not read, in the words of the contract.
    static func refusal(_ error: ArchiveError, _ path: String) -> RegistryError {
        let code: RegistryError.Code = error.code == .tooLarge ? .sizeInvalid : .unsupported
        return RegistryError(
            code,
            "The archive \(path) is not read: \(error). Nothing was taken from it.",
            underlying: error
        )
    }
}

// MARK: - Opening

extension ArchiveFile {
    /// The archive as a file that can be read at any place, not compressed.
    private static func plain(
        _ path: String,
        _ temporary: String,
        _ limit: ExpansionLimit,
        _ stop: Stop
    ) throws -> LayoutFile {
        var found = stat()
        guard stat(path, &found) == 0 else {
            guard errno == ENOENT else { throw FileProblem(.read, path) }
            throw RegistryError(.nameUnknown, "There is no file \(path).")
        }
        switch found.st_mode & S_IFMT {
        case S_IFDIR:
            throw RegistryError(
                .unsupported,
                "\(path) is a folder, not an archive. For an OCI layout write oci:\(path)."
            )
        case S_IFREG:
            guard let file = try LayoutFile(path, followsLink: true) else { throw FileProblem(.read, path) }
            let magic = try file.bytes(count: ArchiveFormat.magicByteCount)
            guard try format(magic, path) != .plain else { return file }
            return try unpacked(file.descriptor, path, temporary, limit, stop)
        default:
            // A named pipe would be waited for in open(2), where nobody could stop it, until somebody writes to it.
            let descriptor = retried { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
            guard descriptor >= 0 else { throw FileProblem(.read, path) }
            defer { close(descriptor) }
            return try unpacked(descriptor, path, temporary, limit, stop)
        }
    }

    private static func format(_ magic: [UInt8], _ path: String) throws -> ArchiveFormat {
        do throws(ArchiveError) { return try ArchiveFormat(magic: magic) } catch { throw refusal(error, path) }
    }

    /// Copies what a descriptor gives, unpacked, to a file without a name.
    private static func unpacked(
        _ descriptor: CInt,
        _ path: String,
        _ temporary: String,
        _ limit: ExpansionLimit,
        _ stop: Stop
    ) throws -> LayoutFile {
        let copy = "\(temporary)/wharf-\(UUID().uuidString.lowercased())"
        guard let file = try LayoutFile(copy, for: .making) else { throw FileProblem(.write, copy) }
        unlink(copy)
        var offset: Int64 = 0
        func write(_ bytes: UnsafeRawBufferPointer) throws {
            try file.write([bytes], at: offset)
            offset += Int64(bytes.count)
        }
        do {
            let decompressor = try Decompressor(limit: limit)
            try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
                while true {
                    try stop.wait(for: descriptor, POLLIN)
                    let count = retried { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
                    if count < 0, errno == EAGAIN { continue }
                    guard count >= 0 else { throw FileProblem(.read, path) }
                    guard count > 0 else { break }
                    try decompressor.read(UnsafeRawBufferPointer(rebasing: buffer[..<count]), write)
                }
            }
            try decompressor.finish(write)
        } catch let error as ArchiveError {
            throw refusal(error, path)
        }
        return file
    }

    /// Every entry by its name, whose headers alone are read.
    private static func entries(of file: LayoutFile) throws -> [[UInt8]: Entry] {
        let byteCount = try file.byteCount()
        var limits = TarReader.Limits(byteCount: byteCount)
        limits.entryCountMax = entryCountMax
        var reader = TarReader(limits: limits)
        var entries: [[UInt8]: Entry] = [:]
        func take(_ event: TarReader.Event) throws {
            guard case .entry(let entry, let offset) = event else { return }
            let components = try EntryPath.components(of: entry.name)
            let key = key(components)
            let read = try self.entry(entry, components, offset)
            if let before = entries[key] {
                if case .folder = before, case .folder = read { return }
                throw ArchiveError(.malformed, "it has two entries of the name \(entry.path)", offset: offset)
            }
            entries[key] = read
        }
        while reader.byteCount < byteCount, !reader.isAtEnd {
            let skippable = min(reader.skippableByteCount, byteCount - reader.byteCount)
            guard skippable == 0 else {
                try reader.skip(skippable, take)
                continue
            }
            let block = try file.bytes(at: reader.byteCount, count: 512)
            guard !block.isEmpty else { break }
            try reader.read(block, take)
        }
        try reader.finish()
        return entries
    }

    private static func entry(
        _ entry: TarEntry,
        _ components: [[UInt8]],
        _ offset: Int64
    ) throws(ArchiveError) -> Entry {
        switch entry.kind {
        case .file: .file(Slice(offset: offset, byteCount: entry.size))
        case .folder: .folder
        case .hardLink: .link(try EntryPath.components(of: entry.target))
        case .symbolicLink: .link(try resolved(entry, in: components.dropLast()))
        default: .other
        }
    }

    /// The place that a symbolic link names, seen from the top of the archive.
    private static func resolved(
        _ link: TarEntry,
        in folder: ArraySlice<[UInt8]>
    ) throws(ArchiveError) -> [[UInt8]] {
        let outside = ArchiveError(.unsafePath, "the link \(link.path) leads out of the archive")
        guard link.target.first != UInt8(ascii: "/") else { throw outside }
        var place = Array(folder)
        for part in link.target.split(separator: UInt8(ascii: "/")) {
            switch part {
            case [UInt8(ascii: ".")]: continue
            case [UInt8(ascii: "."), UInt8(ascii: ".")]:
                guard place.popLast() != nil else { throw outside }
            default: place.append(Array(part))
            }
        }
        return place
    }

    private static func key(_ components: [[UInt8]]) -> [UInt8] {
        Array(components.joined(separator: [UInt8(ascii: "/")]))
    }
}

extension LayoutFile {
    /// Reads a part of the file, a piece at a time.
    func pieces(at start: Int64 = 0, byteCount: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            var done: Int64 = 0
            while done < byteCount {
                let wanted = Int(min(byteCount - done, Int64(buffer.count)))
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
                let count = try read(into: piece, at: start + done)
                guard count > 0 else {
                    throw RegistryError(.sizeInvalid, "\(path) has become shorter while it was read.")
                }
                try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
                done += Int64(count)
            }
        }
    }
}
