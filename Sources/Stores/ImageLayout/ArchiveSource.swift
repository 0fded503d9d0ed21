import NIOCore
import OCI
import RegistryContract

/// An OCI layout inside an archive.
package struct ArchiveSource: LayoutSource {
    let archive: ArchiveFile
    private let listed: LayoutIndex

    /// Reads the index.
    package init(_ archive: ArchiveFile) throws {
        self.archive = archive
        let name = "the OCI archive \(archive.path)"
        guard let version = try archive.bytes("oci-layout", most: 4096) else {
            throw RegistryError(
                .unsupported,
                "\(archive.path) is no OCI archive: it has no oci-layout at its top. An archive by docker save is "
                    + "docker-archive:\(archive.path)."
            )
        }
        try LayoutFolder.checkVersion(version, name)
        guard let bytes = try archive.bytes("index.json", most: LayoutIndex.byteCountMax) else {
            throw RegistryError(.unsupported, "\(archive.path) is no OCI archive: it has no index.json at its top.")
        }
        do throws(LayoutProblem) {
            listed = try LayoutIndex(parsing: bytes)
        } catch {
            throw RegistryError(.manifestInvalid, "The index.json of \(name) cannot be used: \(error.description).")
        }
    }

    var name: String { "the archive \(archive.path)" }

    func index() -> LayoutIndex { listed }

    func open(_ digest: Digest) -> BlobContent? {
        archive.slice(Self.path(digest)).map(archive.content)
    }

    func byteCount(of digest: Digest) -> Int64? {
        archive.slice(Self.path(digest))?.byteCount
    }

    private static func path(_ digest: Digest) -> String {
        "blobs/\(digest.algorithm.rawValue)/\(digest.encoded)"
    }
}
