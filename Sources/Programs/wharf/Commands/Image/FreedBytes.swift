import AdminClient
import AdminModel
import ContainerTools
import NIOCore
import OCI
import Outgoing
import RegistryContract

/// What the deletion of images would free: exactly where a wharf server says it, else as far as the manifests do.
struct FreedBytes {
    private static let imageCountMax = 100

    let registries: Registries
    let place: OpenedLocation

    /// A sentence for people.
    func sentence(of doomed: [DoomedImage]) async throws -> String {
        var reason = "only a wharf server knows what else needs its blobs"
        if case .registry(let image) = place.location {
            do {
                if let estimate = try await estimate(image, doomed) { return Self.sentence(estimate) }
            } catch {
                try Task.checkCancellation()
                reason = (error as? RegistryError)?.message ?? "\(error)"
                if reason.hasSuffix(".") { reason.removeLast() }
            }
        }
        // What cannot be read is said by whoever pulls it.
        guard let most = try? await byteCountMax(doomed) else {
            return "How many bytes that frees is not known: \(reason)."
        }
        let named = "Its manifests name \(most) bytes (\(HumanText.bytes(most)))"
        return "\(named); how many of them are free then is not known: \(reason)."
    }

    private static func sentence(_ estimate: DeletionEstimate) -> String {
        let what =
            "\(HumanText.count(estimate.manifestCount, "manifest")) and "
            + "\(HumanText.count(estimate.blobCount, "blob")) that nothing else needs"
        let (days, rest) = estimate.trashSeconds.quotientAndRemainder(dividingBy: 86_400)
        let time = rest == 0 ? HumanText.count(Int(days), "day") : HumanText.duration(.seconds(estimate.trashSeconds))
        let when = estimate.trashSeconds == 0 ? "" : ", after \(time) in the trash"
        return "That frees \(estimate.byteCount) bytes (\(HumanText.bytes(estimate.byteCount))): \(what)\(when)."
    }

    /// What the server says; nil where it is no wharf.
    private func estimate(_ image: ImageReference, _ doomed: [DoomedImage]) async throws -> DeletionEstimate? {
        let name = image.repository.description
        return try await registries.management(of: image) { client in
            try await client.estimate(deletingFrom: name, manifests: doomed.map(\.digest))
        }
    }

    /// The bytes of the manifests and of what they are made of, each counted once; nil where these are too many to be
    /// read.
    private func byteCountMax(_ doomed: [DoomedImage]) async throws -> Int64? {
        guard doomed.count <= Self.imageCountMax else { return nil }
        var sizes: [Digest: Int64] = [:]
        for image in doomed {
            let stored = try await place.registry.manifest(.digest(image.name), in: place.repository)
            sizes[image.name] = Int64(stored.bytes.readableBytes)
            let manifest = try Manifest(parsing: Array(stored.bytes.readableBytesView), contentType: stored.mediaType)
            for blob in (manifest.config.map { [$0] } ?? []) + manifest.layers { sizes[blob.digest] = blob.size }
        }
        // What a manifest says of sizes may be anything.
        return sizes.values.reduce(Int64?.some(0)) { sum, size in
            sum.flatMap { $0.addingReportingOverflow(max(0, size)).overflow ? nil : $0 + max(0, size) }
        }
    }
}

extension Registries {
    /// Asks the management of a wharf server as whoever this machine has logged in to it as a registry.
    ///
    /// - Parameters:
    ///   - image: An image there.
    ///   - body: Asks.
    /// - Returns: What it gives; nil where the registry is no wharf. That is found out without a password.
    /// - Throws: An `AdminFailure` where the server does not say, or nobody has logged in who could ask.
    func management<Value: Sendable>(
        of image: ImageReference,
        _ body: (AdminClient) async throws -> Value
    ) async throws -> Value? {
        let (host, manner) = (image.registry, options.manner(of: image.registry))
        guard host != .dockerHub else { return nil }
        let url = try await transports.root(of: host, manner: manner)
        var configuration = AdminClient.Configuration(.server(url))
        configuration.tls = transports.tls(for: host, manner)
        configuration.proxies = try ProxySelection(environment: machine.environment)
        do {
            _ = try await AdminClient.withClient(configuration) { try await $0.caller() }
        } catch let failure as AdminFailure where failure.code == .unauthenticated {
        } catch is AdminFailure {
            return nil
        }
        let found = try await Blocking.run { [logins] in
            try logins.login(for: host.description, repository: image.repository.description)
        }
        guard case .password(let user, let password)? = found?.login else {
            throw AdminFailure(.unauthenticated, "nobody has logged in to \(host) on this machine by a password")
        }
        configuration.credentials = OutgoingCredentials(user: user, password: password)
        return try await AdminClient.withClient(configuration, body)
    }
}
