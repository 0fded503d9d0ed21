import OCI
import Outgoing
import RegistryContract

/// What a status and a code stand for, as an error that says what to do.
extension RegistryClient {
    /// The error for an answer that is not what a call wants.
    func refusal(_ response: OutgoingResponse, to call: Call) async -> any Error {
        let problem = await RemoteProblem.read(response)
        if !endpoint.isOwn(response.url.target) {
            return RegistryError(
                .unavailable,
                "\(host) sends callers on to \(response.url.target) for \(call.thing), and that answers "
                    + "\(response.status)\(problem.saying). Try again, and ask the operator of \(host)."
            )
        }
        if problem.isPage, response.status < 500 {
            return RegistryError(
                .unsupported,
                "\(host) answers, but not as a registry does: with a page for people, and status \(response.status), "
                    + "when asked to \(call.purpose). Look at the address, and whether a proxy stands in between."
            )
        }
        switch response.status {
        case 401: return await unauthorized(problem, call)
        case 403:
            // wharf, Harbor and Quay say so with this word; nobody else's right helps then.
            let isFull = problem.saying.lowercased().contains("quota")
            let advice =
                isFull
                ? "Free some of it, or ask its operator for more."
                : "Ask its operator for the right, or log in as somebody else with `wharf login \(host)`."
            return RegistryError(
                .denied,
                "\(host) does not let you \(call.purpose)\(problem.saying). \(advice)"
            )
        case 404: return await missing(problem, call)
        case 429: return tooManyRequests(response, problem.saying, call)
        case 300..<400:
            let location = response.headers["Location"].map {
                " to \(RemoteProblem.printable("\($0.prefix { $0 != "?" })"))"
            }
            return RegistryError(
                .unsupported,
                "\(host) sends callers on\(location ?? "") with status \(response.status), when asked to "
                    + "\(call.purpose): name that registry."
            )
        default: return other(response, problem, call)
        }
    }

    /// What to come again later for.
    func tooManyRequests(_ response: OutgoingResponse, _ said: String, _ call: Call) -> RegistryError {
        let wait = RetryAfter.duration(response.headers["Retry-After"])
        let advice = wait.map { "Try again in \($0.components.seconds) seconds" } ?? "Try again later"
        return RegistryError(
            .tooManyRequests,
            "\(host) has had too many requests to \(call.purpose)\(said). \(advice); who is logged in "
                + "may often do more."
        )
    }

    private func unauthorized(_ problem: RemoteProblem, _ call: Call) async -> RegistryError {
        let credential = try? await authority.credential(for: call.repository)
        let sentence =
            credential == nil
            ? "\(host) wants to know who you are before it lets you \(call.purpose)\(problem.saying): log in with "
                + "`wharf login \(host)`."
            : "\(host) does not let you \(call.purpose) with the credentials that are kept for it\(problem.saying): "
                + "log in again with `wharf login \(host)`, or look whether there is such a thing and whether you may."
        return RegistryError(.unauthorized, sentence)
    }

    private func missing(_ problem: RemoteProblem, _ call: Call) async -> RegistryError {
        if let repository = call.repository, let code = problem.code {
            repositories.note(repository, isKnown: code != ErrorCode.nameUnknown.description)
        }
        var code = Self.code(problem.code, or: call.missing)
        // The registry itself has named the place of an upload: it is not that it knows no such requests.
        if code == .unsupported, call.missing == .uploadUnknown { code = .uploadUnknown }
        let isName = code == .nameUnknown
        let thing = isName ? call.repository.map { "the repository \($0)" } ?? call.thing : call.thing
        let digests = problem.digests.isEmpty && !isName ? call.digest.map { [$0] } ?? [] : problem.digests
        return RegistryError(code, "\(host) has not got \(thing)\(problem.saying).", digests: digests)
    }

    private func other(_ response: OutgoingResponse, _ problem: RemoteProblem, _ call: Call) -> RegistryError {
        let status = response.status
        let code: RegistryError.Code
        switch status {
        case 405:
            // Only who names the content says that something needs it; others say that they do not do this at all.
            code = call.method == .delete && !problem.digests.isEmpty ? .blobInUse : .unsupported
        case 412: code = .conditionFailed
        case 413: code = call.isManifest ? .manifestTooLarge : .sizeInvalid
        case 416: code = .uploadOffsetInvalid
        case 507: code = .storageFull
        case 500...: code = .unavailable
        default: code = Self.code(problem.code, or: .unsupported)
        }
        let advice =
            switch status {
            case 507: " It has no room for more: ask its operator to make some, and do the same again."
            case 500...: " Try again later, or ask its operator."
            default: ""
            }
        return RegistryError(
            code,
            "\(host) answers \(status) when asked to \(call.purpose)\(problem.saying).\(advice)",
            digests: problem.digests
        )
    }

    private static func code(_ text: String?, or other: RegistryError.Code) -> RegistryError.Code {
        text.flatMap { codes[$0] } ?? other
    }

    private static let codes: [String: RegistryError.Code] = [
        ErrorCode.blobUnknown.description: .blobUnknown,
        ErrorCode.blobUploadInvalid.description: .uploadUnknown,
        ErrorCode.blobUploadUnknown.description: .uploadUnknown,
        ErrorCode.digestInvalid.description: .digestMismatch,
        ErrorCode.manifestBlobUnknown.description: .manifestBlobUnknown,
        ErrorCode.manifestInvalid.description: .manifestInvalid,
        ErrorCode.manifestUnknown.description: .manifestUnknown,
        ErrorCode.nameUnknown.description: .nameUnknown,
        ErrorCode.sizeInvalid.description: .sizeInvalid,
        ErrorCode.unauthorized.description: .unauthorized,
        ErrorCode.denied.description: .denied,
        ErrorCode.unsupported.description: .unsupported,
        ErrorCode.extensionUnknown.description: .unsupported,
        ErrorCode.tooManyRequests.description: .tooManyRequests,
        ErrorCode.storageFull.description: .storageFull,
        ErrorCode.unavailable.description: .unavailable,
    ]
}
