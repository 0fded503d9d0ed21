import OCI
import RegistryContract

extension FuzzTarget {
    /// What is accepted is what the grammars say, and is kept as it came.
    static func checkNames(_ bytes: [UInt8]) throws(Violation) {
        let text = String(decoding: bytes, as: UTF8.self)
        let bytes = Array(text.utf8)
        let name = try? RepositoryName(text)
        try require((name != nil) == isRepositoryName(bytes), "\(text) is a repository name, or not")
        try requireVerbatim(name?.description, bytes)
        let tag = try? Tag(text)
        try require((tag != nil) == isTag(bytes), "\(text) is a tag, or not")
        try requireVerbatim(tag?.description, bytes)
        let digest = try? Digest(text)
        try require((digest != nil) == isDigest(bytes), "\(text) is a digest, or not")
        try requireVerbatim(digest?.description, bytes)
        let reference = try? Reference(text)
        try require((reference != nil) == (isTag(bytes) || isDigest(bytes)), "\(text) is a reference, or not")
        try requireVerbatim(reference?.description, bytes)
        try requireVerbatim(UploadID(text)?.description, bytes)
        if let mediaType = MediaType(text) {
            try require(MediaType(mediaType.description) == mediaType, "\(text) is a media type in canonical form")
        }
    }

    private static func requireVerbatim(_ kept: String?, _ bytes: [UInt8]) throws(Violation) {
        guard let kept else { return }
        try require(kept.utf8.elementsEqual(bytes), "\(kept) is what was read")
    }

    // MARK: The grammars once more, as plainly as can be

    private static func isLower(_ byte: UInt8) -> Bool {
        "abcdefghijklmnopqrstuvwxyz0123456789".utf8.contains(byte)
    }

    private static func isRepositoryName(_ bytes: [UInt8]) -> Bool {
        guard (1...255).contains(bytes.count) else { return false }
        return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
            guard let first = component.first, let last = component.last else { return false }
            let separators = component.split(whereSeparator: isLower)
            return isLower(first) && isLower(last)
                && separators.allSatisfy { separator in
                    [".", "_", "__", String(repeating: "-", count: separator.count)]
                        .contains { $0.utf8.elementsEqual(separator) }
                }
        }
    }

    private static func isTag(_ bytes: [UInt8]) -> Bool {
        let first = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_".utf8)
        let rest = first + Array(".-".utf8)
        return (1...128).contains(bytes.count) && first.contains(bytes[0]) && bytes.allSatisfy(rest.contains)
    }

    private static func isDigest(_ bytes: [UInt8]) -> Bool {
        for (prefix, count) in [("sha256:", 64), ("sha512:", 128)] where bytes.starts(with: prefix.utf8) {
            let digits = bytes.dropFirst(prefix.utf8.count)
            return digits.count == count && digits.allSatisfy("0123456789abcdef".utf8.contains)
        }
        return false
    }
}
