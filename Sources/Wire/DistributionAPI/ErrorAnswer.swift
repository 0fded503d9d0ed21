import DistributionGrammar
import HTTPServing
import Limits
import Logging
import NIOCore
import NIOHTTP1
import OCI
import RegistryContract

/// Turns what was thrown into an answer of the specification's form, with the id of the request, so that a person can
/// find it in the log.
struct ErrorAnswer {
    let request: ServerRequest
    let options: DistributionResponder.Options
    let log: Logger

    func answer(to error: any Error) -> ServerResponse {
        switch error {
        case let error as GrammarError:
            return answer(to: error)
        case let error as RegistryError:
            return answer(to: error)
        case let error as LimitRefusal:
            return answer(to: error)
        case RequestBody.Failure.stalled:
            let message = "the body of the request stopped coming: send it again, or go on from the upload's Range"
            return write(ErrorRow(status: .requestTimeout, code: .blobUploadInvalid), message)
        case RequestBody.Failure.malformed:
            let message = "the body of the request is not in the chunks that its header announces"
            return write(ErrorRow(status: .badRequest, code: .blobUploadInvalid), message)
        case is RequestBody.Failure:
            return write(ErrorRow(status: .badRequest, code: .blobUploadInvalid), "the connection broke")
        case is CancellationError:
            // The client has gone, or the server ends: that is no fault to look for.
            return write(ErrorRow(status: .serviceUnavailable, code: .unavailable), "the request was given up")
        default:
            log.error(
                "a request failed",
                metadata: [
                    "request": .stringConvertible(request.id), "error": .string("\(error)"),
                    "method": .string(request.method.rawValue), "target": .string(request.target),
                ]
            )
            return write(
                ErrorRow(status: .internalServerError, code: .unknown),
                "something went wrong in the registry: its log has more under the id of this request"
            )
        }
    }

    /// Why somebody may not come in; the reasons go to the log alone.
    func answer(to refusal: Refusal, _ challenge: Challenge) -> ServerResponse {
        log.info(
            "access was refused",
            metadata: [
                "request": .stringConvertible(request.id), "reason": .string(refusal.reason),
                "address": .string(request.clientAddress),
            ]
        )
        var answer = write(refusal.row, refusal.message)
        answer.headers.add(name: "Cache-Control", value: "no-store")
        if let scopes = refusal.scopes {
            let header = challenge.header(for: request, scopes: scopes, error: refusal.tokenError)
            answer.headers.add(name: "WWW-Authenticate", value: header)
        }
        return answer
    }

    /// What somebody is told whose address may not use the server.
    func answerToStranger() -> ServerResponse {
        log.info(
            "an address that is not allowed was refused",
            metadata: ["request": .stringConvertible(request.id), "address": .string(request.clientAddress)]
        )
        return write(ErrorTable.denied, "this address may not use this server")
    }

    /// That somebody has to wait, and how long.
    func answer(to refusal: LimitRefusal) -> ServerResponse {
        log.info(
            "a limit was reached",
            metadata: [
                "request": .stringConvertible(request.id), "limit": .string(refusal.limit.rawValue),
                "address": .string(request.clientAddress), "seconds": .stringConvertible(refusal.retryAfter),
            ]
        )
        let (row, message) = ErrorTable.row(for: refusal)
        var answer = write(row, message)
        answer.headers.replaceOrAdd(name: "Retry-After", value: String(refusal.retryAfter))
        answer.headers.add(name: "Cache-Control", value: "no-store")
        return answer
    }

    private func answer(to error: GrammarError) -> ServerResponse {
        let (row, message) = ErrorTable.row(for: error)
        var answer = write(row, message)
        if case .method(let allowed) = error {
            answer.headers.add(name: "Allow", value: allowed.joined(separator: ", "))
        }
        return answer
    }

    private func answer(to error: RegistryError) -> ServerResponse {
        let row = ErrorTable.row(for: error)
        if row.status.code >= 500 {
            log.warning(
                "a request was refused",
                metadata: [
                    "request": .stringConvertible(request.id), "error": .string(error.description),
                    "underlying": .string(error.underlying.map { "\($0)" } ?? ""),
                ]
            )
        }
        var answer = write(row, error.message, error.digests)
        if let offset = error.offset {
            // The true state of the upload, for the client to go on from.
            answer.headers.add(name: "Range", value: UploadRange.text(offset))
            answer.headers.add(name: "Location", value: location)
        }
        return answer
    }

    private var location: String {
        let path = Substring(request.target.utf8.prefix { $0 != UInt8(ascii: "?") })
        return options.prefix.outside(request.headers, target: request.target) + options.prefix.strip(String(path))
    }

    /// One entry for each digest, as the specification's list of errors allows; one without any when there is none.
    private func write(_ row: ErrorRow, _ message: String, _ digests: [Digest] = []) -> ServerResponse {
        var json = JSONText()
        json.object { json in
            json.key("errors")
            json.array(digests.isEmpty ? [nil] : digests.map(Optional.some)) { json, digest in
                json.object { json in
                    json.key("code")
                    json.string(row.code.description)
                    json.key("message")
                    json.string(message)
                    json.key("detail")
                    json.object { json in
                        if let digest {
                            json.key("digest")
                            json.string(digest.description)
                        }
                        json.key("request")
                        json.string(request.id.description)
                    }
                }
            }
        }
        var headers: HTTPHeaders = ["Content-Type": "application/json", "X-Request-Id": request.id.description]
        if let seconds = ErrorTable.retrySeconds[row.status] {
            headers.add(name: "Retry-After", value: String(seconds))
        }
        return ServerResponse(row.status, headers: headers, body: .bytes(ByteBuffer(bytes: json.bytes)))
    }
}
