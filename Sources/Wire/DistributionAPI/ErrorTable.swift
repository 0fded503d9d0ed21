import DistributionGrammar
import HTTPServing
import Limits
import NIOHTTP1
import OCI
import RegistryContract

/// One row of the table from refusals to what goes over the wire.
struct ErrorRow: Sendable {
    var status: HTTPResponseStatus
    var code: ErrorCode
}

/// Refusal -> status -> code: the only place that knows what a refusal is called over HTTP.
///
/// Statuses follow the distribution specification's table of endpoints; where it names none, RFC 9110.
enum ErrorTable {
    private static let rows: [RegistryError.Code: ErrorRow] = [
        .blobUnknown: ErrorRow(status: .notFound, code: .blobUnknown),
        .blobInUse: ErrorRow(status: .methodNotAllowed, code: .unsupported),
        .conditionFailed: ErrorRow(status: .preconditionFailed, code: .denied),
        .denied: denied,
        .digestMismatch: ErrorRow(status: .badRequest, code: .digestInvalid),
        .manifestBlobUnknown: ErrorRow(status: .notFound, code: .manifestBlobUnknown),
        .manifestInvalid: ErrorRow(status: .badRequest, code: .manifestInvalid),
        .manifestTooLarge: ErrorRow(status: .payloadTooLarge, code: .manifestInvalid),
        .manifestUnknown: ErrorRow(status: .notFound, code: .manifestUnknown),
        .nameUnknown: ErrorRow(status: .notFound, code: .nameUnknown),
        .quotaExceeded: denied,
        .sizeInvalid: ErrorRow(status: .badRequest, code: .sizeInvalid),
        .storageFull: ErrorRow(status: .insufficientStorage, code: .storageFull),
        .tagGuarded: denied,
        .tooManyRequests: limited,
        .unauthorized: notAuthenticated,
        .unsupported: ErrorRow(status: .methodNotAllowed, code: .unsupported),
        .uploadOffsetInvalid: ErrorRow(status: .rangeNotSatisfiable, code: .blobUploadInvalid),
        .uploadUnknown: ErrorRow(status: .notFound, code: .blobUploadUnknown),
        .unavailable: ErrorRow(status: .serviceUnavailable, code: .unavailable),
    ]

    /// Nobody has said who they are, or not rightly.
    static let notAuthenticated = ErrorRow(status: .unauthorized, code: .unauthorized)
    /// Who it is, is known, and may not.
    static let denied = ErrorRow(status: .forbidden, code: .denied)
    /// More wait to be let in than may.
    static let tooManyLogins = ErrorRow(status: .tooManyRequests, code: .tooManyRequests)

    /// Somebody has to wait.
    static let limited = ErrorRow(status: .tooManyRequests, code: .tooManyRequests)

    /// What a client that should come back later is told to wait, in seconds.
    static let retrySeconds: [HTTPResponseStatus: Int] = [
        .insufficientStorage: 60, .serviceUnavailable: 1, .tooManyRequests: 1,
    ]

    static func row(for error: RegistryError) -> ErrorRow {
        rows[error.code] ?? ErrorRow(status: .internalServerError, code: .unknown)
    }

    /// The same whether there is an account, a repository, or not.
    static func row(for error: LimitRefusal) -> (row: ErrorRow, message: String) {
        let what =
            switch error.limit {
            case .requestsPerAddress: "too many requests from this address"
            case .requestsPerUser: "too many requests of this user"
            case .requestsPerRepository: "too many requests for this repository"
            case .bytesPerAddress: "too many bytes from and to this address"
            case .bytesPerUser: "too many bytes from and to this user"
            case .bytesPerRepository: "too many bytes from and to this repository"
            case .pullsAnonymous: "you have reached your pull limit, which may be wider for who logs in"
            case .pullsAuthenticated: "you have reached your pull limit"
            case .logins: "too many failed logins"
            case .loginsPerAddress: "too many failed logins from this address"
            }
        return (limited, "\(what): try again in \(error.retryAfter) seconds")
    }

    static func row(for error: GrammarError) -> (row: ErrorRow, message: String) {
        switch error {
        case .noEndpoint:
            (ErrorRow(status: .notFound, code: .unsupported), "no endpoint of the registry API has this path")
        case .method(let allowed):
            (
                ErrorRow(status: .methodNotAllowed, code: .unsupported),
                "this path takes \(allowed.joined(separator: ", "))"
            )
        case .name(let name):
            (
                ErrorRow(status: .badRequest, code: .nameInvalid),
                "\(name) is not a repository name: lower-case letters and digits, with . _ __ - between them, in parts "
                    + "separated by /, at most 255 bytes"
            )
        case .tag(let tag):
            (
                ErrorRow(status: .badRequest, code: .tagInvalid),
                "\(tag) is not a tag: letters, digits, _ . -, beginning with a letter, digit or _, at most 128 bytes"
            )
        case .digest(let text, let reason):
            (ErrorRow(status: .badRequest, code: .digestInvalid), "the digest \(text) \(reason.reason)")
        case .uploadID:
            (
                ErrorRow(status: .notFound, code: .blobUploadUnknown),
                "this upload was never begun here: POST to …/blobs/uploads/ and use the Location that it answers with"
            )
        case .missingParameter(let name):
            (ErrorRow(status: .badRequest, code: .digestInvalid), "the query parameter \(name) is missing")
        case .pageSize(let text):
            (
                ErrorRow(status: .badRequest, code: .paginationNumberInvalid),
                "n=\(text) is not a page size: a whole number from 0 on"
            )
        case .tooManyTags:
            (
                ErrorRow(status: .badRequest, code: .tagInvalid),
                "one push brings at most \(ManifestPush.tagCountMax) tags"
            )
        case .encoding:
            (ErrorRow(status: .badRequest, code: .nameInvalid), "the path or the query is not well percent-encoded")
        }
    }
}
