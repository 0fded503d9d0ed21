import DistributionGrammar
import OCI
import RegistryContract

@testable import RegistryTesting

/// One row of the matrix: a name, and the request that stands for it.
struct MatrixRequest: Sendable, CustomStringConvertible {
    /// The name that begins the line.
    let name: String
    /// Whether the request says itself who calls, and gets no header.
    var saysWhoItIs = false
    /// Whether it changes something though its method says otherwise.
    var isChange = false
    /// What a caller sends.
    let make: @Sendable (TownPlan, Caller) throws -> TestRequest

    var description: String { name }
}

/// Each request of the distribution specification that is decided on its own.
enum Endpoint: String, CaseIterable, Sendable {
    case version = "GET /v2/"
    case getBlob = "GET /v2/{name}/blobs/{digest}"
    case headBlob = "HEAD /v2/{name}/blobs/{digest}"
    case getTag = "GET /v2/{name}/manifests/{tag}"
    case headTag = "HEAD /v2/{name}/manifests/{tag}"
    case getManifest = "GET /v2/{name}/manifests/{digest}"
    case headManifest = "HEAD /v2/{name}/manifests/{digest}"
    case startUpload = "POST /v2/{name}/blobs/uploads/"
    case wholeUpload = "POST /v2/{name}/blobs/uploads/?digest"
    case mount = "POST /v2/{name}/blobs/uploads/?mount&from"
    case mountFromAny = "POST /v2/{name}/blobs/uploads/?mount"
    case patchUpload = "PATCH /v2/{name}/blobs/uploads/{id}"
    case putUpload = "PUT /v2/{name}/blobs/uploads/{id}?digest"
    case uploadStatus = "GET /v2/{name}/blobs/uploads/{id}"
    case cancelUpload = "DELETE /v2/{name}/blobs/uploads/{id}"
    case putTag = "PUT /v2/{name}/manifests/{tag}"
    case putManifest = "PUT /v2/{name}/manifests/{digest}"
    case putTags = "PUT /v2/{name}/manifests/{digest}?tag"
    case tags = "GET /v2/{name}/tags/list"
    case deleteTag = "DELETE /v2/{name}/manifests/{tag}"
    case deleteManifest = "DELETE /v2/{name}/manifests/{digest}"
    case deleteBlob = "DELETE /v2/{name}/blobs/{digest}"
    case referrers = "GET /v2/{name}/referrers/{digest}"
    case catalog = "GET /v2/_catalog"
    case tagHistory = "GET /v2/{name}/_wharf/tags/{tag}/history"
}

extension DistributionRequest {
    /// Which of them it is: a new kind of request does not compile until it has a row.
    var endpoint: Endpoint {
        switch self {
        case .version: .version
        case .blob(_, _, let headOnly): headOnly ? .headBlob : .getBlob
        case .manifest(.tag, _, let headOnly): headOnly ? .headTag : .getTag
        case .manifest(.digest, _, let headOnly): headOnly ? .headManifest : .getManifest
        case .startUpload(_, let start):
            if start.mount != nil {
                start.source == nil ? .mountFromAny : .mount
            } else {
                start.digest == nil ? .startUpload : .wholeUpload
            }
        case .patchUpload: .patchUpload
        case .putUpload: .putUpload
        case .uploadStatus: .uploadStatus
        case .cancelUpload: .cancelUpload
        case .putManifest(.tag, _, _): .putTag
        case .putManifest(.digest, _, let tags): tags.isEmpty ? .putManifest : .putTags
        case .tags: .tags
        case .deleteManifest(.tag, _): .deleteTag
        case .deleteManifest(.digest, _): .deleteManifest
        case .deleteBlob: .deleteBlob
        case .referrers: .referrers
        case .catalog: .catalog
        case .tagHistory: .tagHistory
        }
    }
}

/// What a request is about: content of the town, or names that nothing has.
struct Subject: Sendable {
    var repository: String
    var tag = "v1"
    var manifest: SampleManifest
    var blob: SampleBlob
    /// What is mounted, and from where.
    var mounted: SampleBlob
    var source = "teamwork/app"
    /// A tag to be pushed.
    var newTag = "new"

    static func app(_ plan: TownPlan) -> Subject {
        Subject(
            repository: "team/app",
            manifest: plan.image.manifest,
            blob: plan.loose,
            mounted: plan.neighbours.layer
        )
    }

    /// The same, asked of another repository.
    func of(_ repository: String) -> Subject {
        var subject = self
        subject.repository = repository
        return subject
    }
}

extension Endpoint {
    /// The request about a subject, with its body.
    func request(_ subject: Subject, _ plan: TownPlan) throws -> TestRequest {
        let read = try read(subject, plan)
        var request = TestRequest(read.method, read.target)
        switch self {
        case .putTag, .putManifest, .putTags:
            request.headers.append(("Content-Type", subject.manifest.mediaType))
            request.body = subject.manifest.bytes
        case .wholeUpload, .putUpload, .patchUpload:
            request.body = plan.loose.bytes
            request.headers.append(("Content-Type", "application/octet-stream"))
        default: break
        }
        return request
    }

    /// The request as it is read.
    func read(_ subject: Subject, _ plan: TownPlan) throws -> DistributionRequest {
        let name = try RepositoryName(subject.repository)
        let (blob, manifest) = (try Digest(subject.blob.digest), try Digest(subject.manifest.digest))
        let (tag, newTag) = (try Tag(subject.tag), try Tag(subject.newTag))
        var start = UploadStart()
        let upload = try Self.upload(plan)
        switch self {
        case .version: return .version
        case .getBlob, .headBlob: return .blob(blob, name, headOnly: self == .headBlob)
        case .getTag, .headTag: return .manifest(.tag(tag), name, headOnly: self == .headTag)
        case .getManifest, .headManifest:
            return .manifest(.digest(manifest), name, headOnly: self == .headManifest)
        case .startUpload: break
        case .wholeUpload: start.digest = try Digest(plan.loose.digest)
        case .mount:
            (start.mount, start.source) = (try Digest(subject.mounted.digest), try RepositoryName(subject.source))
        case .mountFromAny: start.mount = try Digest(subject.mounted.digest)
        case .patchUpload: return .patchUpload(upload, name)
        case .putUpload: return .putUpload(upload, name, try Digest(plan.loose.digest))
        case .uploadStatus: return .uploadStatus(upload, name)
        case .cancelUpload: return .cancelUpload(upload, name)
        case .putTag: return .putManifest(.tag(newTag), name, tags: [])
        case .putManifest: return .putManifest(.digest(manifest), name, tags: [])
        case .putTags: return .putManifest(.digest(manifest), name, tags: [newTag])
        case .tags: return .tags(name, ListQuery())
        case .deleteTag: return .deleteManifest(.tag(tag), name)
        case .deleteManifest: return .deleteManifest(.digest(manifest), name)
        case .deleteBlob: return .deleteBlob(blob, name)
        case .referrers: return .referrers(manifest, name, artifactType: nil, ListQuery())
        case .catalog: return .catalog(ListQuery())
        case .tagHistory: return .tagHistory(tag, name, ListQuery())
        }
        return .startUpload(name, start)
    }

    private static func upload(_ plan: TownPlan) throws -> UploadID {
        guard let id = UploadID(plan.upload) else { throw Missing(what: "the upload \(plan.upload)") }
        return id
    }

    /// The rows of the matrix: each endpoint in `team/app`, and what else matters.
    static var rows: [MatrixRequest] {
        var rows = allCases.map { endpoint in
            MatrixRequest(name: endpoint.rawValue) { plan, _ in
                var subject = Subject.app(plan)
                // What is deleted must not be what another row needs.
                if endpoint == .deleteManifest { subject.manifest = plan.second.manifest }
                return try endpoint.request(subject, plan)
            }
        }
        func add(_ endpoint: Endpoint, _ note: String, _ change: @escaping @Sendable (inout Subject, TownPlan) -> Void)
        {
            rows.append(
                MatrixRequest(name: "\(endpoint.rawValue) (\(note))") { plan, _ in
                    var subject = Subject.app(plan)
                    change(&subject, plan)
                    return try endpoint.request(subject, plan)
                }
            )
        }
        add(.putTag, "a tag that moves") { ($0.newTag, $0.manifest) = ("v1", $1.second.manifest) }
        add(.putTag, "what it has already") { subject, _ in subject.newTag = "v1" }
        add(.mount, "from a public project") { ($0.source, $0.mounted) = ("open/app", $1.everybodys.layer) }
        for endpoint in [Endpoint.getTag, .headTag, .tags, .tagHistory, .referrers] {
            add(endpoint, "not there") { subject, _ in (subject.repository, subject.tag) = ("team/none", "none") }
        }
        for endpoint in [Endpoint.getTag, .headManifest, .tags, .tagHistory, .referrers, .startUpload, .deleteTag] {
            add(endpoint, "open/app") { subject, plan in
                (subject.repository, subject.manifest) = ("open/app", plan.everybodys.manifest)
            }
        }
        for endpoint in [Endpoint.getTag, .tags, .startUpload] {
            add(endpoint, "teamwork/app") { subject, _ in subject.repository = "teamwork/app" }
        }
        return rows
    }
}

/// Something that the test needs is not there.
struct Missing: Error {
    let what: String
}
