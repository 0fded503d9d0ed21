import OCI
import RegistryContract

extension DistributionRequest {
    /// Reads a request line.
    ///
    /// - Parameters:
    ///   - method: the method, in upper case.
    ///   - target: path and query as they came, beginning with `/v2`.
    /// - Throws: why it is none of the specification's.
    public init(method: String, target: some StringProtocol) throws(GrammarError) {
        let target = Substring(target)
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        let path = target[..<mark]
        guard let query = Query(mark == target.endIndex ? "" : target[target.utf8.index(after: mark)...]) else {
            throw .encoding
        }
        guard path.utf8.starts(with: "/v2".utf8) else { throw .noEndpoint }
        let rest = path.dropFirst(3)
        if rest.isEmpty || rest == "/" {
            try Self.check(method, ["GET", "HEAD"])
            self = .version
            return
        }
        guard rest.utf8.first == UInt8(ascii: "/") else { throw .noEndpoint }
        if rest == "/_catalog" {
            try Self.check(method, ["GET"])
            self = .catalog(try ListQuery(query))
            return
        }
        self = try Self.inRepository(method, try Self.segments(rest.dropFirst()), query)
    }

    /// The parts of a path, decoded.
    ///
    /// A part that holds an encoded slash would mean another path to whoever decodes first, so there is none.
    private static func segments(_ path: Substring) throws(GrammarError) -> [Substring] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.utf8.contains(UInt8(ascii: "%")) else { return parts }
        var segments: [Substring] = []
        for part in parts {
            guard let decoded = PercentEncoding.decode(part) else { throw .encoding }
            guard !decoded.utf8.contains(UInt8(ascii: "/")) else { throw .name(String(decoded.prefix(80))) }
            segments.append(Substring(decoded))
        }
        return segments
    }

    private static func inRepository(
        _ method: String,
        _ segments: [Substring],
        _ query: Query
    ) throws(GrammarError) -> DistributionRequest {
        let count = segments.count
        guard count >= 3 else { throw .noEndpoint }
        let (last, second, third) = (segments[count - 1], segments[count - 2], segments[count - 3])
        if second == "tags", last == "list" {
            try check(method, ["GET"])
            return .tags(try name(segments.dropLast(2)), try ListQuery(query))
        }
        if second == "blobs", last == "uploads" {
            return try starting(method, try name(segments.dropLast(2)), query)
        }
        if third == "blobs", second == "uploads", count >= 4 {
            let repository = try name(segments.dropLast(3))
            return last.isEmpty
                ? try starting(method, repository, query) : try uploading(method, last, repository, query)
        }
        switch second {
        case "manifests": return try manifest(method, last, try name(segments.dropLast(2)), query)
        case "blobs": return try blob(method, last, try name(segments.dropLast(2)))
        case "referrers":
            try check(method, ["GET"])
            let repository = try name(segments.dropLast(2))
            let type = query["artifactType"].flatMap { $0.isEmpty ? nil : $0 }
            return .referrers(try digest(last), repository, artifactType: type, try ListQuery(query))
        default: throw .noEndpoint
        }
    }

    private static func manifest(
        _ method: String,
        _ text: Substring,
        _ repository: RepositoryName,
        _ query: Query
    ) throws(GrammarError) -> DistributionRequest {
        try check(method, ["GET", "HEAD", "PUT", "DELETE"])
        let reference: Reference
        do throws(Reference.ParseError) {
            reference = try Reference(text)
        } catch {
            switch error {
            case .tag: throw .tag(String(text.prefix(140)))
            case .digest(let reason): throw .digest(String(text.prefix(140)), reason)
            }
        }
        switch method {
        case "PUT":
            let texts = query.all("tag")
            guard texts.count <= ManifestPush.tagCountMax else { throw .tooManyTags }
            var tags: [Tag] = []
            for text in texts {
                guard let tag = try? Tag(text) else { throw .tag(String(text.prefix(140))) }
                if !tags.contains(tag) { tags.append(tag) }
            }
            return .putManifest(reference, repository, tags: tags)
        case "DELETE": return .deleteManifest(reference, repository)
        default: return .manifest(reference, repository, headOnly: method == "HEAD")
        }
    }

    private static func blob(
        _ method: String,
        _ text: Substring,
        _ repository: RepositoryName
    ) throws(GrammarError) -> DistributionRequest {
        try check(method, ["GET", "HEAD", "DELETE"])
        let digest = try digest(text)
        return method == "DELETE"
            ? .deleteBlob(digest, repository) : .blob(digest, repository, headOnly: method == "HEAD")
    }

    private static func starting(
        _ method: String,
        _ repository: RepositoryName,
        _ query: Query
    ) throws(GrammarError) -> DistributionRequest {
        try check(method, ["POST"])
        var start = UploadStart()
        if let text = query["digest"] { start.digest = try digest(text[...]) }
        if let text = query["mount"] { start.mount = try digest(text[...]) }
        if let text = query["from"], !text.isEmpty { start.source = try name([text[...]]) }
        if let text = query["digest-algorithm"] {
            guard let algorithm = Digest.Algorithm(rawValue: text) else {
                throw .digest(String(text.prefix(80)), .unknownAlgorithm(String(text.prefix(80))))
            }
            start.algorithm = algorithm
        }
        return .startUpload(repository, start)
    }

    private static func uploading(
        _ method: String,
        _ text: Substring,
        _ repository: RepositoryName,
        _ query: Query
    ) throws(GrammarError) -> DistributionRequest {
        try check(method, ["GET", "PATCH", "PUT", "DELETE"])
        guard let id = UploadID(text) else { throw .uploadID }
        switch method {
        case "PATCH": return .patchUpload(id, repository)
        case "PUT":
            guard let text = query["digest"] else { throw .missingParameter("digest") }
            return .putUpload(id, repository, try digest(text[...]))
        case "DELETE": return .cancelUpload(id, repository)
        default: return .uploadStatus(id, repository)
        }
    }

    // MARK: Parts

    private static func check(_ method: String, _ allowed: [String]) throws(GrammarError) {
        guard allowed.contains(method) else { throw .method(allowed: allowed) }
    }

    private static func name(_ segments: some Collection<Substring>) throws(GrammarError) -> RepositoryName {
        let text = segments.joined(separator: "/")
        guard let name = try? RepositoryName(text) else { throw .name(String(text.prefix(300))) }
        return name
    }

    private static func digest(_ text: Substring) throws(GrammarError) -> Digest {
        do throws(Digest.ParseError) {
            return try Digest(text)
        } catch {
            throw .digest(String(text.prefix(140)), error)
        }
    }
}

extension ListQuery {
    init(_ query: Query) throws(GrammarError) {
        last = query["last"].flatMap { $0.isEmpty ? nil : $0 }
        guard let text = query["n"] else { return }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw .pageSize(String(text.prefix(40)))
        }
        // More digits than a number has here: more than any page holds.
        count = Int(text) ?? .max
    }
}
