import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Transfer

/// What the tests of this room speak of.
enum Samples {
    static var app: RepositoryName { get throws { try RepositoryName("team/app") } }
    static var copy: RepositoryName { get throws { try RepositoryName("mirror/app") } }

    static func place(_ registry: any Registry, _ repository: RepositoryName, _ name: String) -> Place {
        Place(registry: registry, repository: repository, registryName: name)
    }

    /// A transfer from `team/app` to `mirror/app` of another registry that does not wait between tries.
    static func transfer(
        from source: any Registry,
        to target: any Registry,
        options: TransferOptions = TransferOptions(),
        session: TransferSession = TransferSession(),
        observer: (any TransferObserver)? = nil
    ) throws -> Transfer {
        var options = options
        options.retry.sleep = { _ in try Task.checkCancellation() }
        return Transfer(
            from: place(source, try app, "source.test"),
            to: place(target, try copy, "target.test"),
            options: options,
            session: session,
            observer: observer
        )
    }

    static func tag(_ text: String) throws -> Tag { try Tag(text) }
    static func reference(_ text: String) throws -> Reference { try Reference(text) }

    /// An image of several layers.
    struct Layered: Sendable {
        let config: SampleBlob
        let layers: [SampleBlob]
        let manifest: SampleManifest

        init(_ layers: [SampleBlob], name: String, extra: String = "") {
            config = SampleBlob(#"{"architecture":"amd64","os":"linux","name":"\#(name)"}"#)
            self.layers = layers
            manifest = .image(
                config: config.descriptor("application/vnd.oci.image.config.v1+json"),
                layers: layers.map { $0.descriptor("application/vnd.oci.image.layer.v1.tar+gzip") },
                extra: extra
            )
        }

        func push(to registry: any Registry, _ repository: RepositoryName, tags: String...) async throws {
            for blob in layers + [config] { try await registry.push(blob, to: repository) }
            _ = try await registry.putManifest(
                manifest.push(tags: tags.map { try Tag($0) }, by: manifest.name),
                in: repository
            )
        }

        func demandWhole(_ registry: any Registry, as reference: String, in repository: RepositoryName) async throws {
            try await registry.demandWhole(manifest, as: reference, in: repository)
            for blob in layers + [config] { try await registry.demandWhole(blob, in: repository) }
        }
    }

    /// An index of one image for each platform, such as `linux/arm64`.
    struct Indexed: Sendable {
        let children: [(platform: String, image: Layered)]
        let manifest: SampleManifest

        init(_ platforms: [String], seed: UInt64 = 1, more: [String] = [], extra: String = "") {
            let shared = SampleBlob(count: 3000, seed: seed)
            children = platforms.enumerated().map { number, platform in
                let own = SampleBlob(count: 2000 + number, seed: seed + 100 + UInt64(number))
                return (platform, Layered([shared, own], name: platform))
            }
            let descriptors = children.map { platform, image in
                let parts = platform.split(separator: "/")
                let variant = parts.count > 2 ? #","variant":"\#(parts[2])""# : ""
                return image.manifest.descriptor(
                    extra: #","platform":{"os":"\#(parts[0])","architecture":"\#(parts[1])"\#(variant)}"#
                )
            }
            manifest = .index(of: descriptors + more, extra: extra)
        }

        func push(to registry: any Registry, _ repository: RepositoryName, tags: String...) async throws {
            for (_, image) in children { try await image.push(to: registry, repository) }
            _ = try await registry.putManifest(
                manifest.push(tags: tags.map { try Tag($0) }, by: manifest.name),
                in: repository
            )
        }

        func demandWhole(_ registry: any Registry, as reference: String, in repository: RepositoryName) async throws {
            try await registry.demandWhole(manifest, as: reference, in: repository)
            for (_, image) in children {
                try await image.demandWhole(registry, as: image.manifest.digest, in: repository)
            }
        }
    }
}

/// Writes down what it is told.
final class RecordingObserver: TransferObserver {
    struct Record: Sendable {
        var planned: [Digest] = []
        var started: [Digest] = []
        var advanced: [Digest: Int64] = [:]
        var finished: [Digest: BlobOutcome] = [:]
        var finishedCount = 0
        var pushed: [[Tag]] = []
    }

    private let state = Mutex(Record())

    var record: Record { state.withLock { $0 } }

    func planned(_ blob: Descriptor) { state.withLock { $0.planned.append(blob.digest) } }
    func started(_ blob: Descriptor) { state.withLock { $0.started.append(blob.digest) } }
    func advanced(_ blob: Descriptor, by byteCount: Int64) {
        state.withLock { $0.advanced[blob.digest, default: 0] += byteCount }
    }
    func finished(_ blob: Descriptor, _ outcome: BlobOutcome) {
        state.withLock { state in
            state.finished[blob.digest] = outcome
            state.finishedCount += 1
        }
    }
    func pushed(_ manifest: Descriptor, tags: [Tag]) { state.withLock { $0.pushed.append(tags) } }
}
