import OCI
import RegistryContract

/// Where the files of a layout are: in a folder, or in an archive.
///
/// Every method may wait for the disk.
protocol LayoutSource: Sendable {
    /// What it is called in sentences: `the OCI layout DIR`.
    var name: String { get }
    /// The index as it is now.
    ///
    /// Throws `nameUnknown` when there is no layout.
    func index() throws -> LayoutIndex
    /// The content of a digest, opened; nil when it is not there.
    ///
    /// The bytes are not compared with the digest.
    func open(_ digest: Digest) throws -> BlobContent?
    /// The size of the content of a digest, in bytes; nil when it is not there.
    func byteCount(of digest: Digest) throws -> Int64?
}

/// How much of a layout is looked at.
public struct LayoutLimits: Sendable {
    /// The largest manifest that is read, in bytes.
    public var manifestByteCountMax: Int
    /// The most manifests that are looked through for referrers, or when something is deleted.
    public var manifestCountMax: Int

    /// States limits.
    public init(manifestByteCountMax: Int = Manifest.byteCountMax, manifestCountMax: Int = 100_000) {
        self.manifestByteCountMax = manifestByteCountMax
        self.manifestCountMax = manifestCountMax
    }
}
