import Glibc
public import OCI
import RegistryContract
import Synchronization

/// What a collection removed.
public struct LayoutCollection: Sendable, Hashable {
    /// How many files.
    public var count: Int
    /// How many bytes they had.
    public var byteCount: Int64
}

extension LayoutRegistry {
    /// Takes the file of a blob that no manifest needs.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try await work.run { [self] in
            _ = try folder.index()
            try folder.changeIndex { index in
                guard try folder.byteCount(of: digest) != nil else {
                    throw RegistryError(
                        .blobUnknown,
                        "There is no blob \(digest) in \(folder.name).",
                        digests: [digest]
                    )
                }
                let graph = try reader.graph(of: index, isStrict: true)
                guard !graph.content.contains(digest), graph.manifests[digest] == nil else {
                    throw RegistryError(
                        .blobInUse,
                        "A manifest of \(folder.name) needs the blob \(digest): delete that first.",
                        digests: [digest]
                    )
                }
                for path in [folder.blobs, folder.folder(digest.algorithm)] { try LayoutFolder.demandNoLink(path) }
                guard unlink(folder.file(digest)) == 0 else { throw FileProblem(.write, folder.file(digest)) }
            }
        }
    }

    /// Removes every file under `blobs` that `index.json` does not reach.
    ///
    /// Refused while anybody else writes to the layout with this program, since blobs come before what names them.
    /// When `isDryRun`, only counts.
    ///
    /// Errors: `nameUnknown`, `unavailable`, and `manifestInvalid` or `digestMismatch` where a manifest cannot be read,
    /// since what it needs is not known then.
    public func collect(isDryRun: Bool = false) async throws -> LayoutCollection {
        try await work.run { [self] in
            _ = try folder.index()
            return try alone {
                try folder.changeIndex { index in try sweep(index, isDryRun: isDryRun) }
            }
        }
    }

    /// Runs `body` while nobody brings blobs in.
    private func alone<Result>(_ body: () throws -> Result) throws -> Result {
        guard uploads.withLock({ $0.isEmpty }) else { throw busy }
        return try presence.withLock { presence in
            guard let handle = presence ?? FolderHandle(folder.blobs) else { return try body() }
            guard flock(handle.descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
                presence = nil
                throw busy
            }
            defer { presence = nil }
            return try body()
        }
    }

    private var busy: RegistryError {
        RegistryError(
            .unavailable,
            "Something is being written to \(folder.name): what is not needed can be removed when that is done."
        )
    }

    private func sweep(_ index: LayoutIndex, isDryRun: Bool) throws -> LayoutCollection {
        let folders = [folder.blobs] + Digest.Algorithm.allCases.map(folder.folder)
        for path in folders { try LayoutFolder.demandNoLink(path) }
        let graph = try reader.graph(of: index, isStrict: true)
        var collection = LayoutCollection(count: 0, byteCount: 0)
        for algorithm in Digest.Algorithm.allCases {
            for name in try LayoutFolder.names(in: folder.folder(algorithm)) {
                guard let digest = try? Digest("\(algorithm.rawValue):\(name)"), graph.manifests[digest] == nil,
                    !graph.content.contains(digest), let byteCount = try folder.byteCount(of: digest)
                else { continue }
                guard isDryRun || unlink(folder.file(digest)) == 0 else {
                    throw FileProblem(.write, folder.file(digest))
                }
                collection.count += 1
                collection.byteCount += byteCount
            }
        }
        return collection
    }
}
