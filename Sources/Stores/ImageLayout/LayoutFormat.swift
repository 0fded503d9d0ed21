/// How images lie in files.
public enum LayoutFormat: Sendable, Hashable {
    /// A folder with `oci-layout`, `index.json`, `blobs/` (image specification, image-layout.md).
    case folder
    /// The same inside a tar archive.
    case archive
    /// What `docker save` writes.
    case dockerArchive
}
