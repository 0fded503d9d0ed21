import AWS
import Foundation
import Outgoing

/// An answer that is read whole.
struct S3Answer: Sendable {
    let status: Int
    let headers: HeaderFields
    var body: [UInt8] = []

    /// The document of the answer; nil where it has none that can be read.
    var document: XMLNode? {
        // While it works on a request, a store sends white space to keep the connection.
        try? XMLNode(body.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) })
    }
}

/// What a request was about, for a sentence.
struct S3Subject: Sendable {
    /// The name that policies have for it: `s3:PutObject`.
    let action: String
    /// The object; nil for the bucket.
    let key: String?
    /// Bucket and server.
    let place: String

    var object: String { key.map { "\($0) in \(place)" } ?? place }
}

extension S3Error {
    /// What a store answered instead of doing what it was asked.
    ///
    /// - Parameters:
    ///   - answer: What it answered.
    ///   - subject: What it was asked.
    ///   - now: What time it is here.
    init(_ answer: S3Answer, _ subject: S3Subject, now: Date) {
        let document = answer.document.flatMap { $0.name == "Error" ? $0 : nil }
        let name = document?["Code"]?.text ?? ""
        let said = Self.cleaned(document?["Message"]?.text ?? "", lengthMax: 300)
        self.init(called: name, status: answer.status, subject)
        requestID = answer.headers["x-amz-request-id"].map { Self.cleaned($0, lengthMax: 80) }
        retryAfter = answer.headers["Retry-After"].flatMap { Int($0) }.map { .seconds(min(max($0, 0), 3600)) }
        if code == .wrongRegion {
            let found = answer.headers["x-amz-bucket-region"] ?? document?["Region"]?.text
            region = found.map { Self.cleaned($0, lengthMax: 63) }
            if let region, !region.isEmpty { message += " It is in the region \(region): set that." }
        }
        if code == .clockSkewed, let theirs = S3Date.http(answer.headers["Date"] ?? "") {
            let seconds = now.timeIntervalSince(theirs).rounded()
            clockDifference = .seconds(seconds)
            let way = seconds < 0 ? "behind" : "ahead of"
            message += " It is \(Int(min(abs(seconds), 1e9))) seconds \(way) the store's."
        }
        if !said.isEmpty { message += " The store says: \(said)" }
    }

    /// What is called so, or has that status where it is called nothing, as a HEAD is answered.
    init(called name: String, status: Int, _ subject: S3Subject) {
        let name = Self.cleaned(name, lengthMax: 80)
        self.init(name: name, status: status, subject)
        self.status = status
        serviceCode = name.isEmpty ? nil : name
    }

    private init(name: String, status: Int, _ subject: S3Subject) {
        switch name {
        case "": self.init(status: status, subject)
        case "NoSuchKey", "NoSuchVersion", "NotFound": self = .missing(subject)
        case "NoSuchBucket": self.init(.noSuchBucket, "\(subject.place) does not exist.")
        case "NoSuchUpload":
            self.init(.noSuchUpload, "The upload of \(subject.object) is not there: it was completed or aborted.")
        case "AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden": self = .denied(subject)
        case "SignatureDoesNotMatch":
            self.init(
                .credentialsRefused,
                "\(subject.place) refuses the signature: the secret key is not that of the access key, or something "
                    + "on the way changes requests."
            )
        case "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken":
            self.init(
                .credentialsRefused,
                "\(subject.place) does not know the access key. Look whether it still exists."
            )
        case "ExpiredToken", "TokenRefreshRequired":
            self.init(.credentialsUnavailable, "The credentials for \(subject.place) are past their end: get new ones.")
        case "RequestTimeTooSkewed":
            self.init(.clockSkewed, "The clock of this machine differs too much from that of \(subject.place): set it.")
        case "PermanentRedirect", "TemporaryRedirect", "Redirect", "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException":
            self.init(.wrongRegion, "\(subject.place) has another region or another place than is set.")
        case "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded",
            "BandwidthLimitExceeded":
            self.init(.slowDown, "\(subject.place) asks for fewer requests.")
        case "InternalError", "ServiceUnavailable", "RequestTimeout", "Busy":
            self.init(.unavailable, "\(subject.place) did not do \(subject.action) (\(status) \(name)).")
        default: self.init(rest: name, status: status, subject)
        }
    }

    private init(rest name: String, status: Int, _ subject: S3Subject) {
        switch name {
        case "PreconditionFailed":
            self.init(.preconditionFailed, "\(subject.object) is there already, or is another object by now.")
        case "ConditionalRequestConflict", "OperationAborted", "Conflict":
            self.init(.conflict, "Somebody else does something to \(subject.object) at this moment.")
        case "InvalidPart", "InvalidPartOrder", "InvalidPartNumber":
            self.init(.invalidPart, "\(subject.object) cannot be made of the parts that were sent (\(name)).")
        case "EntityTooSmall":
            self.init(.entityTooSmall, "A part of \(subject.object) is smaller than \(subject.place) takes.")
        case "EntityTooLarge", "MaxMessageLengthExceeded":
            self.init(.entityTooLarge, "\(subject.object) is larger than the store takes.")
        case "InvalidRange": self.init(.rangeInvalid, "\(subject.object) does not have the bytes that were asked for.")
        case "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody":
            self.init(
                .corrupted,
                "\(subject.place) got other bytes of \(subject.object) than were sent (\(name))."
            )
        case "QuotaExceeded", "XMinioStorageFull", "InsufficientStorage":
            self.init(.full, "\(subject.place) has no room left (\(name)).")
        case "NotImplemented", "MethodNotAllowed":
            self.init(.notImplemented, "\(subject.place) cannot do \(subject.action).")
        case _ where status >= 500:
            self.init(.unavailable, "\(subject.place) did not do \(subject.action) (\(status) \(name)).")
        default: self.init(.refused, "\(subject.place) answers \(subject.action) with \(status) \(name).")
        }
    }

    private init(status: Int, _ subject: S3Subject) {
        switch status {
        case 301, 307, 308: self.init(.wrongRegion, "\(subject.place) has another region or another place than is set.")
        case 401: self.init(.credentialsRefused, "\(subject.place) does not know who asks for \(subject.action).")
        case 403: self = .denied(subject)
        case 404: self = .missing(subject)
        case 405, 501: self.init(.notImplemented, "\(subject.place) cannot do \(subject.action).")
        case 409: self.init(.conflict, "Somebody else does something to \(subject.object) at this moment.")
        case 412: self.init(.preconditionFailed, "\(subject.object) is there already, or is another object by now.")
        case 413: self.init(.entityTooLarge, "\(subject.object) is larger than the store takes.")
        case 416: self.init(.rangeInvalid, "\(subject.object) does not have the bytes that were asked for.")
        case 429, 503: self.init(.slowDown, "\(subject.place) asks for fewer requests (\(status)).")
        case 507: self.init(.full, "\(subject.place) has no room left.")
        case 500...: self.init(.unavailable, "\(subject.place) did not do \(subject.action) (\(status)).")
        default: self.init(.refused, "\(subject.place) answers \(subject.action) with \(status), and says not why.")
        }
    }

    private static func missing(_ subject: S3Subject) -> S3Error {
        guard let key = subject.key else {
            return S3Error(.noSuchBucket, "\(subject.place) does not exist.")
        }
        return S3Error(.noSuchKey, "There is no object \(key) in \(subject.place).")
    }

    private static func denied(_ subject: S3Subject) -> S3Error {
        S3Error(
            .denied,
            "\(subject.place) does not let these credentials do \(subject.action): allow it in their policy."
        )
    }

    /// What an answer is that has another shape than S3 says.
    static func notUnderstood(_ what: String, _ subject: S3Subject) -> S3Error {
        S3Error(.notUnderstood, "What \(subject.place) answers to \(subject.action) cannot be: \(what).")
    }

    /// What kept a request from its answer.
    static func transport(_ error: OutgoingError, _ subject: S3Subject) -> any Error {
        switch error.code {
        case .cancelled: CancellationError()
        case .connectionLost, .timedOut, .refused, .nameNotFound, .other:
            S3Error(.unavailable, error.message, underlying: error)
        case .requestBodyFailed: S3Error(.bodyFailed, error.message, underlying: error)
        case .bodyTooLarge, .headerTooLarge, .protocolViolation:
            S3Error(.notUnderstood, error.message, underlying: error)
        case .requestInvalid: S3Error(.settingsInvalid, error.message, underlying: error)
        default: S3Error(.unreachable, error.message, underlying: error)
        }
    }

    /// What somebody else says, as a part of a sentence: one line, without signs that move a terminal.
    private static func cleaned(_ text: String, lengthMax: Int) -> String {
        let line = text.prefix { !$0.isNewline }.prefix(lengthMax)
        return String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
            .trimmingCharacters(in: .whitespaces)
    }
}

/// The two ways in which S3 writes a moment.
enum S3Date {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
    static func http(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let day = words[1].count == 1 ? "0\(words[1])" : String(words[1])
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return iso("\(words[3])-\(number)-\(day)T\(words[4])Z")
    }

    /// Such as `2009-10-12T17:50:30.000Z`.
    static func iso(_ text: String) -> Date? {
        for hasFraction in [false, true] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction, timeZone: .gmt)
            if let date = try? style.parse(text) { return date }
        }
        return nil
    }
}
