/// Compresses a stream: it is fed bytes as they come, and hands on what they become.
///
/// The same bytes with the same settings give the same result, however they were cut into pieces and whatever the
/// number of processors: gzip gets a header without a name, a time and a system (RFC 1952 section 2.3). Another version
/// of zlib or libzstd may give others. Memory is bounded: under 1 MiB for gzip, as much as the level needs for
/// Zstandard; see ``ParallelGzip`` for its own.
///
/// Not for several threads at once.
public final class Compressor {
    private let packing: any Packing

    /// Begins a stream.
    ///
    /// - Parameters:
    ///   - format: What it is to be; plain passes the bytes on.
    ///   - level: How hard to try: 1 to 9 for gzip, 1 to 22 for Zstandard. The tools' own default (6 and 3) when nil.
    ///   - isParallel: Whether gzip uses all processors; the bytes are other ones then, and always the same.
    /// - Throws: `unsupported` for a level that the format does not have.
    public init(_ format: ArchiveFormat, level: Int? = nil, isParallel: Bool = false) throws(ArchiveError) {
        let levels = format == .zstd ? 1...22 : 1...9
        let level = level ?? (format == .zstd ? 3 : 6)
        guard levels.contains(level) else {
            throw ArchiveError(
                .unsupported,
                "there is no level \(level): choose one from \(levels.lowerBound) to \(levels.upperBound)"
            )
        }
        packing =
            switch format {
            case .plain: PlainPacking()
            case .gzip: isParallel ? ParallelGzip(level: level) : try GzipPacking(level: level)
            case .zstd: try ZstdPacking(level: level)
            }
    }

    /// Compresses bytes; `body` is lent the results, never empty, in their order.
    public func write(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard !bytes.isEmpty else { return }
        try packing.pack(bytes, body)
    }

    /// Compresses bytes.
    public func write(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try bytes.withUnsafeBytes { try write($0, body) }
    }

    /// Ends the stream; nothing may be written after it.
    public func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try packing.finish(body)
    }
}

/// One of the formats, running.
protocol Packing {
    func pack(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
    func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws
}

private struct PlainPacking: Packing {
    func pack(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try body(bytes)
    }

    func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {}
}
