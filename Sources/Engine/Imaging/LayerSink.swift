import Archives
import Hashing
import OCI

/// Takes the tar archive of a layer and makes the layer of it: both digests and the compressed bytes, in one pass.
final class LayerSink {
    private let compressor: Compressor
    private let compression: LayerCompression
    private var unpacked = ContentHash(.sha256)
    private var packed = ContentHash(.sha256)
    private let file: TemporaryFile

    /// Begins a layer.
    init(_ compression: LayerCompression, level: Int?, temporaryFolder: String?) throws {
        self.compression = compression
        compressor = try Compressor(compression.format, level: level, isParallel: true)
        file = try TemporaryFile(in: temporaryFolder)
    }

    /// Takes bytes of the archive, without compression.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        unpacked.update(bytes)
        try compressor.write(bytes) { try store($0) }
    }

    /// Takes bytes of the archive, without compression.
    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Ends the layer.
    func finish(_ history: HistoryStep) throws -> LayerDraft {
        try compressor.finish { try store($0) }
        return LayerDraft(
            digest: packed.digest(),
            diffID: unpacked.digest(),
            compression: compression,
            history: history,
            file: file
        )
    }

    private func store(_ bytes: UnsafeRawBufferPointer) throws {
        packed.update(bytes)
        try file.append(bytes)
    }
}

extension LayerCompression {
    /// The format of the archive.
    var format: ArchiveFormat {
        switch self {
        case .none: .plain
        case .gzip: .gzip
        case .zstd: .zstd
        }
    }

    /// What a layer in a format is said to be.
    init(_ format: ArchiveFormat) {
        switch format {
        case .plain: self = .none
        case .gzip: self = .gzip
        case .zstd: self = .zstd
        }
    }
}
