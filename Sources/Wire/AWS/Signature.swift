public import Foundation
public import Outgoing

/// AWS Signature Version 4: how a request shows who sends it, without showing the key.
///
/// What is signed is what is sent, to the byte: a request is not changed after it has been signed. It holds for one
/// moment: a server takes it for some minutes before and after its date.
public struct Signature: Sendable {
    /// What is said of the body.
    public enum Payload: Sendable, Hashable {
        /// Its SHA-256 in hexadecimal digits.
        case hashed(String)
        /// Nothing: S3 takes this, and TLS guards the body.
        case unsigned

        /// No body.
        public static let empty = Payload.of([])

        /// A body in memory.
        public static func of(_ bytes: some Sequence<UInt8>) -> Payload { .hashed(Hashes.sha256(bytes)) }

        var text: String {
            switch self {
            case .hashed(let digits): digits
            case .unsigned: "UNSIGNED-PAYLOAD"
            }
        }
    }

    /// With what is signed.
    public let credentials: AWSCredentials
    /// For which region.
    public let region: String
    /// For which service, by the name that signatures have for it: `ecr`, `s3`.
    public let service: String
    /// When.
    public let date: Date

    /// How long a presigned URL may hold.
    public static let lifetimeMax = Duration.seconds(7 * 24 * 3600)

    private static let algorithm = "AWS4-HMAC-SHA256"

    /// Makes signatures for one service at one moment.
    public init(credentials: AWSCredentials, region: String, service: String, date: Date) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.date = date
    }

    /// The request with the fields that show who sends it.
    ///
    /// All fields are signed but those that change on the way; whatever is added later is not.
    public func signed(_ request: OutgoingRequest, payload: Payload) -> OutgoingRequest {
        var request = request
        let moment = timestamp
        request.headers["Host"] = request.headers["Host"] ?? request.url.target.signedHost
        request.headers["X-Amz-Date"] = moment
        request.headers["X-Amz-Security-Token"] = credentials.sessionToken
        if isStorage || payload == .unsigned { request.headers["X-Amz-Content-SHA256"] = payload.text }
        let canonical = CanonicalRequest(
            method: request.method,
            path: request.url.path,
            query: CanonicalRequest.query(request.url.query),
            headers: request.headers,
            payload: payload.text,
            form: pathForm
        )
        request.headers["Authorization"] =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(moment)), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature(of: canonical, moment))"
        return request
    }

    /// A URL that lets whoever has it do one thing for a while.
    ///
    /// - Parameters:
    ///   - method: What it lets do.
    ///   - url: With what.
    ///   - headers: The fields that the request must have, besides its host.
    ///   - lifetime: Up to ``lifetimeMax``; what is longer or shorter than that and a second is cut to it.
    ///   - payload: What is said of the body.
    /// - Returns: The URL, which is a secret for as long as it holds.
    /// - Throws: When the URL would be longer than one can be.
    public func presigned(
        _ method: OutgoingMethod,
        _ url: OutgoingURL,
        headers: HeaderFields = [:],
        lifetime: Duration,
        payload: Payload = .unsigned
    ) throws(OutgoingURL.ParseError) -> OutgoingURL {
        var headers = headers
        headers["Host"] = headers["Host"] ?? url.target.signedHost
        let moment = timestamp
        let names = CanonicalRequest(
            method: method,
            path: "/",
            query: "",
            headers: headers,
            payload: "",
            form: pathForm
        ).signedHeaders
        let seconds = min(max(lifetime, .seconds(1)), Self.lifetimeMax).components.seconds
        var parameters = [
            ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(moment))"),
            ("X-Amz-Date", moment), ("X-Amz-Expires", "\(seconds)"), ("X-Amz-SignedHeaders", names),
        ]
        if let token = credentials.sessionToken { parameters.append(("X-Amz-Security-Token", token)) }
        let query = CanonicalRequest.query(url.query, adding: parameters.map { (name: $0.0, value: $0.1) })
        let canonical = CanonicalRequest(
            method: method,
            path: url.path,
            query: query,
            headers: headers,
            payload: payload.text,
            form: pathForm
        )
        let signed = "\(url.path)?\(query)&X-Amz-Signature=\(signature(of: canonical, moment))"
        return try OutgoingURL(url.target, path: signed)
    }

    // MARK: - The parts of a signature

    private var isStorage: Bool { service == "s3" || service.hasPrefix("s3-") || service == "s3express" }

    private var pathForm: CanonicalRequest.PathForm { isStorage ? .once : .twice }

    /// Such as `20150830T123600Z`.
    private var timestamp: String {
        date.formatted(
            Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted, timeZone: .gmt)
        )
    }

    private func scope(_ moment: String) -> String {
        "\(moment.prefix(8))/\(region)/\(service)/aws4_request"
    }

    private func signature(of canonical: CanonicalRequest, _ moment: String) -> String {
        let toSign = [Self.algorithm, moment, scope(moment), Hashes.sha256(canonical.text.utf8)].joined(separator: "\n")
        var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for part in [String(moment.prefix(8)), region, service, "aws4_request"] { key = Hashes.hmac(part, key: key) }
        return Hashes.hexadecimal(Hashes.hmac(toSign, key: key))
    }
}

extension OutgoingURL {
    fileprivate var path: Substring { pathAndQuery.prefix { $0 != "?" } }
    fileprivate var query: Substring { pathAndQuery[path.endIndex...].dropFirst() }
}

extension OutgoingTarget {
    /// What `Host` says: the port only where it is not the scheme's own.
    fileprivate var signedHost: String {
        guard let host, let port else { return "localhost" }
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}
