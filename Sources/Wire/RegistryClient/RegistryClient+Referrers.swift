import DistributionGrammar
import NIOCore
public import OCI
import Outgoing
public import RegistryContract

/// Who refers to a manifest, by the referrers API or by the tag that stands for it (distribution specification,
/// "Listing Referrers" and "Referrers Tag Schema").
extension RegistryClient {
    /// Manifests whose subject is `subject`, by digest after `last`, at most `limit` of them.
    public func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        let thing = "the referrers of \(repository)@\(subject)"
        let list = RemoteList<Descriptor>(
            name: "referrers \(repository) \(subject) \(artifactType.map { "of \($0)" } ?? "")",
            call: { query in
                let request = DistributionRequest.referrers(subject, repository, artifactType: artifactType, query)
                let scope = AccessScope.repository(repository, "pull")
                var call = Call(.get, .path(request.target), scopes: [scope], "list", thing)
                call.headers["Accept"] = MediaType.imageIndex.description
                call.repository = repository
                return call
            },
            elements: { bytes, _ in try Manifest(parsing: bytes, contentType: .imageIndex).manifests },
            key: { $0.digest.description },
            isWanted: { Self.isOf(artifactType, $0) }
        )
        do {
            return try await page(of: list, after: last?.description, limit: limit)
        } catch let error as RegistryError where Self.isWithoutAPI(error) {
            let found = try await fallbackIndex(of: subject, in: repository)?.manifests ?? []
            let rest = found.filter { descriptor in
                Self.isOf(artifactType, descriptor) && last.map { $0 < descriptor.digest } ?? true
            }
            return Page(rest.sorted { $0.digest < $1.digest }, limit: limit)
        }
    }

    /// Compared as bytes: String takes texts for one that are written differently.
    private static func isOf(_ artifactType: String?, _ descriptor: Descriptor) -> Bool {
        guard let artifactType else { return true }
        return descriptor.artifactType?.utf8.elementsEqual(artifactType.utf8) ?? false
    }

    /// Whether an error is what a registry says that does not know the referrers API.
    private static func isWithoutAPI(_ error: RegistryError) -> Bool {
        [.nameUnknown, .manifestUnknown, .unsupported, .blobUnknown].contains(error.code)
    }

    /// The index under the fallback tag; nil where there is none.
    func fallbackIndex(of subject: Digest, in repository: RepositoryName) async throws -> Manifest? {
        do {
            let stored = try await manifest(.tag(try Self.fallbackTag(of: subject)), in: repository)
            let index = try Manifest(parsing: Array(stored.bytes.readableBytesView), contentType: stored.mediaType)
            return index.kind == .index ? index : nil
        } catch let error as RegistryError where error.code == .manifestUnknown || error.code == .nameUnknown {
            return nil
        } catch is Manifest.ParseError {
            return nil
        }
    }

    /// `sha256-…`: the digest with a hyphen, cut to what a tag may have.
    static func fallbackTag(of subject: Digest) throws -> Tag {
        try Tag("\(subject.algorithm.rawValue)-\(subject.encoded.prefix(64))")
    }
}
