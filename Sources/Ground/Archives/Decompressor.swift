/// Takes the compression of a stream away: it is fed bytes as they come, and hands on what they unpack to.
///
/// gzip may have several members, Zstandard several frames; the result is all of them, one behind the other. Memory is
/// bounded: a buffer of 128 KiB, and the window of the format (32 KiB; for Zstandard at most 128 MiB, when a frame
/// asks for as much, and 8 MiB with the levels in use).
///
/// Not for several threads at once.
public final class Decompressor {
    private let limit: ExpansionLimit
    private var magic: [UInt8] = []
    private var unpacking: (any Unpacking)?
    private var input: Int64 = 0
    private var output: Int64 = 0

    /// What the stream turned out to be; nil until enough of it has come.
    public private(set) var format: ArchiveFormat?

    /// Begins a stream.
    ///
    /// - Parameters:
    ///   - format: What it is; told by its first bytes when nil.
    ///   - limit: How much may come out.
    /// - Throws: `unsupported` when the library refuses to begin.
    public init(_ format: ArchiveFormat? = nil, limit: ExpansionLimit = .none) throws(ArchiveError) {
        self.limit = limit
        if let format { try begin(format) }
    }

    /// How many bytes came out so far.
    public var byteCount: Int64 { output }

    /// Unpacks bytes; `body` is lent the results, never empty, in their order.
    ///
    /// - Throws: ``ArchiveError``, after which nothing more can be read; and what `body` throws.
    public func read(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard !bytes.isEmpty else { return }
        guard unpacking == nil else { return try unpack(bytes, body) }
        let used = min(bytes.count, ArchiveFormat.magicByteCount - magic.count)
        magic += bytes.prefix(used)
        guard magic.count == ArchiveFormat.magicByteCount else { return }
        try beginByMagic(body)
        let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(used))
        if !rest.isEmpty { try unpack(rest, body) }
    }

    /// Unpacks bytes.
    public func read(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try bytes.withUnsafeBytes { try read($0, body) }
    }

    /// Says that there are no more bytes.
    ///
    /// - Throws: `truncated`, when they ended in the middle.
    public func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if unpacking == nil { try beginByMagic(body) }
        guard unpacking?.isAtBoundary ?? true else {
            throw ArchiveError(.truncated, "the compressed bytes end in the middle", offset: output)
        }
    }

    private func begin(_ format: ArchiveFormat) throws(ArchiveError) {
        self.format = format
        switch format {
        case .plain: unpacking = PlainUnpacking()
        case .gzip: unpacking = try GzipUnpacking()
        case .zstd: unpacking = try ZstdUnpacking()
        }
    }

    private func beginByMagic(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try begin(try ArchiveFormat(magic: magic))
        let first = magic
        magic = []
        if !first.isEmpty { try first.withUnsafeBytes { try unpack($0, body) } }
    }

    private func unpack(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        input += Int64(bytes.count)
        try unpacking?.unpack(bytes, at: output) { piece in
            output += Int64(piece.count)
            try limit.check(in: input, out: output)
            try body(piece)
        }
    }
}

/// One of the formats, running.
protocol Unpacking {
    /// Whether the stream may end here.
    var isAtBoundary: Bool { get }
    /// Unpacks all of `bytes`; `offset` is how many bytes came out before, for errors.
    func unpack(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws
}

private struct PlainUnpacking: Unpacking {
    let isAtBoundary = true

    func unpack(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try body(bytes)
    }
}
