import Archives
import Glibc
import Hashing
import NIOCore
import NIOPosix
import OCI
import RegistryContract
import Synchronization
import Transfer

/// Makes layers of files of this machine, or of tar archives.
///
/// The same files give the same bytes on every machine with the same zlib or libzstd: names in bytewise order, one time
/// and one owner for all, no names of users, and parts of one size for the compressors of all processors. Hard links
/// among the files of one layer and symbolic links stay what they are. Of extended attributes only capabilities are
/// kept: the others belong to the machine.
public struct LayerMaker: Sendable {
    /// How layers are compressed.
    public var compression: LayerCompression
    /// How hard to try; the tool's own default when nil.
    public var level: Int?
    /// Who owns what, of all files of this machine that a layer is made of, other than their sources say.
    public var owners: [FileOwner] = []
    /// On whose disk layers lie until they are pushed; `TMPDIR` or `/var/tmp` when nil.
    public var temporaryFolder: String?

    /// Makes a maker of layers.
    public init(compression: LayerCompression = .gzip, level: Int? = nil, temporaryFolder: String? = nil) {
        self.compression = compression
        self.level = level
        self.temporaryFolder = temporaryFolder
    }

    /// Makes a layer of files of this machine.
    ///
    /// - Parameters:
    ///   - sources: the files and where they go.
    ///   - modified: the time that all files get, in seconds since 1970.
    ///   - addsParents: whether folders that nobody names, but that others lie in, are made too. On top of a base they
    ///     would take the place of the base's.
    ///   - history: what the image's history is to say of it.
    /// - Returns: the layer.
    /// - Throws: `requestInvalid`, `fileUnusable`, `limitExceeded`.
    public func layer(
        of sources: [FileSource],
        modified: Int64,
        addsParents: Bool,
        history: HistoryStep
    ) async throws -> LayerDraft {
        try await onThread { [self] isCancelled in
            let files = try FileCollector.files(of: sources, modified: modified, addsParents: addsParents)
                .owned(by: owners)
            let sink = try LayerSink(compression, level: level, temporaryFolder: temporaryFolder)
            var archive = LayerArchive(sink: sink, isCancelled: isCancelled)
            for file in files { try archive.add(file) }
            try archive.finish()
            return try sink.finish(history)
        }
    }

    /// Makes a layer of a tar archive of this machine.
    ///
    /// An archive that is compressed stays as it is; one that is not is compressed. Its entries are read through, and
    /// one that would lead out of the image is refused.
    ///
    /// - Parameters:
    ///   - path: the archive.
    ///   - history: what the image's history is to say of it.
    ///   - limits: how much may be in it, and what a compressed one may unpack to.
    /// - Returns: the layer.
    /// - Throws: `layerInvalid`, `fileUnusable`, `limitExceeded`.
    public func layer(
        tar path: String,
        history: HistoryStep,
        limits: ContentLimits = ContentLimits()
    ) async throws -> LayerDraft {
        let file = try LocalFile(path)
        let stream = file.content.stream()
        do {
            var reading: ArchivePassage?
            var scanner = LayerScanner(budget: ReadingBudget(limits), hashesFiles: false)
            while let batch = try await stream.next(upTo: stream.batchByteCount) {
                try Task.checkCancellation()
                for buffer in batch {
                    try buffer.withUnsafeReadableBytes { bytes in
                        let passage = try reading ?? ArchivePassage(self, magic: bytes, limits)
                        reading = passage
                        try passage.read(bytes, &scanner)
                    }
                }
            }
            guard let reading else { throw ArchiveError(.truncated, "it is empty") }
            return try reading.finish(&scanner, history)
        } catch let error as ArchiveError {
            throw ImagingError(.layerInvalid, "\(path) is no tar archive for a layer: \(error).")
        }
    }

    /// Does something long on a thread for such things, which is told when the task is cancelled.
    private func onThread<Result: Sendable>(
        _ work: @escaping @Sendable (_ isCancelled: Cancellation) throws -> Result
    ) async throws -> Result {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await NIOThreadPool.singleton.runIfActive { try work(cancellation) }
        } onCancel: {
            cancellation.cancel()
        }
    }
}

/// Whether something on another thread is still wanted.
final class Cancellation: Sendable {
    private let isCancelled = Atomic(false)

    /// Says that it is not.
    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    /// Throws when it is not.
    func check() throws {
        if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
    }
}

/// An archive on its way into a layer: kept as it is where it is compressed, else compressed.
private final class ArchivePassage {
    private let sink: LayerSink?
    private let kept: TemporaryFile
    private let format: ArchiveFormat
    private let decompressor: Decompressor
    private var hash = ContentHash(.sha256)

    init(_ maker: LayerMaker, magic: UnsafeRawBufferPointer, _ limits: ContentLimits) throws {
        format = try ArchiveFormat(magic: magic)
        decompressor = try Decompressor(format, limit: limits.expansion)
        kept = try TemporaryFile(in: maker.temporaryFolder)
        let isKept = format != .plain
        sink =
            isKept
            ? nil : try LayerSink(maker.compression, level: maker.level, temporaryFolder: maker.temporaryFolder)
    }

    func read(_ bytes: UnsafeRawBufferPointer, _ scanner: inout LayerScanner) throws {
        if let sink {
            try scanner.read(bytes)
            return try sink.write(bytes)
        }
        hash.update(bytes)
        try kept.append(bytes)
        try decompressor.read(bytes) { try scanner.read($0) }
    }

    func finish(_ scanner: inout LayerScanner, _ history: HistoryStep) throws -> LayerDraft {
        try decompressor.finish { try scanner.read($0) }
        try scanner.finish()
        if let sink { return try sink.finish(history) }
        return LayerDraft(
            digest: hash.digest(),
            diffID: scanner.diffID,
            compression: LayerCompression(format),
            history: history,
            file: kept
        )
    }
}
