import Glibc
import Hashing
import NIOCore
import OCI
import RegistryContract
import Synchronization

/// Reading a layout, wherever its files are.
///
/// Every method may wait for the disk.
struct LayoutReader: Sendable {
    let source: any LayoutSource
    let limits: LayoutLimits
    private let known = KnownManifests()

    init(_ source: any LayoutSource, limits: LayoutLimits) {
        self.source = source
        self.limits = limits
    }

    /// A manifest that was read, compared with its digest, and understood.
    struct Found {
        var manifest: Manifest
        var bytes: [UInt8]
    }

    // MARK: - Manifests

    func manifest(_ reference: Reference) throws -> StoredManifest {
        let digest = try digest(of: reference)
        guard let found = try find(digest, in: source.index()) else { throw unknown(reference, digest) }
        return StoredManifest(
            digest: digest,
            mediaType: found.manifest.mediaType,
            bytes: ByteBuffer(bytes: found.bytes)
        )
    }

    /// What a reference names.
    private func digest(of reference: Reference) throws -> Digest {
        let index = try source.index()
        switch reference {
        case .digest(let digest): return digest
        case .tag(let tag):
            guard let entry = index.entry(of: tag) else { throw unknown(tag, index.tags) }
            return entry.descriptor.digest
        }
    }

    /// The manifest of a digest; nil when nothing is there by that digest, or no manifest.
    ///
    /// Throws `manifestTooLarge`, and `digestMismatch` where the bytes are others.
    func find(_ digest: Digest, in index: LayoutIndex) throws -> Found? {
        guard let content = try source.open(digest) else { return nil }
        let listed = index.entries(of: digest).first?.descriptor
        guard content.byteCount <= limits.manifestByteCountMax else {
            guard listed?.mediaType.map({ $0.isManifest }) ?? false else { return nil }
            throw RegistryError(
                .manifestTooLarge,
                "The manifest \(digest) in \(source.name) has \(content.byteCount) bytes, and may have "
                    + "\(limits.manifestByteCountMax).",
                digests: [digest]
            )
        }
        let bytes = try content.bytes()
        guard let manifest = Self.parse(bytes, listed?.mediaType) else { return nil }
        guard ContentHash.digest(of: bytes, digest.algorithm) == digest else { throw damaged(digest) }
        return Found(manifest: manifest, bytes: bytes)
    }

    /// What the body says counts; where it says nothing, what the index says of it.
    private static func parse(_ bytes: [UInt8], _ listed: MediaType?) -> Manifest? {
        let type = listed.flatMap { $0.isManifest ? $0 : nil }
        do throws(Manifest.ParseError) {
            return try Manifest(parsing: bytes, contentType: type)
        } catch {
            guard case .contradiction = error else { return nil }
            return try? Manifest(parsing: bytes, contentType: nil)
        }
    }

    /// What is known of a manifest, from memory where it was read before; nil as with ``find(_:in:)``.
    func facts(of digest: Digest, in index: LayoutIndex) throws -> ManifestFacts? {
        if let facts = known[digest], try source.byteCount(of: digest) == facts.byteCount { return facts }
        guard let found = try find(digest, in: index) else { return nil }
        let facts = ManifestFacts(manifest: found.manifest, byteCount: Int64(found.bytes.count))
        known[digest] = facts
        return facts
    }

    // MARK: - Blobs

    func blobByteCount(_ digest: Digest) throws -> Int64 {
        guard let count = try source.byteCount(of: digest) else { throw try unknown(blob: digest) }
        return count
    }

    func blob(_ digest: Digest) throws -> BlobContent {
        guard let content = try source.open(digest) else { throw try unknown(blob: digest) }
        return content
    }

    // MARK: - Lists

    func tags(after last: String?, limit: Int) throws -> Page<Tag> {
        let tags = try source.index().tags
        let rest = tags.filter { tag in
            last.map { $0.utf8.lexicographicallyPrecedes(tag.description.utf8) } ?? true
        }
        return Page(rest, limit: limit)
    }

    /// What a layout means when nobody says which of its images is meant: the only one.
    func soleReference() throws -> Reference {
        let index = try source.index()
        var images: [Digest] = []
        for entry in index.entries where entry.tag?.isFallback != true {
            let digest = entry.descriptor.digest
            guard !images.contains(digest), try facts(of: digest, in: index)?.manifest.subject == nil else { continue }
            images.append(digest)
        }
        guard let only = images.first else {
            throw RegistryError(.manifestUnknown, "There is no image in \(source.name).")
        }
        guard images.count == 1 else {
            throw RegistryError(
                .manifestUnknown,
                "There are \(images.count) images in \(source.name): say which one is meant, by "
                    + "\(Self.choice(index.tags, among: images))."
            )
        }
        return index.entries(of: only).lazy.compactMap(\.tag).first.map(Reference.tag) ?? .digest(only)
    }

    private static func choice(_ tags: [Tag], among digests: [Digest]) -> String {
        guard !tags.isEmpty else { return "its digest, such as \(digests[0])" }
        let shown = tags.prefix(10).map(\.description).joined(separator: ", ")
        return "its tag (\(shown)\(tags.count > 10 ? ", …" : ""))"
    }

    // MARK: - Refusals

    private func unknown(_ tag: Tag, _ tags: [Tag]) -> RegistryError {
        let shown = tags.prefix(10).map(\.description).joined(separator: ", ")
        let rest = tags.isEmpty ? "It has no tags." : "It has \(shown)\(tags.count > 10 ? ", …" : "")."
        return RegistryError(.manifestUnknown, "There is no tag \(tag) in \(source.name). \(rest)")
    }

    private func unknown(_ reference: Reference, _ digest: Digest) -> RegistryError {
        guard case .tag(let tag) = reference else {
            return RegistryError(
                .manifestUnknown,
                "There is no manifest \(digest) in \(source.name).",
                digests: [digest]
            )
        }
        return RegistryError(
            .manifestUnknown,
            "The tag \(tag) of \(source.name) names \(digest), which is not there or is no manifest: it is not "
                + "complete. Copy it again from where it came.",
            digests: [digest]
        )
    }

    private func unknown(blob digest: Digest) throws -> RegistryError {
        _ = try source.index()
        return RegistryError(.blobUnknown, "There is no blob \(digest) in \(source.name).", digests: [digest])
    }

    private func damaged(_ digest: Digest) -> RegistryError {
        RegistryError(
            .digestMismatch,
            "The manifest \(digest) in \(source.name) has other bytes than its digest says: it is damaged. Copy it "
                + "again from where it came.",
            digests: [digest]
        )
    }
}

/// What is remembered of a manifest.
///
/// The bytes of a digest never change, so it stays true.
struct ManifestFacts: Sendable {
    var manifest: Manifest
    var byteCount: Int64

    /// Everything that it is made of: all that it names but its subject.
    var content: [Digest] {
        ((manifest.config.map { [$0] } ?? []) + manifest.layers + manifest.manifests).map(\.digest)
    }
}

/// The manifests that were read, up to a number.
private final class KnownManifests: Sendable {
    private static let countMax = 10_000
    private let facts = Mutex<[Digest: ManifestFacts]>([:])

    subscript(digest: Digest) -> ManifestFacts? {
        get { facts.withLock { $0[digest] } }
        set {
            facts.withLock { facts in
                if facts.count >= Self.countMax { facts = [:] }
                facts[digest] = newValue
            }
        }
    }
}

extension MediaType {
    /// Whether what is so called is a manifest.
    var isManifest: Bool {
        let all: [MediaType] = [.imageManifest, .imageIndex, .artifactManifest, .dockerManifest, .dockerManifestList]
        return all.contains(self)
    }
}

extension Tag {
    /// `sha256-<hex>`, alone or with cosign's endings: a tag by which something refers to a manifest.
    var isFallback: Bool { subject != nil }

    /// The manifest that something refers to by this tag.
    var subject: Digest? {
        var text = description
        for ending in [".sig", ".att", ".sbom"] where text.hasSuffix(ending) { text.removeLast(ending.count) }
        guard let dash = text.firstIndex(of: "-") else { return nil }
        return try? Digest("\(text[..<dash]):\(text[text.index(after: dash)...])")
    }
}

extension BlobContent {
    /// All of it, for what is small.
    func bytes() throws -> [UInt8] {
        switch source {
        case .bytes(let buffer): return Array(buffer.readableBytesView)
        case .file(let file):
            defer { withExtendedLifetime(file.owner) {} }
            let count = Int(byteCount)
            return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                while filled < count {
                    let at = buffer.baseAddress.map { $0 + filled }
                    let got = retried { pread(file.descriptor, at, count - filled, off_t(file.offset) + off_t(filled)) }
                    guard got > 0 else { throw FileProblem(.read, "a manifest") }
                    filled += got
                }
            }
        case .stream: throw RegistryError(.unsupported, "A layout has no streams.")
        }
    }
}
