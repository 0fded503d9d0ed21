import Access
import AdminAPI
import Administration
import Auditing
import DistributionAPI
import HTTPServing
import Identity
import Logging
import Metadata
import RegistryContract
import Settings
import Wrapping

/// The audit of a server: where entries are handed in, and what writes and seals them.
struct AuditWork: Sendable {
    let trail: AuditTrail
    private let sealer: AuditSealer
    private let pulls: Double

    init(_ settings: ServerSettings.Audit, _ facts: FactStore, log: Logger) {
        trail = AuditTrail(facts, now: { .now() }, log: log)
        sealer = AuditSealer(
            facts,
            owner: AuditSealer.randomOwner(),
            keep: settings.keep,
            now: { .now() },
            log: log
        )
        pulls = settings.pulls.value
    }

    /// Writes and seals until it is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await trail.run() }
            tasks.addTask { await sealer.run() }
        }
    }

    /// Writes and seals what is left, when no request can come any more.
    func finish() async {
        await trail.flush(all: true)
        await sealer.finish()
    }

    /// Registries whose changes are recorded.
    func provider(_ base: any RegistryProvider) -> AuditedProvider {
        AuditedProvider(base, Audited.Options(pulls: pulls, now: { .now() }) { [trail] in trail.record($0) })
    }

    /// Records a login or a refusal.
    func witness(_ directory: AccessDirectory) -> @Sendable (AccessEvent) -> Void {
        { [trail] event in
            var target = event.target
            if event.action == "login" {
                target = event.isAllowed ? event.principal : Self.account(event.claimedName, directory.snapshot)
            }
            trail.record(
                AuditFact(
                    at: .now(),
                    principal: event.principal,
                    address: event.address,
                    requestID: event.requestID,
                    action: event.action,
                    target: target,
                    outcome: event.isAllowed ? .allowed : .denied,
                    reason: event.reason,
                    details: event.credential.map { #"{"credential":"\#($0)"}"# } ?? ""
                )
            )
        }
    }

    /// Records a refusal of the management.
    var refusals: @Sendable (Refused, Login, ServerRequest, Route) -> Void {
        { [trail] refusal, login, request, route in
            trail.record(
                AuditFact(
                    at: .now(),
                    principal: login.principal.description,
                    address: request.clientAddress,
                    requestID: request.id.description,
                    action: route.operation,
                    target: route.path,
                    outcome: .denied,
                    reason: refusal.reason
                )
            )
        }
    }

    /// Records that a credential ends soon.
    func tellOfEnd(_ credential: CredentialFact) {
        trail.record(
            AuditFact(
                at: .now(),
                principal: Principal.local.description,
                address: "",
                requestID: "",
                action: "credential.ending",
                target: "\(credential.kind == .robot ? "robot" : "user"):\(credential.account)",
                outcome: .allowed,
                details: #"{"credential":"\#(credential.id)"}"#
            )
        )
    }

    /// The account that somebody wanted to be; empty where there is none of that name: people type passwords there.
    private static func account(_ name: String?, _ snapshot: AccessDirectory.Snapshot) -> String {
        guard let name, let account = snapshot.accounts[name] else { return "" }
        return "\(account.fact.kind.rawValue):\(name)"
    }
}
