import AWS
import BlobStorage
import BlobStorageFiles
import BlobStorageS3
import Foundation
import Logging
import NIOPosix
import Outgoing
import Settings

/// The bucket that holds the blobs of an installation, what dials it, and the copies of what was read.
struct Bucket {
    /// The blobs.
    let blobs: any BlobStore
    private let store: S3BlobStore
    private let cache: CachingBlobStore?
    private let client: S3Client
    private let transports: [OutgoingClient]

    /// How long the bucket may take to say that it is there.
    private static let patience = Duration.seconds(3)
    /// How often it is looked for files that nobody comes back to.
    private static let fileInterval = Duration.seconds(600)

    /// Opens the bucket that the settings name; who is to write into it tries first what it can do.
    static func open(
        _ name: String,
        _ all: ServerSettings,
        in folder: DataFolder?,
        for purpose: DataFolder.Purpose,
        threads: NIOThreadPool,
        log: Logger
    ) async throws -> Bucket {
        let (settings, environment) = (all.s3, ProcessInfo.processInfo.environment)
        let services = try transport(OutgoingLimits(), settings, environment)
        do {
            var chosen = try await s3Settings(name, settings, environment, services, threads)
            chosen.limits.requestsAtOnceMax = settings.requestsMax
            // Who reads slowly holds a connection, and must not keep others from theirs.
            chosen.limits.connectionsMax = settings.requestsMax * 4 + all.http.connectionsMax
            let transport = try transport(chosen.limits.outgoing, settings, environment)
            do {
                let client = try S3Client(chosen, transport: transport)
                let findings = purpose.writes ? try await tried(client, log) : S3Findings()
                // Who only looks may not be allowed to write into the data folder.
                let store = try await S3BlobStore.open(
                    client,
                    folder: folder.flatMap { purpose.writes ? $0.path : nil }
                        ?? FileManager.default.temporaryDirectory.path,
                    partByteCount: Int64(settings.partSize.bytes),
                    findings: findings,
                    publicEndpoint: try settings.redirectEndpoint.map { try OutgoingURL("\($0)/") },
                    cdn: purpose == .serving ? try await cdn(settings, threads) : nil,
                    threads: threads
                )
                let cache = purpose == .serving ? try await cache(of: store, all, in: folder, threads, log) : nil
                return Bucket(
                    blobs: cache ?? store,
                    store: store,
                    cache: cache,
                    client: client,
                    transports: [services, transport]
                )
            } catch {
                await transport.shutDown()
                throw error
            }
        } catch {
            await services.shutDown()
            throw explained(error)
        }
    }

    /// The blobs as they lie in the bucket.
    var originals: any BlobStore { store }

    /// What the client has asked of the store.
    var counts: S3Counts { client.counts }

    /// What the copies of what was read were good for; nil where there are none.
    var cacheCounts: CacheCounts? { cache?.counts }

    /// How many requests the store bears at once, as far as is known now.
    var requestsAtOnce: Int { client.requestsAtOnce }

    /// Why the bucket cannot be used now, as a sentence; nil when it can.
    func problem() async -> String? {
        do {
            try await Self.reach(client)
            return nil
        } catch {
            return "the bucket cannot be used: \(error)"
        }
    }

    /// Keeps copies of what is read, and lets files of uploads go, until the task is cancelled.
    func run() async {
        async let copies: Void? = cache?.run()
        while (try? await Task.sleep(for: Self.fileInterval)) != nil { store.dropIdleFiles() }
        await copies
    }

    func close() async {
        for transport in transports { await transport.shutDown() }
    }

    private static func reach(_ client: S3Client) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await client.reach() }
            tasks.addTask {
                try await Task.sleep(for: patience)
                throw S3Error(.unavailable, "It does not answer within \(patience).")
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    // MARK: - Opening

    private static func transport(
        _ limits: OutgoingLimits,
        _ settings: ServerSettings.S3,
        _ environment: [String: String]
    ) throws -> OutgoingClient {
        var configuration = OutgoingClient.Configuration()
        configuration.limits = limits
        configuration.tls = OutgoingTLS(authorityFiles: settings.authorities.map { [$0.description] } ?? [])
        configuration.proxies = try ProxySelection(environment: environment)
        return try OutgoingClient(configuration)
    }

    private static func s3Settings(
        _ bucket: String,
        _ settings: ServerSettings.S3,
        _ environment: [String: String],
        _ services: OutgoingClient,
        _ threads: NIOThreadPool
    ) async throws -> S3Settings {
        let chain = CredentialChain(.init(environment: environment, client: services))
        let region = try settings.region ?? chain.region() ?? (settings.endpoint == nil ? nil : "us-east-1")
        guard let region else {
            throw StartFailure("The region of the bucket \(bucket) is not known: name it with s3.region.")
        }
        var credentials = S3Settings.Credentials.chain(chain)
        if let key = settings.accessKey, let secret = settings.secretKey {
            let text = try await secret.revealed(as: "s3.secret-key", threads)
            credentials = .fixed(AWSCredentials(accessKeyID: key, secretAccessKey: text, source: "the configuration"))
        }
        var chosen = S3Settings(region: region, bucket: bucket, credentials: credentials)
        chosen.endpoint = try settings.endpoint.map { try OutgoingURL("\($0)/") }
        chosen.prefix = settings.prefix
        chosen.addressing = S3Settings.Addressing(rawValue: settings.addressing.rawValue) ?? .automatic
        chosen.checksum = S3Settings.Checksum(rawValue: settings.checksum.rawValue) ?? .automatic
        chosen.storageClass = settings.storageClass
        chosen.encryption =
            switch settings.encryption {
            case .bucket: .bucketDefault
            case .aes256: .aes256
            case .kms: .kms(keyID: settings.kmsKey)
            }
        return chosen
    }

    /// What the bucket can do; what it cannot is said once, and not when it is needed.
    private static func tried(_ client: S3Client, _ log: Logger) async throws -> S3Findings {
        let why = { (error: any Error) in (error as? S3Error).flatMap { $0.isPassing ? $0.message : nil } }
        try await StartPatience.wait(for: "the bucket", log, why: why) { try await reach(client) }
        let findings = try await client.probe(name: BlobKey.random().description)
        await removeOldProbes(client, log)
        // Nothing here lists the parts of an upload, or makes one of an object.
        var needed = findings
        for ability in [S3Findings.Ability.partLists, .partCopies] { needed.lacking[ability] = nil }
        for sentence in needed.sentences {
            log.warning("the bucket cannot do everything", metadata: ["lacking": .string(sentence)])
        }
        return findings
    }

    private static func cache(
        of store: S3BlobStore,
        _ settings: ServerSettings,
        in folder: DataFolder?,
        _ threads: NIOThreadPool,
        _ log: Logger
    ) async throws -> CachingBlobStore? {
        guard let folder, settings.s3.cacheSize.bytes > 0 else { return nil }
        var limits = CacheLimits(byteCountMax: Int64(settings.s3.cacheSize.bytes))
        // Uploads need room above theirs, or the cache would keep them out.
        limits.reserveByteCount = 2 * Int64(settings.storage.reserve.bytes)
        return try await CachingBlobStore.open(
            store,
            folder: "\(folder.path)/cache",
            limits: limits,
            threads: threads
        ) { problem in
            log.warning("the read cache", metadata: ["problem": .string("\(problem)")])
        }
    }

    private static func explained(_ error: any Error) -> any Error {
        switch error {
        case let error as S3Error: StartFailure("The bucket cannot be used. \(error.message)")
        case let error as AWSError: StartFailure("The bucket cannot be used. \(error.message)")
        case let error as ProxySelection.ParseError: StartFailure("The proxy cannot be used: \(error).")
        case let error as OutgoingError: StartFailure("The bucket cannot be used. \(error)")
        default: error
        }
    }
}
