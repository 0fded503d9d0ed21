import DistributionGrammar
import Hashing
public import OCI
import Outgoing
public import RegistryContract

/// Manifests on their way to a registry.
extension RegistryClient: RegistryWriter {
    /// No request brings more tags: each comes back in a field of the answer.
    private static let tagCountMax = 100
    /// No request's tags are longer together, in bytes.
    private static let tagByteCountMax = 6 << 10

    /// Stores a manifest and moves tags to it: in one step as far as the registry can, and up to a hundred tags.
    ///
    /// One tag is pushed by its name, which every registry knows. Several go along with the digest (`?tag=`); those
    /// that the answer does not confirm by `OCI-Tag` are pushed one by one. A condition is looked at before, and sent
    /// along as `If-Match` and `If-None-Match`: a registry that does not know these may be changed by others in
    /// between.
    ///
    /// A manifest with a subject is put into the fallback index of the subject, where the registry does not confirm by
    /// `OCI-Subject` that it keeps account of referrers itself.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        let digest = ContentHash.digest(of: push.bytes, push.digest?.algorithm ?? .sha256)
        if let expected = push.digest, expected != digest {
            throw RegistryError(
                .digestMismatch,
                "The manifest for \(repository) has the digest \(digest), and not \(expected), by which it is pushed.",
                digests: [digest]
            )
        }
        let manifest = try? Manifest(parsing: push.bytes, contentType: push.contentType)
        let conditions = try await fields(of: push.condition, on: push.tags, in: repository)
        var receipt = ManifestReceipt(digest: digest, subject: nil)
        if push.tags.isEmpty {
            receipt = try await put(push, .digest(digest), [], manifest, conditions, repository).receipt
        } else if push.tags.count == 1, digest.algorithm == .sha256 {
            receipt = try await put(push, .tag(push.tags[0]), [], manifest, conditions, repository).receipt
        } else {
            for tags in Self.batches(of: push.tags) {
                let done = try await put(push, .digest(digest), tags, manifest, conditions, repository)
                receipt = done.receipt
                for tag in tags where !done.tags.contains(tag) {
                    receipt.subject =
                        try await put(push, .tag(tag), [], manifest, conditions, repository).receipt.subject
                }
            }
        }
        receipt.digest = push.digest ?? receipt.digest
        if let subject = manifest?.subject, let manifest, receipt.subject == nil {
            let size = Int64(push.bytes.count)
            var descriptor = Descriptor(mediaType: manifest.mediaType, digest: receipt.digest, size: size)
            descriptor.artifactType = manifest.artifactType
            descriptor.annotations = manifest.annotations
            try await addReferrer(descriptor, to: subject.digest, in: repository)
            receipt.subject = subject.digest
        }
        return receipt
    }

    private func put(
        _ push: ManifestPush,
        _ reference: Reference,
        _ tags: [Tag],
        _ manifest: Manifest?,
        _ conditions: HeaderFields,
        _ repository: RepositoryName
    ) async throws -> (receipt: ManifestReceipt, tags: Set<Tag>) {
        let path = DistributionRequest.putManifest(reference, repository, tags: tags).target
        let scope = AccessScope.repository(repository, "pull", "push")
        let thing = "the manifest \(repository)\(Self.separator(reference))\(reference)"
        var call = Call(.put, .path(path), scopes: [scope], "push", thing)
        call.headers = conditions
        call.headers["Content-Type"] = (push.contentType ?? manifest?.mediaType)?.description
        call.body = .bytes(push.bytes)
        call.repository = repository
        call.missing = .nameUnknown
        // Of a push that was done, and whose answer was lost, the condition holds no more.
        call.isRepeatable = push.condition == .none
        call.isManifest = true
        let response = try await answer(call, [200, 201, 202, 204])
        await drain(response)
        repositories.note(repository, isKnown: true)
        let said = response.headers["Docker-Content-Digest"].flatMap { try? Digest($0) }
        let own = ContentHash.digest(of: push.bytes, said?.algorithm ?? .sha256)
        if let said, said != own {
            throw RegistryError(
                .digestMismatch,
                "\(host) has stored \(said) for \(own), when asked to \(call.purpose): something on the way changes "
                    + "manifests.",
                digests: [own]
            )
        }
        let subject = response.headers["OCI-Subject"].flatMap { try? Digest($0) }
        let confirmed = response.headers.values("OCI-Tag").flatMap { $0.split(separator: ",") }
        let names = confirmed.compactMap { try? Tag($0.filter { $0 != " " }) }
        return (ManifestReceipt(digest: own, subject: subject), Set(names))
    }

    private static func batches(of tags: [Tag]) -> [[Tag]] {
        var batches: [[Tag]] = []
        var byteCount = 0
        for tag in tags {
            let length = tag.description.utf8.count + 5
            if let last = batches.last, last.count < tagCountMax, byteCount + length <= tagByteCountMax {
                batches[batches.count - 1].append(tag)
                byteCount += length
            } else {
                batches.append([tag])
                byteCount = length
            }
        }
        return batches
    }
}
