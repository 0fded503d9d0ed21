import Archives
import Hashing
import ImageLayout
import NIOCore
import OCI
import RegistryContract

extension FuzzTarget {
    /// What is found in an archive lies in its file, and what is made of it holds together.
    ///
    /// Once as the archive itself, and once as the files in it: the manifest.json or index.json, the config, a layer,
    /// with a zero byte between them.
    static func checkImageArchive(_ bytes: [UInt8]) throws(Violation) {
        let file = try FuzzFile(.archive)
        defer { file.remove() }
        try checkArchiveFile(withChecksums(bytes), file)
        let parts = bytes.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).map { Array($0) }
        let names = ["manifest.json", "config.json", "layer.tar"]
        try checkArchiveFile(archive(Array(zip(names, parts))), file)
        let layout = [("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)), ("index.json", parts[0])]
        try checkArchiveFile(archive(layout), file)
        try checkIndex(parts[0])
    }

    private static func archive(_ files: [(String, [UInt8])]) -> [UInt8] {
        var writer = TarWriter()
        return files.flatMap { (try? writer.whole(TarEntry(path: $0.0), $0.1)) ?? [] } + writer.finish()
    }

    private static func checkArchiveFile(_ bytes: [UInt8], _ file: FuzzFile) throws(Violation) {
        try file.write(bytes)
        let limit = ExpansionLimit(byteCountMax: 1 << 20, ratioMax: 1000)
        guard let archive = try? ArchiveFile(path: file.path, temporary: file.folder, limit: limit) else { return }
        for name in ReadTar(bytes, pieceByteCount: 512).names {
            guard let slice = archive.slice(String(decoding: name, as: UTF8.self)) else { continue }
            // A compressed one is longer than its bytes.
            let content = try? archive.bytes(slice, count: Int(slice.byteCount))
            try require(content.map { Int64($0.count) } == slice.byteCount, "what is found lies in the file: \(slice)")
        }
        if let source = try? DockerSource(archive) { try checkSource(source) }
        _ = try? ArchiveSource(archive)
    }

    /// Every manifest that was made can be read, and what it names is there.
    private static func checkSource(_ source: DockerSource) throws(Violation) {
        for entry in source.index().entries {
            guard case .bytes(let buffer)? = source.open(entry.descriptor.digest)?.source else {
                throw Violation(description: "the manifest \(entry.descriptor.digest) is there")
            }
            let bytes = [UInt8](buffer.readableBytesView)
            try require(ContentHash.digest(of: bytes) == entry.descriptor.digest, "it has its digest")
            let type = entry.descriptor.mediaType
            guard let manifest = try? Manifest(parsing: bytes, contentType: type) else {
                throw Violation(description: "a manifest that was made can be read: \(entry)")
            }
            for blob in (manifest.config.map { [$0] } ?? []) + manifest.layers {
                let isThere = source.open(blob.digest) != nil && source.byteCount(of: blob.digest) != nil
                try require(isThere, "\(blob.digest), which \(entry.descriptor.digest) names, is there")
            }
        }
    }

    private static func checkIndex(_ bytes: [UInt8]) throws(Violation) {
        guard var index = try? LayoutIndex(parsing: bytes) else { return }
        let again = try? LayoutIndex(parsing: index.json())
        try require(again?.entries == index.entries, "an index reads as it was written")
        try require(Set(index.tags).count == index.tags.count, "each tag is there once: \(index.tags)")
        for tag in index.tags {
            try require(index.entry(of: tag) != nil, "\(tag) points to something")
        }
        guard let descriptor = index.entries.first?.descriptor, let tag = try? Tag("fuzz") else { return }
        index.name(descriptor, tag)
        try require(index.entry(of: tag)?.descriptor.digest == descriptor.digest, "a tag points where it was put")
        let changed = try? LayoutIndex(parsing: index.json())
        try require(changed?.entry(of: tag)?.descriptor.digest == descriptor.digest, "and does when it is read again")
    }
}
