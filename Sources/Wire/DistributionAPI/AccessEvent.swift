import Access
import DistributionGrammar
import HTTPServing
import Identity
import Limits
import NIOHTTP1
import OCI

/// A login or a refusal, for whoever keeps the audit.
public struct AccessEvent: Hashable, Sendable {
    /// Who it was, such as `user:alice`; `anonymous` where nobody has shown who they are.
    public var principal: String
    /// The address that the call came from.
    public var address: String
    /// The id of the request.
    public var requestID: String
    /// What was asked for, noun first: `login`, `manifest.push`.
    public var action: String
    /// Of what, such as `team/app:1`; empty for what is about the whole registry, and for a login.
    public var target: String
    /// Whether it was allowed.
    public var isAllowed: Bool
    /// Why not, or why: never for the caller.
    public var reason: String
    /// The name that somebody gave who did not come in; whatever was typed there, so it may be anything.
    public var claimedName: String?
    /// The id of the credential that was used; nil for a password.
    public var credential: String?
}

extension AccessControl {
    /// Tells of a login that was looked at anew; a token is none.
    func note(_ login: Login, _ request: ServerRequest) {
        guard login.isNew, login.account != nil else { return }
        witness(
            AccessEvent(
                principal: login.principal.description,
                address: request.clientAddress,
                requestID: request.id.description,
                action: "login",
                target: "",
                isAllowed: true,
                reason: "",
                credential: login.credential
            )
        )
    }

    /// Tells of a refusal of somebody who has brought credentials; the first 401 of a client is none.
    func note(_ error: any Error, _ login: Login, _ request: ServerRequest, _ read: DistributionRequest) {
        guard request.headers.contains(name: "authorization") else { return }
        guard let refusal = error as? AccessRefusal else {
            return noteFailedLogin(error, as: Self.claimedName(request), request)
        }
        witness(
            AccessEvent(
                principal: refusal.principal.description,
                address: request.clientAddress,
                requestID: request.id.description,
                action: read.auditAction,
                target: read.auditTarget,
                isAllowed: false,
                reason: refusal.decision.description,
                credential: login.credential
            )
        )
    }

    /// Tells of credentials that let nobody in; of an error that is about something else, nothing.
    func noteFailedLogin(_ error: any Error, as name: String?, _ request: ServerRequest) {
        let reason: String
        switch error {
        case let error as NotAuthenticated: reason = error.reason
        case let error as LimitRefusal where [.logins, .loginsPerAddress].contains(error.limit):
            reason = "too many failed logins"
        default: return
        }
        witness(
            AccessEvent(
                principal: Principal.anonymous.description,
                address: request.clientAddress,
                requestID: request.id.description,
                action: "login",
                target: "",
                isAllowed: false,
                reason: reason,
                claimedName: name
            )
        )
    }

    /// The name that a request brings, where it brings one with a password.
    static func claimedName(_ request: ServerRequest) -> String? {
        guard case .basic(let name, _)? = try? AuthorizationHeader.credentials(in: request.headers) else { return nil }
        return name
    }
}

extension DistributionRequest {
    /// What is asked for, as the audit names it.
    var auditAction: String {
        switch self {
        case .version: "registry.version"
        case .blob: "blob.pull"
        case .manifest: "manifest.pull"
        case .startUpload, .patchUpload, .putUpload, .uploadStatus, .cancelUpload: "blob.push"
        case .putManifest: "manifest.push"
        case .tags: "tag.list"
        case .referrers: "referrer.list"
        case .catalog: "repository.list"
        case .tagHistory: "tag.history"
        case .deleteManifest(.tag, _): "tag.delete"
        case .deleteManifest(.digest, _): "manifest.delete"
        case .deleteBlob: "blob.delete"
        }
    }

    /// Of what, as the audit names it.
    var auditTarget: String {
        switch self {
        case .version, .catalog: ""
        case .manifest(let reference, let name, _), .putManifest(let reference, let name, _),
            .deleteManifest(let reference, let name):
            switch reference {
            case .tag(let tag): "\(name):\(tag)"
            case .digest(let digest): "\(name)@\(digest)"
            }
        case .blob(let digest, let name, _), .deleteBlob(let digest, let name), .putUpload(_, let name, let digest),
            .referrers(let digest, let name, _, _):
            "\(name)@\(digest)"
        case .startUpload(let name, _), .patchUpload(_, let name), .uploadStatus(_, let name),
            .cancelUpload(_, let name), .tags(let name, _):
            name.description
        case .tagHistory(let tag, let name, _): "\(name):\(tag)"
        }
    }
}
