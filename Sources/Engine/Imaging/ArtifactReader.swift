import Archives
import NIOCore
import OCI
import RegistryContract
import Transfer

/// Brings the files of an artifact back to this machine.
public struct ArtifactReader: Sendable {
    /// A file of an artifact.
    public struct File: Sendable, Hashable {
        /// What it is called: its title, or its digest where it has none.
        public var name: String
        /// Where its bytes are.
        public var descriptor: Descriptor

        /// Whether it is the archive of a folder, which is unpacked.
        public var isFolder: Bool {
            descriptor.annotations.contains { annotation in
                annotation.name.utf8.elementsEqual(ArtifactAnnotation.unpacks.utf8) && annotation.value == "true"
            }
        }
    }

    /// Where the artifact is.
    public let place: Place

    /// What the archive of a folder may unpack to.
    public var limits = ContentLimits()

    /// Reads from a place.
    public init(_ place: Place) {
        self.place = place
    }

    /// The files of an artifact, in the order of its layers; none of those that only fill an empty place.
    public func files(of reference: Reference) async throws -> [File] {
        let manifest = try await ImageReader(place).manifest(reference).manifest
        guard manifest.kind != .index else {
            throw ImagingError(
                .requestInvalid,
                "\(reference) in \(place.repository) is an index, not an artifact: name one of its manifests by digest."
            )
        }
        return manifest.layers.compactMap { layer in
            let title = layer.annotations.first { $0.name.utf8.elementsEqual(ArtifactAnnotation.title.utf8) }?.value
            guard title != nil || layer.mediaType != .emptyJSON else { return nil }
            return File(name: title ?? "\(layer.digest.algorithm)-\(layer.digest.encoded)", descriptor: layer)
        }
    }

    /// Writes files of an artifact into a folder, each whole or not at all; folders in it are unpacked.
    ///
    /// All names are looked at before anything is written: one that leads out of the folder, or that stands twice,
    /// refuses them all.
    ///
    /// - Parameters:
    ///   - files: the files.
    ///   - folder: the folder; it is made if it is not there.
    ///   - overwrites: whether files that are there are replaced.
    ///   - observer: who is told.
    /// - Returns: the paths that were written.
    /// - Throws: `fileUnusable`, `contentMismatch`, what the registry refuses.
    public func write(
        _ files: [File],
        into folder: String,
        overwrites: Bool = false,
        observer: (any TransferObserver)? = nil
    ) async throws -> [String] {
        var seen: Set<[UInt8]> = []
        for file in files {
            guard OutputFolder.components(of: file.name) != nil else {
                throw ImagingError(
                    .fileUnusable,
                    "The artifact calls a file \(file.name.prefix(200)), which leads out of \(folder) or is no name."
                        + " Nothing was written."
                )
            }
            guard seen.insert(Array(file.name.utf8)).inserted else {
                throw ImagingError(
                    .fileUnusable,
                    "The artifact calls two files \(file.name.prefix(200)). Nothing was written."
                )
            }
        }
        let output = try OutputFolder(folder, overwrites: overwrites)
        var paths: [String] = []
        for file in files { observer?.planned(file.descriptor) }
        for file in files {
            observer?.started(file.descriptor)
            if file.isFolder {
                try await unpack(file, into: output, observer)
            } else {
                let written = try output.begin(file.name)
                try await read(file, observer) { try written.append($0) }
                try written.commit()
            }
            observer?.finished(file.descriptor, .copied)
            paths.append("\(folder)/\(file.name)")
        }
        return paths
    }

    private func read(
        _ file: File,
        _ observer: (any TransferObserver)?,
        _ take: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await place.readBlob(file.descriptor) { buffer in
            try buffer.withUnsafeReadableBytes(take)
            observer?.advanced(file.descriptor, by: Int64(buffer.readableBytes))
        }
    }

    private func unpack(_ file: File, into output: OutputFolder, _ observer: (any TransferObserver)?) async throws {
        let archive = try TemporaryFile()
        try await read(file, observer) { try archive.append($0) }
        do {
            try ArtifactFolder(archive, title: file.name, limits: limits).write(into: output)
        } catch let error as ArchiveError {
            throw ImagingError(
                .fileUnusable,
                "The archive of the folder \(file.name.prefix(200)) is not to be trusted: \(error). Nothing of"
                    + " it was written."
            )
        }
    }
}
