import AWS
import Outgoing

/// A parameter of a query.
struct S3Parameter: Sendable {
    let name: String
    let value: String

    init(_ name: String, _ value: String = "") {
        self.name = name
        self.value = value
    }
}

/// Where a bucket and its objects are.
struct S3Address: Sendable {
    /// The server that is dialled.
    let target: OutgoingTarget
    /// What a path begins with: the bucket, or nothing where the host names it.
    private let base: String
    /// What keys begin with: nothing, or a text that ends with a slash.
    let prefix: String
    /// The bucket's name.
    let bucket: String

    /// Bucket and server, for a sentence.
    var place: String { "the bucket \(bucket) at \(target)" }

    /// Whether TLS guards what is sent.
    var isSecure: Bool { target.isSecure }

    init(_ settings: S3Settings) throws(S3Error) {
        try self.init(settings, at: settings.endpoint)
    }

    /// The same bucket by another name of its server, such as the one that clients know.
    init(_ settings: S3Settings, at endpoint: OutgoingURL?) throws(S3Error) {
        guard Self.isName(settings.bucket, isRegion: false) else {
            throw S3Error(
                .settingsInvalid,
                "There is no bucket by that name: it has 3 to 255 letters, digits, dots, hyphens and underscores."
            )
        }
        guard Self.isName(settings.region, isRegion: true),
            let url = endpoint ?? AWSEndpoint.url(of: "s3", in: settings.region)
        else {
            throw S3Error(.settingsInvalid, "The region should look like eu-central-1; us-east-1 where there is none.")
        }
        guard url.pathAndQuery == "/" else {
            throw S3Error(.settingsInvalid, "The endpoint of the store has a path: name its host and port alone.")
        }
        bucket = settings.bucket
        prefix = try Self.checked(settings.prefix)
        let isInHost =
            switch settings.addressing {
            case .automatic: endpoint == nil && Self.isLabel(settings.bucket)
            case .path: false
            case .virtualHosted: true
            }
        base = isInHost ? "" : "/\(settings.bucket)"
        target = isInHost ? try Self.hosted(settings.bucket, url.target) : url.target
    }

    /// The URL of an object, or of the bucket itself.
    func url(_ key: String? = nil, _ query: [S3Parameter] = []) throws(S3Error) -> OutgoingURL {
        var path = key.map { "\(base)/\(Escaping.escaped($0, keepsSlash: true))" } ?? base
        if path.isEmpty { path = "/" }
        if !query.isEmpty {
            path +=
                "?" + query.map { "\(Escaping.escaped($0.name))=\(Escaping.escaped($0.value))" }.joined(separator: "&")
        }
        do {
            return try OutgoingURL(target, path: path)
        } catch {
            throw S3Error(.settingsInvalid, "The name of an object makes no URL: \(error).", underlying: error)
        }
    }

    /// The name of an object with the prefix.
    func full(_ key: String) throws(S3Error) -> String {
        let name = prefix + key
        guard !key.isEmpty, name.utf8.count <= S3Limits.keyByteCountMax else {
            throw S3Error(
                .settingsInvalid,
                "The name of an object has none or more than \(S3Limits.keyByteCountMax) bytes."
            )
        }
        return name
    }

    // MARK: - What may be set

    /// A prefix with the slash at its end.
    private static func checked(_ prefix: String) throws(S3Error) -> String {
        guard !prefix.isEmpty else { return "" }
        let isPlain = prefix.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-_./".utf8.contains(byte)
        }
        let name = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
        let segments = name.split(separator: "/", omittingEmptySubsequences: false)
        let isPath = segments.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        guard isPlain, isPath, prefix.utf8.count <= 512 else {
            throw S3Error(
                .settingsInvalid,
                "The prefix of the bucket should look like registry/blobs/: letters, digits, dots, hyphens, "
                    + "underscores and single slashes, at most 512."
            )
        }
        return name + "/"
    }

    private static func isName(_ text: String, isRegion: Bool) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
                || (!isRegion && ((0x41...0x5A).contains(byte) || "._".utf8.contains(byte)))
        }
        return isPlain && (isRegion ? 1...63 : 3...255).contains(text.utf8.count)
    }

    /// Whether a bucket can be one label of a host's name: a dot would be outside Amazon's certificates.
    private static func isLabel(_ bucket: String) -> Bool {
        bucket.utf8.count <= 63 && !bucket.hasPrefix("-") && !bucket.hasSuffix("-")
            && bucket.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    private static func hosted(_ bucket: String, _ target: OutgoingTarget) throws(S3Error) -> OutgoingTarget {
        let name = bucket.lowercased()
        switch target {
        case .http(let host, let port) where !host.contains(":"): return .http(host: "\(name).\(host)", port: port)
        case .https(let host, let port) where !host.contains(":"): return .https(host: "\(name).\(host)", port: port)
        default:
            throw S3Error(
                .settingsInvalid,
                "A bucket cannot stand in front of \(target): use path addressing with it."
            )
        }
    }
}
