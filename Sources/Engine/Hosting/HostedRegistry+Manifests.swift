import Gates
import Hashing
import Metadata
import NIOCore
import OCI
import RegistryContract

extension HostedRegistry {
    func manifest(
        _ reference: Reference,
        in repository: RepositoryName
    ) async throws -> RegistryContract.StoredManifest {
        let key = HostCache.ManifestKey(repository: repository, reference: reference)
        if let manifest = cache.manifest(key) { return manifest }
        return try await translatingErrors {
            let generation = cache.generation
            let found = try await facts.read { facts in
                switch reference {
                case .tag(let tag): try facts.content(tagged: tag, in: repository)
                case .digest(let digest): try facts.content(of: digest, in: repository)
                }
            }
            guard let found else { throw try await unknown(reference, in: repository) }
            return keep(found, for: key, since: generation)
        }
    }

    /// A manifest as it is handed out, and kept where it may be.
    private func keep(
        _ found: ManifestContent,
        for key: HostCache.ManifestKey,
        since generation: HostCache.Generation
    ) -> RegistryContract.StoredManifest {
        let manifest = RegistryContract.StoredManifest(
            digest: found.digest,
            mediaType: found.mediaType,
            bytes: ByteBuffer(bytes: found.bytes)
        )
        cache.fill(manifest, for: key, since: generation)
        return manifest
    }

    /// Says what is not there.
    ///
    /// A read of its own: one that may ask two things costs more, also where it asks one. And a function of its own:
    /// what it needs would be held by each request that waits for a manifest.
    @inline(never)
    private func unknown(_ reference: Reference, in repository: RepositoryName) async throws -> RegistryError {
        try await facts.read { try Self.unknown(reference, repository, $0) }
    }

    func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        guard push.bytes.count <= host.options.manifestByteCountMax else {
            throw RegistryError(
                .manifestTooLarge,
                "a manifest may have at most \(host.options.manifestByteCountMax) bytes; this one is larger"
            )
        }
        // A large one is read away from the event loop of the connection that brought it.
        let parsed = push.bytes.count > 64 << 10 ? try await computing { try ParsedPush(push) } : try ParsedPush(push)
        return try await translatingErrors {
            let (moment, actor) = (host.now(), caller.id)
            let gate = gate(at: moment)
            try await facts.write { facts in
                try facts.commit(parsed, to: repository, at: moment, by: actor, through: gate)
            }
            cache.forget([.digest(parsed.digest)] + push.tags.map { .tag($0) }, in: repository)
            return ManifestReceipt(digest: parsed.digest, subject: parsed.manifest.subject?.digest)
        }
    }

    func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try await translatingErrors {
            let (moment, actor, time) = (host.now(), caller.id, host.options.trashTime)
            let gate = gate(at: moment)
            let tags = try await facts.write { facts in
                let target = try facts.known(repository)
                let doomed = try facts.tags(of: digest, in: target)
                guard doomed.count <= Facts.tagsDeletedMax else {
                    throw RegistryError(
                        .denied,
                        "the manifest has more than \(Facts.tagsDeletedMax) tags, which would all go at once: take "
                            + "some of them away first"
                    )
                }
                let outlook = try facts.outlook(on: doomed, in: target, named: repository)
                for tag in doomed { try gate.pass(tag, in: repository, to: nil, outlook, facts) }
                let (removed, tags) = try facts.deleteManifest(
                    digest,
                    in: target,
                    at: moment,
                    by: actor,
                    after: outlook,
                    keeping: time
                )
                guard removed else { throw try Self.unknown(.digest(digest), repository, facts) }
                return tags
            }
            cache.forget([.digest(digest)] + tags.map { .tag($0) }, in: repository)
        }
    }

    func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try await translatingErrors {
            let (moment, actor, time) = (host.now(), caller.id, host.options.trashTime)
            let gate = gate(at: moment)
            try await facts.write { facts in
                let target = try facts.known(repository)
                let outlook = try facts.outlook(on: [tag], in: target, named: repository)
                let old = try facts.deleteTag(
                    tag,
                    in: target,
                    at: moment,
                    by: actor,
                    expecting: condition.expectation,
                    after: outlook,
                    keeping: time
                )
                guard old != nil else {
                    throw try Self.unknown(.tag(tag), repository, facts)
                }
                // After the condition: whoever has one is told first that it does not hold.
                try gate.pass(tag, in: repository, to: nil, outlook, facts)
            }
            cache.forget([.tag(tag)], in: repository)
        }
    }

    private static func unknown(
        _ reference: Reference,
        _ repository: RepositoryName,
        _ facts: Facts
    ) throws -> RegistryError {
        _ = try facts.known(repository)
        switch reference {
        case .tag(let tag):
            return RegistryError(
                .manifestUnknown,
                "\(repository) has no tag \(tag): see its tags/list for those it has"
            )
        case .digest(let digest):
            return RegistryError(
                .manifestUnknown,
                "\(repository) holds no manifest \(digest)",
                digests: [digest]
            )
        }
    }
}

/// A pushed manifest, read and compared with the digest that it was pushed by.
struct ParsedPush: Sendable {
    var push: ManifestPush
    var manifest: Manifest
    var digest: Digest

    init(_ push: ManifestPush) throws {
        self.push = push
        digest = ContentHash.digest(of: push.bytes, push.digest?.algorithm ?? .sha256)
        if let expected = push.digest, expected != digest {
            throw RegistryError(
                .digestMismatch,
                "the manifest has the digest \(digest) and was pushed as \(expected)",
                digests: [digest]
            )
        }
        do throws(Manifest.ParseError) {
            manifest = try Manifest(parsing: push.bytes, contentType: push.contentType)
        } catch {
            throw RegistryError(.manifestInvalid, error.sentence)
        }
        try checkReferenceCounts()
    }

    /// Refuses what would hold up every other push for long: all that a push records is one transaction.
    private func checkReferenceCounts() throws {
        let limit = Manifest.referenceCountMax
        let count = manifest.referenceCount
        guard count <= limit else {
            throw RegistryError(
                .manifestTooLarge,
                "a manifest may name at most \(limit) blobs and manifests; this one names \(count)"
            )
        }
        let fallbackCount = push.tags.count { ReferrerTag($0)?.kind(for: manifest) == .fallback }
        guard fallbackCount * manifest.manifests.count <= limit else {
            throw RegistryError(
                .manifestTooLarge,
                "the fallback tags of one push may make at most \(limit) referrers; these are \(fallbackCount) tags on "
                    + "an index of \(manifest.manifests.count)"
            )
        }
    }

    /// What the manifest names, each with the reason.
    var edges: [Edge] {
        var edges: [Edge] = []
        if let config = manifest.config { edges.append(Edge(child: config.digest, kind: .config)) }
        edges += manifest.layers.map { Edge(child: $0.digest, kind: .layer) }
        edges += manifest.manifests.map { Edge(child: $0.digest, kind: .manifest) }
        if let subject = manifest.subject { edges.append(Edge(child: subject.digest, kind: .subject)) }
        var seen: Set<Edge> = []
        return edges.filter { seen.insert($0).inserted }
    }

    /// The blobs without which the manifest may not be pushed: config and the layers that a registry hands on.
    ///
    /// The children of an index, and the subject, may come later or never (image specification, image-index.md).
    var needed: [Digest] {
        let layers = manifest.layers.filter { !($0.mediaType?.isNonDistributable ?? false) }
        var seen: Set<Digest> = []
        return ((manifest.config.map { [$0] } ?? []) + layers).map(\.digest).filter { seen.insert($0).inserted }
    }

    /// The blobs that need not be here for the manifest to be pushed, and that it keeps here where they are.
    ///
    /// Layers that a registry does not hand on, and children of an index, which some tools push as blobs.
    var wanted: [Digest] {
        let layers = manifest.layers.filter { $0.mediaType?.isNonDistributable ?? false }
        var seen: Set<Digest> = []
        return (layers + manifest.manifests).map(\.digest).filter { seen.insert($0).inserted }
    }
}

extension Facts {
    /// Stores a manifest with all that follows from it, if what it names is there and the tags are as expected.
    fileprivate func commit(
        _ parsed: ParsedPush,
        to repository: RepositoryName,
        at moment: Timestamp,
        by actor: String,
        through gate: TagGate
    ) throws {
        let target = try ensureRepository(repository, at: moment)
        var outlook = try outlook(
            on: parsed.digest,
            needing: parsed.needed,
            tags: parsed.push.tags,
            in: target,
            named: repository
        )
        try recoverMissing(&outlook, and: parsed.wanted, in: target, at: moment)
        guard outlook.missing.isEmpty else {
            throw RegistryError(
                .manifestBlobUnknown,
                "the manifest names blobs that \(repository) does not hold: push or mount them first",
                digests: outlook.missing
            )
        }
        let fact = ManifestFact(
            digest: parsed.digest,
            mediaType: parsed.manifest.mediaType,
            artifactType: parsed.manifest.artifactType,
            subject: parsed.manifest.subject?.digest,
            byteCount: Int64(parsed.push.bytes.count),
            pushedAt: moment,
            pushedBy: actor
        )
        try insertManifest(fact, bytes: parsed.push.bytes, edges: parsed.edges, in: target, after: outlook)
        for tag in parsed.push.tags {
            try moveTag(
                tag,
                to: fact.digest,
                in: target,
                at: moment,
                by: actor,
                expecting: parsed.push.condition.expectation,
                after: outlook.tags
            )
            // After the condition: whoever has one is told first that it does not hold.
            try gate.pass(tag, in: repository, to: fact.digest, outlook.tags, self)
            guard let named = ReferrerTag(tag), let kind = named.kind(for: parsed.manifest) else { continue }
            let referrers = kind == .fallback ? parsed.manifest.manifests.map(\.digest) : [fact.digest]
            try setTagReferrers(tag, subject: named.subject, referrers: referrers, kind: kind, in: target)
        }
    }
}

extension TagCondition {
    fileprivate var expectation: TagExpectation {
        switch self {
        case .oneOf(let targets): .oneOf(targets)
        case .noneOf(let targets): .noneOf(targets)
        }
    }
}

extension Manifest.ParseError {
    /// What is wrong, and what to do.
    var sentence: String {
        switch self {
        case .notJSON(let reason): "the manifest cannot be read: \(reason)"
        case .unsupportedMediaType(let type):
            "manifests of type \(type) are not served: push an OCI image manifest or index, or Docker's schema 2"
        case .contradiction(let contentType, let body):
            "the Content-Type says \(contentType) and the manifest's mediaType says \(body): they must be the same"
        case .undeclared: "neither the Content-Type nor the manifest's mediaType says what it is"
        case .field(let field, let reason): "the manifest's field \(field) \(reason)"
        case .ambiguous: "the manifest has the fields of an image and of an index: clients could read it differently"
        }
    }
}
