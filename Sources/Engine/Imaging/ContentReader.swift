import Archives
import NIOCore
import OCI
import RegistryContract
import Synchronization
import Transfer

/// Looks into the layers of images.
///
/// Layers are read as streams, several at once; what stays in memory are the names and facts of their files, bounded by
/// the limits. A layer that was read is remembered for the next image that has it, as long as the reader lives.
public final class ContentReader: Sendable {
    /// How much is read at most.
    public let limits: ContentLimits
    /// Whether the bytes of each file are hashed, so that files can be compared by content.
    public let hashesFiles: Bool
    /// How many layers are read at once.
    public let layersInParallelMax: Int
    private let scanned = Mutex<[Digest: ScannedLayer]>([:])
    private let budget: ReadingBudget

    /// A layer that was read.
    private struct ScannedLayer {
        var items: [LayerItem]
        /// Nil for a layer that may lie elsewhere, and does.
        var diffID: Digest?
        var unpackedByteCount: Int64
        var fileByteCount: Int64
    }

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - limits: how much is read at most, of all images together.
    ///   - hashesFiles: whether the bytes of each file are hashed.
    ///   - layersInParallelMax: how many layers are read at once.
    public init(limits: ContentLimits = ContentLimits(), hashesFiles: Bool = false, layersInParallelMax: Int = 4) {
        self.limits = limits
        self.hashesFiles = hashesFiles
        self.layersInParallelMax = max(1, layersInParallelMax)
        budget = ReadingBudget(limits)
    }

    /// Reads all layers of an image.
    ///
    /// - Parameters:
    ///   - image: the image.
    ///   - place: where it is.
    ///   - observer: who is told of the layers that are fetched.
    /// - Returns: its files, layer by layer and in the end.
    /// - Throws: `layerInvalid`, `limitExceeded`, `contentMismatch`, what the registry refuses.
    public func contents(
        of image: Image,
        in place: Place,
        observer: (any TransferObserver)? = nil
    ) async throws -> ImageContents {
        try await scan(image.layers, in: place, observer)
        var stack = LayerStack(entryCountMax: limits.entryCountMax)
        var layers: [ImageContents.Layer] = []
        let diffIDs = image.config.diffIDs
        let histories = image.steps.filter { $0.layer != nil }.map(\.history)
        for (index, descriptor) in image.layers.enumerated() {
            guard let layer = scanned.withLock({ $0[descriptor.digest] }) else { continue }
            if let diffID = layer.diffID, index < diffIDs.count, diffIDs[index].algorithm == .sha256,
                diffIDs[index] != diffID
            {
                throw ImagingError(
                    .contentMismatch,
                    "Layer \(index + 1), \(descriptor.digest), unpacks to \(diffID), but the config says"
                        + " \(diffIDs[index]): the image is damaged, and no runtime will take it."
                )
            }
            layers.append(
                ImageContents.Layer(
                    descriptor: descriptor,
                    history: index < histories.count ? histories[index] : nil,
                    unpackedByteCount: layer.unpackedByteCount,
                    fileByteCount: layer.fileByteCount,
                    changes: try stack.lay(layer.items)
                )
            )
        }
        return ImageContents(layers: layers, tree: stack.tree)
    }

    private func scan(
        _ layers: [Descriptor],
        in place: Place,
        _ observer: (any TransferObserver)?
    ) async throws {
        var rest = layers.filter { layer in scanned.withLock { $0[layer.digest] == nil } }[...]
        var seen: Set<Digest> = []
        rest = rest.filter { seen.insert($0.digest).inserted }[...]
        for layer in rest { observer?.planned(layer) }
        try await withThrowingTaskGroup { group in
            for _ in 0..<layersInParallelMax {
                guard let layer = rest.popFirst() else { break }
                group.addTask { try await self.scan(layer, in: place, observer) }
            }
            while try await group.next() != nil {
                guard let layer = rest.popFirst() else { continue }
                group.addTask { try await self.scan(layer, in: place, observer) }
            }
        }
    }

    private static func mayBeAbsent(_ layer: Descriptor) -> Bool {
        layer.mediaType?.isNonDistributable ?? false
    }

    private func scan(_ layer: Descriptor, in place: Place, _ observer: (any TransferObserver)?) async throws {
        observer?.started(layer)
        var scanner = LayerScanner(budget: budget, hashesFiles: hashesFiles)
        do {
            let decompressor = try Decompressor(limit: limits.expansion)
            try await place.readBlob(layer) { buffer in
                try buffer.withUnsafeReadableBytes { bytes in
                    try decompressor.read(bytes) { try scanner.read($0) }
                }
                observer?.advanced(layer, by: Int64(buffer.readableBytes))
            }
            try decompressor.finish { try scanner.read($0) }
            try scanner.finish()
        } catch let error as RegistryError where error.code == .blobUnknown && Self.mayBeAbsent(layer) {
            let absent = ScannedLayer(items: [], diffID: nil, unpackedByteCount: 0, fileByteCount: 0)
            scanned.withLock { $0[layer.digest] = absent }
            return
        } catch let error as ArchiveError where error.code == .tooLarge {
            throw ImagingError(
                .limitExceeded,
                "The layer \(layer.digest) is larger than what is looked into: \(error). If you trust the image,"
                    + " copy it, and unpack it with tar."
            )
        } catch let error as ArchiveError {
            throw ImagingError(.layerInvalid, "The layer \(layer.digest) is not to be trusted: \(error).")
        }
        let read = ScannedLayer(
            items: scanner.items,
            diffID: scanner.diffID,
            unpackedByteCount: scanner.byteCount,
            fileByteCount: scanner.items.reduce(0) { $0 + $1.fileByteCount }
        )
        scanned.withLock { $0[layer.digest] = read }
        observer?.finished(layer, .copied)
    }
}

extension LayerItem {
    /// The bytes of the file, if it is one.
    fileprivate var fileByteCount: Int64 {
        if case .file(_, let facts) = self { facts.size } else { 0 }
    }
}

extension ImageContents {
    /// What is to be seen when all layers lie.
    init(layers: [Layer], tree: FileTree) {
        let waste = tree.waste.map { Waste(path: $0.key, fileCount: $0.value.fileCount, byteCount: $0.value.byteCount) }
        self.init(
            layers: layers,
            files: tree.files().map { File(path: $0.path, facts: $0.facts, layer: $0.layer) },
            waste: waste.sorted { ($0.byteCount, $1.path) > ($1.byteCount, $0.path) }
        )
    }
}
