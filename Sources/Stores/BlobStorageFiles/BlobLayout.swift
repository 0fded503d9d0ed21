import BlobStorage
import OCI

/// Where the files of a store lie, and what their names mean.
///
///     FOLDER/
///       identity                  32 digits that tell this store from others
///       uploads/
///         4f/
///           4f0a…                 an upload in progress: 32 digits of its key, the first two also name the folder
///       sha256/
///         9c/
///           22ab….4f0a…           a finished blob: the other 62 digits of its digest, a dot, its key
///       sha512/
///         01/
///           77fe….d3b9…           the same, with 126 digits
///
/// A name under `sha256` or `sha512` is given after the bytes were compared: by rename(2) once they are durable, or,
/// for bytes that came all at once, from the start. So a crash may leave such a file unfinished, and then no fact
/// names it: whoever rebuilds the facts from the folder hashes every file. All folders lie on one file system.
struct BlobLayout: Sendable {
    /// The three kinds of content, in the order of listing.
    ///
    /// A file moves only from an earlier one to a later, so a
    /// listing that runs meanwhile may show it twice but does not miss it.
    static let kinds = ["uploads"] + Digest.Algorithm.allCases.map(\.rawValue)

    /// The absolute path of the whole.
    let folder: String

    /// The file that says which store this is.
    var identity: String {
        "\(folder)/identity"
    }

    /// The folder of an upload.
    func uploadFolder(_ key: BlobKey) -> String {
        "\(folder)/uploads/\(key.description.prefix(2))"
    }

    /// The file of an upload.
    func upload(_ key: BlobKey) -> String {
        "\(uploadFolder(key))/\(key)"
    }

    /// The folder of a finished blob.
    func blobFolder(_ digest: Digest) -> String {
        "\(folder)/\(digest.algorithm.rawValue)/\(digest.encoded.prefix(2))"
    }

    /// The file of a finished blob.
    func blob(_ key: BlobKey, _ digest: Digest) -> String {
        "\(blobFolder(digest))/\(digest.encoded.dropFirst(2)).\(key)"
    }

    /// What a file holds by its place; nil for a name that this store does not give.
    static func meaning(kind: String, prefix: String, name: String) -> (key: BlobKey, digest: Digest?)? {
        guard kind != "uploads" else {
            guard let key = BlobKey(name), name.hasPrefix(prefix) else { return nil }
            return (key, nil)
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let key = BlobKey(parts[1]),
            let digest = try? Digest("\(kind):\(prefix)\(parts[0])")
        else { return nil }
        return (key, digest)
    }

    /// Whether a name is one of the 256 that the folders of a kind have.
    static func isPrefix(_ name: String) -> Bool {
        name.utf8.count == 2 && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
