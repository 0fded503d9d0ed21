import BlobStorage
import OCI

/// How the objects of a store are named, below the prefix of its bucket.
///
///     PREFIX/
///       identity                  32 digits and a newline that tell this store from others
///       blobs/
///         4f/
///           4f0a…                 the bytes of a finished blob: 32 digits of its key, the first two stand before it
///       digests/
///         sha256/
///           9c/
///             22ab….4f0a….1234    no bytes: the other 62 digits of a blob's digest, its key, its size
///         sha512/
///           01/
///             77fe….d3b9….5678    the same, with 126 digits
///       uploads/
///         4f/
///           4f0a…/                of an upload in progress, by its key
///             8388608-9000000.51ab…
///                                 its bytes from one offset up to another that fill no part yet, and the
///                                 first 16 digits of their SHA-256
///
/// Bytes get their final name from the start: put there at once, or in the parts of a multipart upload, which is the
/// upload in progress and makes no object before it is completed. The name under `digests` is given first. So a crash
/// may leave such a name without bytes, and then no fact names it; there are no bytes whose digest nobody knows. What
/// the store holds is listed by these names, with no question for each blob, and a lost database is rebuilt of them.
///
/// What fills no part lies in an object that is named by its bytes: two processes that both believe that an upload is
/// theirs never overwrite what the other needs, and what comes back is compared with its name.
enum S3BlobLayout {
    /// The object that says which store this is.
    static let identity = "identity"
    /// What the names of the bytes of blobs begin with.
    static let blobs = "blobs/"
    /// What the names that tell digests begin with.
    static let digests = "digests/"
    /// What the names of the ends of uploads begin with.
    static let uploads = "uploads/"
    /// What a store may be tried with.
    static let probe = "probe/"

    /// The object of a blob's bytes, and of the multipart upload that makes it.
    static func blob(_ key: BlobKey) -> String {
        "\(blobs)\(key.description.prefix(2))/\(key)"
    }

    /// The object that tells the digest of a blob.
    static func digest(_ digest: Digest, _ key: BlobKey, byteCount: Int64) -> String {
        digestStart(digest, key) + "\(byteCount)"
    }

    /// What the name of that object begins with, where the size is not known.
    static func digestStart(_ digest: Digest, _ key: BlobKey) -> String {
        let digits = digest.encoded
        return "\(digests)\(digest.algorithm.rawValue)/\(digits.prefix(2))/\(digits.dropFirst(2)).\(key)."
    }

    /// What the names of the ends of an upload begin with.
    static func tailStart(_ key: BlobKey) -> String {
        "\(uploads)\(key.description.prefix(2))/\(key)/"
    }

    /// The object of the end of an upload.
    static func tail(_ tail: S3Ledger.Tail, _ key: BlobKey) -> String {
        let digits = String(tail.mark, radix: 16)
        let mark = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        return "\(tailStart(key))\(tail.start)-\(tail.end).\(mark)"
    }

    /// A name behind those of an upload's ends, and before those of the next upload's.
    static func tailsEnd(_ key: BlobKey) -> String { tailStart(key) + "~" }

    // MARK: - Reading names

    /// Of which upload, and up to where, an object is; nil for a name that this store does not give.
    static func readTail(_ name: String) -> (key: BlobKey, end: Int64)? {
        guard name.hasPrefix(uploads) else { return nil }
        let levels = name.dropFirst(uploads.count).split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count == 3, let key = key(levels[0], levels[1]) else { return nil }
        let words = levels[2].split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 2, words[1].utf8.count == 16, words[1].utf8.allSatisfy(isDigit) else { return nil }
        let ends = words[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = size(ends[0]), let end = size(ends[1]), start < end else { return nil }
        return (key, end)
    }

    /// Of which blob an object tells the digest; nil for a name that this store does not give.
    static func readDigest(_ name: String) -> BlobListing.Entry? {
        guard name.hasPrefix(digests) else { return nil }
        let levels = name.dropFirst(digests.count).split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count == 3, levels[1].utf8.count == 2 else { return nil }
        let words = levels[2].split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 3, let key = BlobKey(words[1]), let byteCount = size(words[2]),
            let digest = try? Digest("\(levels[0]):\(levels[1])\(words[0])")
        else { return nil }
        return .init(key: key, digest: digest, byteCount: byteCount)
    }

    /// Which blob an object has the bytes of; nil for a name that this store does not give.
    static func readBlob(_ name: String) -> BlobKey? {
        guard name.hasPrefix(blobs) else { return nil }
        let levels = name.dropFirst(blobs.count).split(separator: "/", omittingEmptySubsequences: false)
        return levels.count == 2 ? key(levels[0], levels[1]) : nil
    }

    private static func key(_ folder: Substring, _ name: Substring) -> BlobKey? {
        guard folder.utf8.count == 2, name.hasPrefix(folder) else { return nil }
        return BlobKey(name)
    }

    /// A number as this store writes it, and in no other way.
    private static func size(_ text: Substring) -> Int64? {
        guard let value = Int64(text), value >= 0, "\(value)" == text else { return nil }
        return value
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
