import BlobStorage
import Gates
import Metadata
import OCI
import RegistryContract

/// The registry that is hosted here: the rules of links, tags, mounts and referrers over a blob store and the facts.
///
/// Invariants:
/// - Bytes before facts: bytes are durable before the transaction that names them, so that a crash leaves garbage that
///   a query finds and never a name without content.
/// - What must hold together is decided inside of one transaction.
/// - What is cached in memory is forgotten after the commit that changed it and before the answer to whoever changed
///   it: the very next read sees the change.
public final class RegistryHost: Sendable {
    /// How a host behaves.
    public struct Options: Sendable {
        /// The largest manifest that is taken, in bytes.
        public var manifestByteCountMax: Int
        /// After so many bytes an upload in progress is made durable, so that it can be resumed from there.
        public var checkpointByteCount: Int64
        /// The memory for manifests, links and small blobs that are asked for often, in bytes.
        public var cacheByteCount: Int
        /// Whether this process is the only one that changes the facts: what names lead to is then kept in memory.
        public var isAlone: Bool
        /// How long what is deleted can be brought back; zero is not at all.
        public var trashTime: Duration
        /// How long a request waits for another one that has the same upload, before it is refused for now.
        public var turnDuration: Duration
        /// Who is sent to where the blobs lie; nil for nobody.
        public var redirects: BlobRedirects?

        /// States how a host behaves.
        public init(
            manifestByteCountMax: Int = Manifest.byteCountMax,
            checkpointByteCount: Int64 = 16 << 20,
            cacheByteCount: Int = 64 << 20,
            isAlone: Bool = true,
            trashTime: Duration = .zero,
            turnDuration: Duration = .seconds(30),
            redirects: BlobRedirects? = nil
        ) {
            self.manifestByteCountMax = manifestByteCountMax
            self.checkpointByteCount = checkpointByteCount
            self.cacheByteCount = cacheByteCount
            self.isAlone = isAlone
            self.trashTime = trashTime
            self.turnDuration = turnDuration
            self.redirects = redirects
        }
    }

    let facts: FactStore
    let blobs: any BlobStore
    let options: Options
    let cache: HostCache
    let uploads: UploadDesk
    let rules = TagRuleBook()
    let quotas = QuotaWatch()
    let now: @Sendable () -> Timestamp

    /// Hosts a registry over a blob store and the facts, whose schema is up to date.
    ///
    /// Does no I/O.
    public init(
        facts: FactStore,
        blobs: any BlobStore,
        options: Options = Options(),
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.facts = facts
        self.blobs = blobs
        self.options = options
        self.now = now
        cache = HostCache(byteCount: options.cacheByteCount, keepsNames: options.isAlone)
        uploads = UploadDesk(turnDuration: options.turnDuration)
    }

    /// How many uploads have a client at work on them now.
    public var activeUploadCount: Int { uploads.activeCount }

    /// Forgets what is kept in memory of which blobs repositories hold: for those who take links away beside it.
    public func forgetLinks() {
        cache.forgetLinks()
    }

    /// Forgets what is kept in memory of a blob: for those who take it out of service, or mend it, beside it.
    public func forget(_ blob: Digest) {
        cache.forget(content: blob)
    }

    /// Forgets what is kept in memory of what names lead to: for those who delete and restore beside it.
    public func forgetNames() {
        cache.forgetNames()
    }

    /// Whether a client is at work on an upload now, however slowly its bytes come.
    public func isActive(_ upload: UploadID, in repository: RepositoryName) -> Bool {
        uploads.isActive(upload, in: repository)
    }
}

extension RegistryHost: RegistryProvider {
    /// The whole registry; who may see and change what is decided by wrapping it.
    ///
    /// What holds a tag where it is, holds it here, for whoever comes and by whatever way.
    public func registry(for caller: Caller, standing: TagStanding) -> any Registry {
        HostedRegistry(host: self, caller: caller, standing: standing)
    }
}

/// The hosted registry, acting for one caller.
struct HostedRegistry: Registry {
    let host: RegistryHost
    let caller: Caller
    let standing: TagStanding

    var facts: FactStore { host.facts }
    var blobs: any BlobStore { host.blobs }
    var cache: HostCache { host.cache }

    /// What a tag goes through that the caller moves or deletes.
    func gate(at moment: Timestamp) -> TagGate {
        TagGate(rules: host.rules, standing: standing, caller: caller, moment: moment)
    }

    /// Runs what reaches for the stores, and says their refusals in the registry's words.
    func translatingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            throw Self.translation(of: error)
        }
    }

    /// Not a part of the above: what this needs would be held by each request that waits for a store.
    @inline(never)
    private static func translation(of error: any Error) -> any Error {
        switch error {
        case let error as BlobStoreError where error.code == .full:
            RegistryError(.storageFull, isFull("storage"), underlying: error)
        case let error as BlobStoreError where error.code == .unavailable || error.code == .unusable:
            RegistryError(.unavailable, "the registry's storage cannot be used now; try again", underlying: error)
        case let held as TagRefusal:
            RegistryError(.tagGuarded, held.description, digests: held.target.map { [$0] } ?? [])
        case let error as MetadataError:
            refusal(of: error)
        case let error as QuotaExceeded:
            RegistryError(.quotaExceeded, error.sentence, underlying: error)
        default:
            error
        }
    }

    private static func isFull(_ what: String) -> String {
        "the registry's \(what) is full: nothing was stored; try again after its operator has made room"
    }

    private static func refusal(of error: MetadataError) -> any Error {
        switch error.code {
        case .full: RegistryError(.storageFull, isFull("database"), underlying: error)
        case .conditionFailed:
            RegistryError(.conditionFailed, "the tag does not point where the request expects it", underlying: error)
        case .busy, .unavailable:
            RegistryError(.unavailable, "the registry's database cannot be used now; try again", underlying: error)
        default: error
        }
    }
}
