public import BlobStorage
public import Hashing
public import NIOCore
public import NIOPosix
public import OCI
public import Outgoing
import Synchronization

/// A blob store in a bucket of S3, which any number of processes use at once.
///
/// `S3BlobLayout` draws the bucket. An upload is a multipart upload whose parts are known by the ledger of its state;
/// what fills no part yet is in a file of this process, and in an object of its own once it was flushed. So the next
/// request for an upload may come to any process. Parts are cut at offsets that follow from their number alone, so two
/// processes that send the same bytes send the same parts.
///
/// The order that makes a finished blob durable: bytes sent and their hash compared, the name under `digests` put
/// there, the object made. S3 makes an object whole or not at all, and keeps what it has said that it has.
///
/// Beyond ``BlobStoreError``, faults are ``S3Error``.
public struct S3BlobStore: BlobStore {
    /// The least part that S3 takes, but for the last.
    public static let partByteCountMin: Int64 = 5 << 20
    /// So many parts have one size; the next so many have twice that.
    static let partsOfOneSize = 1000

    let client: S3Client
    let folder: String
    let partByteCount: Int64
    let isConditional: Bool
    let isBatching: Bool
    let publicEndpoint: OutgoingURL?
    let cdn: S3CDN?
    let threads: NIOThreadPool
    let spools = S3Spools()
    let verified = S3VerifiedNames()

    init(
        client: S3Client,
        folder: String,
        partByteCount: Int64,
        isConditional: Bool,
        isBatching: Bool = true,
        publicEndpoint: OutgoingURL? = nil,
        cdn: S3CDN? = nil,
        threads: NIOThreadPool
    ) {
        self.client = client
        self.folder = folder
        self.partByteCount = partByteCount
        self.isConditional = isConditional
        self.isBatching = isBatching
        self.publicEndpoint = publicEndpoint
        self.cdn = cdn
        self.threads = threads
    }

    /// Makes a store of a bucket; asks the bucket nothing.
    ///
    /// - Parameters:
    ///   - client: The bucket.
    ///   - folder: A folder of this machine that is there, for files without names: up to two parts of each upload.
    ///     They are gone with the process.
    ///   - partByteCount: The size of the first 1000 parts of a blob; the next 1000 have twice that, and so on: with
    ///     8 MiB, a blob of 1 TiB has some 7000.
    ///   - findings: What was found out about the bucket.
    ///   - publicEndpoint: The name of the server that readers know who are sent there; nil for the client's own.
    ///   - cdn: Where readers are sent in place of the bucket; nil for nowhere else.
    ///   - threads: Where files are written. The caller starts and stops it.
    /// - Returns: The store.
    /// - Throws: ``BlobStoreError`` with `unusable` or `full` where no file can be made in the folder.
    public static func open(
        _ client: S3Client,
        folder: String,
        partByteCount: Int64 = 8 << 20,
        findings: S3Findings,
        publicEndpoint: OutgoingURL? = nil,
        cdn: S3CDN? = nil,
        threads: NIOThreadPool
    ) async throws -> S3BlobStore {
        // A folder that cannot be used is found now, and not by the first who pushes.
        _ = try await S3Spool.make(in: folder, base: 0, threads: threads, at: .zero)
        return S3BlobStore(
            client: client,
            folder: folder,
            partByteCount: max(partByteCount, partByteCountMin),
            isConditional: findings.can(.conditionalPuts),
            isBatching: findings.can(.batchDeletes),
            publicEndpoint: publicEndpoint,
            cdn: cdn,
            threads: threads
        )
    }

    /// Lets the files of this process go whose uploads went on elsewhere, or not at all, for an hour.
    ///
    /// Another process may have ended such an upload, and cannot tell.
    public func dropIdleFiles() {
        spools.dropIdle(at: moment)
    }

    /// Writes into a file, hashing on the way, and sends each part that is full.
    public func append(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) async throws -> UploadState {
        try await telling { try await appendNow(bytes, to: key, at: state) }
    }

    /// Puts the end that fills no part there as an object; what is cheap is to go back to where the parts end.
    public func flush(_ key: BlobKey, at state: UploadState, _ extent: UploadExtent) async throws -> UploadState {
        try await telling { () async throws -> UploadState in
            switch extent {
            case .cheap: try flushParts(key, at: state)
            case .whole: try await flushWhole(key, at: state)
            }
        }
    }

    /// Reads the file; what is in parts cannot be read before they are a blob, and is refused as `truncated`.
    public func rehash(
        _ key: BlobKey,
        at state: UploadState,
        _ algorithm: Digest.Algorithm
    ) async throws -> ContentHash {
        guard state.offset > 0 else { return ContentHash(algorithm) }
        return try await telling { () async throws -> ContentHash in
            let ledger = try S3Ledger(state.ledger)
            guard ledger.parts.isEmpty else {
                throw BlobStoreError(
                    .truncated,
                    "The parts of the upload \(key) cannot be read before it is finished, so it cannot be hashed "
                        + "by \(algorithm). It begins anew."
                )
            }
            return try await spool(key, ledger, upTo: state.offset).hash(0..<state.offset, algorithm)
        }
    }

    /// Puts there what is less than a part with one request, and completes the parts of what is more.
    public func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at state: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        try await telling { try await finishNow(key, appending: bytes, at: state, expecting: digest) }
    }

    /// Aborts the multipart upload and removes the ends, although the task was cancelled.
    public func discard(_ key: BlobKey, ledger: [UInt8]?) async throws {
        try await telling { try await S3Afterwards.run { try await discardNow(key, ledger: ledger) } }
    }

    /// Asks for the size; a blob that came in parts is asked for its digest, too, when it is opened first.
    public func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        let found = try await telling { try await facts(of: key, digest) }
        let name = S3BlobLayout.blob(key)
        let blob = S3Blob(client: client, key: name, facts: found, publicEndpoint: publicEndpoint, cdn: cdn)
        return StoredBlob(byteCount: found.byteCount, content: .remote(blob))
    }

    /// Removes the bytes and then the name of the digest; who reads them may fail from then on.
    public func remove(_ key: BlobKey, digest: Digest) async throws {
        try await telling { () async throws -> Void in
            let start = S3BlobLayout.digestStart(digest, key)
            let names = try await client.list(prefix: start).objects.map(\.key)
            guard !names.isEmpty else { return }
            try await client.delete(S3BlobLayout.blob(key))
            for name in names { try await client.delete(name) }
            verified.forget(start)
        }
    }

    /// Uploads by their keys, then blobs by their digests, then what is not of its making.
    ///
    /// The size of an upload is that of its end as far as it is known, which is not known of parts.
    public func list(after token: String?, limit: Int) async throws -> BlobListing {
        try await telling { try await listNow(after: token, limit: max(limit, 1)) }
    }

    /// Asks for each; all digests are listed only where one came in parts, whose object does not name its digest.
    public func blobs(under keys: Set<BlobKey>) async throws -> [BlobListing.Entry] {
        try await telling { try await blobsNow(under: keys) }
    }

    /// The room of this machine, through which all that is pushed goes: a bucket has no bound that it tells.
    public func space() async throws -> StorageSpace {
        let folder = folder
        return try await threads.runIfActive { try S3Spool.space(in: folder) }
    }

    /// What the object `identity` says.
    public func identity() async throws -> BlobKey? {
        let bytes: [UInt8]
        do {
            bytes = try await client.get(S3BlobLayout.identity).body.collect(upTo: 64)
        } catch let error as S3Error where error.code == .noSuchKey {
            return nil
        } catch let error as S3Error where error.code != .entityTooLarge {
            throw error.asStoreError
        } catch is S3Error {
            bytes = []
        }
        guard bytes.last == UInt8(ascii: "\n"), let name = BlobKey(String(decoding: bytes.dropLast(), as: UTF8.self))
        else {
            throw BlobStoreError(
                .unusable,
                "The object \(client.address.prefix)\(S3BlobLayout.identity) of \(client.address.place) is damaged: "
                    + "it should hold 32 hexadecimal digits and a newline. Restore it from the backup, or remove it: "
                    + "wharf then looks whether blobs and database belong together."
            )
        }
        return name
    }

    /// Puts the object `identity` there, unless it is there: another process may be faster with another name.
    @discardableResult
    public func identify(as name: BlobKey) async throws -> BlobKey {
        if let held = try await identity() { return held }
        try await telling {
            do {
                let body = S3Body.bytes("\(name)\n".utf8)
                try await client.put(S3BlobLayout.identity, body, onlyIfAbsent: isConditional)
            } catch let error as S3Error where error.code == .preconditionFailed {
                // Which name it is by now is looked at next.
            }
        }
        guard let held = try await identity() else {
            throw BlobStoreError(.unusable, "\(client.address.place) has lost the name that it was given just now.")
        }
        return held
    }

    /// Where the store knows `If-None-Match`, which keeps the first name.
    public var isNamedOnce: Bool { isConditional }

    // MARK: - For all of them

    /// The time, for what is used the longest time ago.
    var moment: Duration { client.pacing.elapsed() }

    /// What is known of a finished blob, if it is the one of a digest.
    func facts(of key: BlobKey, _ digest: Digest) async throws -> S3ObjectFacts {
        let facts = try await client.head(S3BlobLayout.blob(key))
        if let named = facts.metadata[Self.digestField] {
            guard named == digest.description else { throw Self.missing(key, digest) }
            return facts
        }
        // It came in parts, before its digest was known.
        let name = S3BlobLayout.digestStart(digest, key)
        guard !verified.contains(name) else { return facts }
        do {
            _ = try await client.head(S3BlobLayout.digest(digest, key, byteCount: facts.byteCount))
        } catch let error as S3Error where error.code == .noSuchKey {
            throw Self.missing(key, digest)
        }
        verified.insert(name)
        return facts
    }

    /// The field in which an object that came at once has its digest.
    static let digestField = "digest"

    private static func missing(_ key: BlobKey, _ digest: Digest) -> BlobStoreError {
        BlobStoreError(.notFound, "There is no blob \(digest) under the key \(key).")
    }

    /// Runs `body`, and says failures in the words of the contract, where it has them.
    func telling<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as S3Error {
            throw error.asStoreError
        }
    }
}

extension S3Error {
    /// The failure in the words of the contract, where it has them; else itself.
    var asStoreError: any Error {
        switch code {
        case .noSuchKey, .noSuchUpload: BlobStoreError(.notFound, message)
        case .invalidPart: BlobStoreError(.truncated, message)
        case .full: BlobStoreError(.full, message)
        case .settingsInvalid, .noSuchBucket, .denied, .credentialsRefused, .wrongRegion, .unreachable:
            BlobStoreError(.unusable, message)
        case _ where isPassing: BlobStoreError(.unavailable, message)
        case .credentialsUnavailable, .clockSkewed: BlobStoreError(.unavailable, message)
        default: self
        }
    }
}

/// Blobs whose digest was compared with its name, so that it is not asked for each time.
final class S3VerifiedNames: Sendable {
    private static let countMax = 10_000
    private let names = Mutex<Set<String>>([])

    func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }

    func insert(_ name: String) {
        names.withLock { names in
            if names.count >= Self.countMax { names.removeFirst() }
            names.insert(name)
        }
    }

    func forget(_ name: String) { names.withLock { _ = $0.remove(name) } }
}
