import BlobStorage
import Hashing
import Metadata
import OCI

/// Reads everything that an installation holds, and compares bytes with digests and facts with bytes.
///
/// The registry may run meanwhile: what is being pushed while this reads is not taken for damage.
public struct StorageVerification: Sendable {
    /// Something that was found.
    public struct Finding: Sendable, Hashable {
        /// How bad it is.
        public enum Severity: String, Sendable {
            /// Something that was acknowledged is not what it was.
            case damage
            /// Bytes that no fact names, as a crash leaves them: they harm nothing and take room.
            case garbage
        }

        /// How bad it is.
        public var severity: Severity
        /// A sentence for the operator.
        public var sentence: String
    }

    /// What was looked at.
    public struct Report: Sendable, Hashable {
        /// How many blobs were read.
        public var blobCount = 0
        /// How many bytes they had.
        public var byteCount: Int64 = 0
        /// How many manifests were read.
        public var manifestCount = 0
        /// How many pieces of damage were found.
        public var damageCount = 0
        /// How many pieces of garbage were found.
        public var garbageCount = 0
    }

    private static let pageCount = 500

    private let facts: FactStore
    private let blobs: any BlobStore
    private let tell: @Sendable (Finding) -> Void

    /// Verifies one installation.
    ///
    /// - Parameters:
    ///   - facts: its facts.
    ///   - blobs: its bytes.
    ///   - tell: called with each finding as it is made.
    public init(facts: FactStore, blobs: any BlobStore, tell: @escaping @Sendable (Finding) -> Void) {
        self.facts = facts
        self.blobs = blobs
        self.tell = tell
    }

    /// Reads everything.
    ///
    /// Throws only when it cannot go on: a damaged thing is a finding.
    public func run() async throws -> Report {
        var report = Report()
        for problem in try await facts.integrityProblems() { damage("the database: \(problem)", &report) }
        try await verifyBlobs(&report)
        try await nameQuarantined(&report)
        try await verifyManifests(&report)
        try await findGarbage(&report)
        return report
    }

    // MARK: Blobs

    private func verifyBlobs(_ report: inout Report) async throws {
        var last: Digest?
        while true {
            let after = last
            let page = try await facts.read { try $0.blobs(after: after, limit: Self.pageCount) }
            for blob in page {
                report.blobCount += 1
                report.byteCount += blob.byteCount
                guard let problem = await problem(with: blob) else { continue }
                // It may have been removed, with its fact, since the page was read.
                guard try await facts.read({ try $0.blob(blob.digest) }) == blob else { continue }
                let holders = try await facts.read { try $0.anyRepositoryLinking(blob.digest, limit: 5) }
                let names = holders.isEmpty ? "no repository" : holders.map(\.description).joined(separator: ", ")
                damage("blob \(blob.digest) (in \(names)): \(problem)", &report)
            }
            guard page.count == Self.pageCount else { return }
            last = page.last?.digest
        }
    }

    /// Names what was found to be damaged before, and is not served.
    private func nameQuarantined(_ report: inout Report) async throws {
        var last: Digest?
        repeat {
            let after = last
            let page = try await facts.read { try $0.quarantinedBlobs(after: after, limit: Self.pageCount) }
            for damaged in page.map(\.blob) {
                damage("blob \(damaged.digest): it was found to be damaged, and is not served", &report)
            }
            last = page.count == Self.pageCount ? page.last?.blob.digest : nil
        } while last != nil
    }

    private func problem(with blob: BlobFact) async -> String? {
        guard let key = BlobKey(blob.key) else { return "it is recorded under the key \(blob.key), which is none" }
        do {
            let stored = try await blobs.open(key, digest: blob.digest)
            guard stored.byteCount == blob.byteCount else {
                return "it has \(stored.byteCount) bytes in place of \(blob.byteCount)"
            }
            let digest = try await stored.digest(blob.digest.algorithm)
            return digest == blob.digest ? nil : "its bytes have the digest \(digest)"
        } catch let error as BlobStoreError where error.code == .notFound {
            return "its bytes are missing (key \(blob.key))"
        } catch {
            return "its bytes cannot be read: \(error)"
        }
    }

    // MARK: Manifests

    private func verifyManifests(_ report: inout Report) async throws {
        var place: ManifestPlace?
        while true {
            let after = place
            let page = try await facts.read { try $0.manifests(after: after, limit: Self.pageCount) }
            for manifest in page {
                report.manifestCount += 1
                try await verify(manifest, &report)
            }
            guard page.count == Self.pageCount, let last = page.last else { return }
            place = ManifestPlace(repository: last.repository, digest: last.fact.digest)
        }
    }

    private func verify(_ stored: StoredManifest, _ report: inout Report) async throws {
        let digest = stored.fact.digest
        let (name, missing) = try await facts.read { facts in
            let edges = try facts.edges(of: digest, in: stored.repository)
            let needed = edges.filter { $0.kind == .config || $0.kind == .layer }.map(\.child)
            let unlinked = try facts.missingLinks(of: needed, in: stored.repository)
            return (try facts.name(of: stored.repository), unlinked)
        }
        let who = "manifest \(digest) (in \(name?.description ?? "a repository that has no name"))"
        let actual = ContentHash.digest(of: stored.bytes, digest.algorithm)
        guard actual == digest else { return damage("\(who): its bytes have the digest \(actual)", &report) }
        guard let manifest = try? Manifest(parsing: stored.bytes, contentType: stored.fact.mediaType) else {
            return damage("\(who): its bytes cannot be read as \(stored.fact.mediaType)", &report)
        }
        // What a registry may not hand on need not be here.
        let absent = Set(manifest.layers.filter { $0.mediaType?.isNonDistributable ?? false }.map(\.digest))
        for blob in missing where !absent.contains(blob) {
            damage("\(who): it needs blob \(blob), which its repository does not hold", &report)
        }
    }

    // MARK: Garbage

    private func findGarbage(_ report: inout Report) async throws {
        var token: String?
        repeat {
            let page = try await blobs.list(after: token, limit: 1000)
            for stranger in page.strangers { garbage("\(stranger): not made by wharf", &report) }
            for entry in page.entries {
                guard let digest = entry.digest else { continue }
                let key = entry.key.description
                guard try await !facts.read({ try $0.isNamed(key, digest) }) else { continue }
                // The collection may have removed it since the page was read.
                guard await isStored(entry.key, digest) else { continue }
                garbage("\(digest) under the key \(entry.key), \(entry.byteCount) bytes: no fact names it", &report)
            }
            token = page.next
        } while token != nil
        for key in try await blobs.uploads(without: facts) {
            garbage("an upload under the key \(key): it has ended, and its bytes are still there", &report)
        }
    }

    private func isStored(_ key: BlobKey, _ digest: Digest) async -> Bool {
        do {
            _ = try await blobs.byteCount(of: key, digest: digest)
        } catch let error as BlobStoreError where error.code == .notFound {
            return false
        } catch {
            // Nobody can tell.
        }
        return true
    }

    private func damage(_ sentence: String, _ report: inout Report) {
        report.damageCount += 1
        tell(Finding(severity: .damage, sentence: sentence))
    }

    private func garbage(_ sentence: String, _ report: inout Report) {
        report.garbageCount += 1
        tell(Finding(severity: .garbage, sentence: sentence))
    }
}
