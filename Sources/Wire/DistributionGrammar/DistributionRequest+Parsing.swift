import OCI
import RegistryContract

extension DistributionRequest {
    /// Reads a request line.
    ///
    /// HEAD is taken wherever GET is (RFC 9110 section 9.1), and reads as GET where only the body is left out.
    ///
    /// - Parameters:
    ///   - method: the method, in upper case.
    ///   - target: path and query as they came, beginning with `/v2`.
    /// - Throws: ``GrammarError`` with what the answer says.
    public init(method: String, target: some StringProtocol) throws(GrammarError) {
        let target = Substring(target)
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        guard let query = Query(mark.map { target[target.utf8.index(after: $0)...] } ?? "") else { throw .encoding }
        let path = target[..<(mark ?? target.endIndex)]
        guard path.utf8.starts(with: "/v2".utf8) else { throw .noEndpoint }
        // Cut as bytes: as a Character, "/" followed by a combining mark is another than "/".
        let rest = Substring(path.utf8.dropFirst(3))
        if rest.utf8.isEmpty || rest.equals("/") {
            try Self.check(method, ["GET", "HEAD"])
            self = .version
        } else if rest.equals("/_catalog") {
            try Self.check(method, ["GET", "HEAD"])
            self = .catalog(try ListQuery(query))
        } else {
            guard rest.utf8.first == UInt8(ascii: "/") else { throw .noEndpoint }
            self = try Self.inRepository(method, Path(rest: try Self.decoded(rest)), query)
        }
    }

    /// A path without its percent-encoding.
    ///
    /// One that holds an encoded slash would be another path to whoever decodes
    /// first, so there is none.
    private static func decoded(_ path: Substring) throws(GrammarError) -> Substring {
        guard path.utf8.contains(UInt8(ascii: "%")) else { return path }
        guard let decoded = PercentEncoding.decode(path) else { throw .encoding }
        func slashCount(_ path: some StringProtocol) -> Int { path.utf8.count { $0 == UInt8(ascii: "/") } }
        guard slashCount(decoded) == slashCount(path) else { throw .name(decoded.excerpt(300)) }
        return decoded[...]
    }

    /// A path that is read from its end, because only the beginning, the repository's name, may have any length.
    private struct Path {
        /// What is left: empty, or a slash and what follows.
        var rest: Substring

        /// Takes the last segment away; nil when there is none.
        mutating func popLast() -> Substring? {
            guard let slash = rest.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
            defer { rest = rest[..<slash] }
            return rest[rest.utf8.index(after: slash)...]
        }

        /// What stands before `_wharf/` and a word at the end; nil where that does not stand there.
        func ofExtension(_ word: String) -> Path? {
            var path = self
            guard path.popLast()?.equals(word) == true, path.popLast()?.equals("_wharf") == true else { return nil }
            return path
        }

        /// What is left, as the name of a repository.
        func name() throws(GrammarError) -> RepositoryName {
            guard !rest.utf8.isEmpty else { throw .noEndpoint }
            return try DistributionRequest.name(Substring(rest.utf8.dropFirst()))
        }
    }

    private static func inRepository(
        _ method: String,
        _ path: Path,
        _ query: Query
    ) throws(GrammarError) -> DistributionRequest {
        var path = path
        guard let last = path.popLast(), let second = path.popLast() else { throw .noEndpoint }
        // First, since the tag may be any of the words below.
        if last.equals("history"), let rest = path.ofExtension("tags") {
            return try history(method, second, try rest.name(), query)
        }
        if second.equals("manifests") { return try manifest(method, last, try path.name(), query) }
        if second.equals("blobs") {
            return last.equals("uploads")
                ? try starting(method, try path.name(), query) : try blob(method, last, try path.name())
        }
        if second.equals("uploads"), path.popLast()?.equals("blobs") == true {
            let repository = try path.name()
            return last.utf8.isEmpty
                ? try starting(method, repository, query) : try uploading(method, last, repository, query)
        }
        if second.equals("tags"), last.equals("list") {
            let repository = try path.name()
            try check(method, ["GET", "HEAD"])
            return .tags(repository, try ListQuery(query))
        }
        if second.equals("referrers") {
            let repository = try path.name()
            try check(method, ["GET", "HEAD"])
            let type = query["artifactType"].flatMap { $0.isEmpty ? nil : $0 }
            return .referrers(try digest(last), repository, artifactType: type, try ListQuery(query))
        }
        throw .noEndpoint
    }

    private static func history(
        _ method: String,
        _ text: Substring,
        _ repository: RepositoryName,
        _ query: Query
    ) throws(GrammarError) -> DistributionRequest {
        try check(method, ["GET", "HEAD"])
        guard let tag = try? Tag(text) else { throw .tag(text.excerpt(140)) }
        return .tagHistory(tag, repository, try ListQuery(query))
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
            case .tag: throw .tag(text.excerpt(140))
            case .digest(let reason): throw .digest(text.excerpt(140), reason)
            }
        }
        switch method {
        case "PUT":
            let texts = query.all("tag")
            guard texts.count <= ManifestPush.tagCountMax else { throw .tooManyTags }
            var tags: [Tag] = []
            var seen: Set<Tag> = []
            for text in texts {
                guard let tag = try? Tag(text) else { throw .tag(text.excerpt(140)) }
                if seen.insert(tag).inserted { tags.append(tag) }
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
        if let text = query["from"], !text.isEmpty { start.source = try name(text[...]) }
        if let text = query["digest-algorithm"] {
            guard let algorithm = Digest.Algorithm.allCases.first(where: { text[...].equals($0.rawValue) }) else {
                throw .digest(text.excerpt(80), .unknownAlgorithm(text.excerpt(80)))
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
        try check(method, ["GET", "HEAD", "PATCH", "PUT", "DELETE"])
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

    private static func name(_ text: Substring) throws(GrammarError) -> RepositoryName {
        guard let name = try? RepositoryName(text) else { throw .name(text.excerpt(300)) }
        return name
    }

    private static func digest(_ text: Substring) throws(GrammarError) -> Digest {
        do throws(Digest.ParseError) {
            return try Digest(text)
        } catch {
            throw .digest(text.excerpt(140), error)
        }
    }
}

extension ListQuery {
    init(_ query: Query) throws(GrammarError) {
        last = query["last"].flatMap { $0.isEmpty ? nil : $0 }
        guard let text = query["n"] else { return }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw .pageSize(text.excerpt(40))
        }
        // More digits than a number has here: more than any page holds.
        count = Int(text) ?? .max
    }
}

extension StringProtocol {
    /// Whether the bytes are the same: for text from a client, which String may take long to compare.
    fileprivate func equals(_ other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// The beginning, for a message.
    ///
    /// Counted in scalars, because one Character may be as long as the whole.
    fileprivate func excerpt(_ scalarCount: Int) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(scalarCount)))
    }
}
