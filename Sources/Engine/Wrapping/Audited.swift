import Metadata
import OCI
import RegistryContract

/// A registry that hands in, for the audit, what was changed in the registry below, once that has happened, and some of
/// the manifests that were read.
///
/// It stands below what decides who may: what is refused is told by whoever refuses. What holds a tag where it is
/// stands further below, and is told here.
public struct Audited: Registry {
    let base: any Registry
    let caller: Caller
    let options: Options

    /// What is handed in, and to whom.
    public struct Options: Sendable {
        /// The share of reads of manifests that are handed in, from 0 to 1.
        public var pulls: Double
        /// The time.
        public var now: @Sendable () -> Timestamp
        /// Takes an entry; returns at once.
        public var record: @Sendable (AuditFact) -> Void

        /// States what is handed in, and to whom.
        public init(
            pulls: Double,
            now: @escaping @Sendable () -> Timestamp,
            record: @escaping @Sendable (AuditFact) -> Void
        ) {
            self.pulls = pulls
            self.now = now
            self.record = record
        }
    }

    /// Wraps the registry of a caller.
    public init(_ base: any Registry, for caller: Caller, _ options: Options) {
        self.base = base
        self.caller = caller
        self.options = options
    }

    /// Does something to a tag or a manifest; hands in the refusal where something holds the tag.
    func tellingGuards<Value>(
        _ action: String,
        _ target: @autoclosure () -> String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as RegistryError where error.code == .tagGuarded {
            record(action, target(), outcome: .denied, reason: error.message)
            throw error
        }
    }

    func record(
        _ action: String,
        _ target: String,
        outcome: AuditFact.Outcome = .allowed,
        reason: String = "",
        details: String = ""
    ) {
        options.record(
            AuditFact(
                at: options.now(),
                principal: caller.id,
                address: caller.address,
                requestID: caller.requestID,
                action: action,
                target: target,
                outcome: outcome,
                reason: reason,
                details: details
            )
        )
    }
}

/// Makes registries whose changes are handed in for the audit.
public struct AuditedProvider: RegistryProvider {
    private let base: any RegistryProvider
    private let options: Audited.Options

    /// Wraps what makes registries.
    public init(_ base: any RegistryProvider, _ options: Audited.Options) {
        self.base = base
        self.options = options
    }

    /// The registry of a caller, audited.
    public func registry(for caller: Caller, standing: TagStanding) -> any Registry {
        Audited(base.registry(for: caller, standing: standing), for: caller, options)
    }
}

// MARK: - Changes

extension Audited {
    /// Asks the registry below.
    public func admitManifest(in repository: RepositoryName) async throws {
        try await base.admitManifest(in: repository)
    }

    /// Pushes; records the push, and each tag that was given.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        let target = push.tags.first.map { "\(repository):\($0)" } ?? "\(repository)"
        let receipt = try await tellingGuards("tag.move", target) {
            try await base.putManifest(push, in: repository)
        }
        record("manifest.push", "\(repository)@\(receipt.digest)")
        for tag in push.tags {
            record("tag.move", "\(repository):\(tag)", details: #"{"digest":"\#(receipt.digest)"}"#)
        }
        return receipt
    }

    /// Mounts, and records it where there was something to mount.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        let isMounted = try await base.mountBlob(digest, from: source, into: repository)
        guard isMounted else { return false }
        var details = ""
        if case .repository(let name) = source { details = #"{"from":"\#(name)"}"# }
        record("blob.mount", "\(repository)@\(digest)", details: details)
        return true
    }

    /// Finishes an upload, and records the blob.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        let byteCount = try await base.finishUpload(
            id,
            appending: body,
            at: offset,
            expecting: digest,
            in: repository
        )
        record("blob.push", "\(repository)@\(digest)", details: #"{"bytes":\#(byteCount)}"#)
        return byteCount
    }

    /// Deletes and records.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try await tellingGuards("manifest.delete", "\(repository)@\(digest)") {
            try await base.deleteManifest(digest, in: repository)
        }
        record("manifest.delete", "\(repository)@\(digest)")
    }

    /// Deletes and records.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try await tellingGuards("tag.delete", "\(repository):\(tag)") {
            try await base.deleteTag(tag, if: condition, in: repository)
        }
        record("tag.delete", "\(repository):\(tag)")
    }

    /// Deletes and records.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try await base.deleteBlob(digest, in: repository)
        record("blob.delete", "\(repository)@\(digest)")
    }
}
