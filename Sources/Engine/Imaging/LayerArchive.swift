import Archives
import CLinux
import Glibc

/// Writes collected files as a tar archive into a layer.
struct LayerArchive {
    private static let batchByteCount = 1 << 20

    private var writer = TarWriter()
    private let sink: LayerSink
    private let isCancelled: Cancellation
    private let buffer: OwnedMemory

    init(sink: LayerSink, isCancelled: Cancellation) {
        self.sink = sink
        self.isCancelled = isCancelled
        buffer = OwnedMemory(byteCount: Self.batchByteCount)
    }

    /// Adds a file, with its bytes if it has any.
    mutating func add(_ file: CollectedFile) throws {
        try isCancelled.check()
        let isFolder = file.facts.kind == .directory
        let entry = TarEntry(
            name: file.path.bytes + (isFolder ? [UInt8(ascii: "/")] : []),
            kind: file.facts.kind.tarKind,
            size: file.facts.size,
            mode: UInt32(file.facts.mode),
            userID: Int64(file.facts.owner),
            groupID: Int64(file.facts.group),
            modified: TarEntry.Time(seconds: file.facts.modified),
            target: file.facts.linkTarget?.bytes ?? [],
            attributes: file.facts.kind == .file ? Self.capabilities(of: file.source) : []
        )
        try sink.write(try writer.begin(entry))
        if file.facts.kind == .file { try copy(file) }
        try sink.write(writer.end())
    }

    /// Ends the archive.
    func finish() throws {
        try sink.write(writer.finish())
    }

    private mutating func copy(_ file: CollectedFile) throws {
        let path = file.source.map { CChar(bitPattern: $0) } + [0]
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(file, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            Int64(status.st_size) == file.facts.size
        else { throw Self.failure(file, "it was changed while the layer was made") }
        var rest = file.facts.size
        while rest > 0 {
            try isCancelled.check()
            let count = read(descriptor, buffer.bytes.baseAddress, Int(min(rest, Int64(buffer.bytes.count))))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(file, String(cString: strerror(errno))) }
            guard count > 0 else { throw Self.failure(file, "it became shorter while the layer was made") }
            try sink.write(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
            writer.wrote(count)
            rest -= Int64(count)
        }
    }

    /// What the file may do that its owner may not, as the kernel keeps it.
    private static func capabilities(of path: [UInt8]) -> [TarEntry.Attribute] {
        var value = [UInt8](repeating: 0, count: 64)
        let count = wharf_file_capability(path.map { CChar(bitPattern: $0) } + [0], &value, value.count)
        guard count > 0 else { return [] }
        return [TarEntry.Attribute(name: "security.capability", value: Array(value.prefix(count)))]
    }

    private static func failure(_ file: CollectedFile, _ reason: String) -> ImagingError {
        let path = String(decoding: file.source, as: UTF8.self)
        return ImagingError(.fileUnusable, "\(path) cannot be put into the layer: \(reason).")
    }
}
