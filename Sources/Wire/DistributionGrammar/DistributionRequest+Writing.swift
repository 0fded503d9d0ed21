import OCI
import RegistryContract

extension DistributionRequest {
    /// The method of the request.
    public var method: String {
        switch self {
        case .version, .uploadStatus, .tags, .referrers, .catalog, .tagHistory: "GET"
        case .blob(_, _, let headOnly), .manifest(_, _, let headOnly): headOnly ? "HEAD" : "GET"
        case .startUpload: "POST"
        case .patchUpload: "PATCH"
        case .putUpload, .putManifest: "PUT"
        case .cancelUpload, .deleteManifest, .deleteBlob: "DELETE"
        }
    }

    /// Path and query, beginning with `/v2`.
    public var target: String {
        path + query.encoded
    }

    private var path: String {
        switch self {
        case .version: "/v2/"
        case .catalog: "/v2/_catalog"
        case .blob(let digest, let repository, _), .deleteBlob(let digest, let repository):
            "/v2/\(repository)/blobs/\(digest)"
        case .manifest(let reference, let repository, _), .putManifest(let reference, let repository, _),
            .deleteManifest(let reference, let repository):
            "/v2/\(repository)/manifests/\(reference)"
        case .startUpload(let repository, _): "/v2/\(repository)/blobs/uploads/"
        case .patchUpload(let id, let repository), .putUpload(let id, let repository, _),
            .uploadStatus(let id, let repository), .cancelUpload(let id, let repository):
            "/v2/\(repository)/blobs/uploads/\(id)"
        case .tags(let repository, _): "/v2/\(repository)/tags/list"
        case .referrers(let digest, let repository, _, _): "/v2/\(repository)/referrers/\(digest)"
        case .tagHistory(let tag, let repository, _): "/v2/\(repository)/_wharf/tags/\(tag)/history"
        }
    }

    private var query: Query {
        var query = Query()
        switch self {
        case .startUpload(_, let start):
            query.add("digest", start.digest?.description)
            query.add("mount", start.mount?.description)
            query.add("from", start.source?.description)
            query.add("digest-algorithm", start.algorithm?.rawValue)
        case .putUpload(_, _, let digest):
            query.add("digest", digest.description)
        case .putManifest(_, _, let tags):
            for tag in tags { query.add("tag", tag.description) }
        case .tags(_, let list), .catalog(let list), .tagHistory(_, _, let list):
            list.add(to: &query)
        case .referrers(_, _, let artifactType, let list):
            query.add("artifactType", artifactType)
            list.add(to: &query)
        default: break
        }
        return query
    }
}

extension ListQuery {
    fileprivate func add(to query: inout Query) {
        query.add("n", count.map(String.init))
        query.add("last", last)
    }
}
