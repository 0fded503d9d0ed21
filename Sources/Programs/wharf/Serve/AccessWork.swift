import Access
import AdminAPI
import Administration
import DistributionAPI
import Gates
import HTTPServing
import Identity
import Jobs
import Limits
import Logging
import Metadata
import NIOPosix
import Observability
import RegistryContract
import Settings
import Wrapping

/// Who calls and what they may do, as one server holds it: what decides, what manages it, and what keeps it fresh.
///
/// It is there also where everybody may do everything with images: the management always asks who calls.
struct AccessWork: Sendable {
    let directory: AccessDirectory
    private let authenticator: Authenticator
    private let passwords: PasswordChecker
    private let facts: FactStore
    private let upkeep: CredentialUpkeep
    private let settings: ServerSettings.Access
    private let patience: CollectionPatience
    private let trash: TrashService
    private let endingCount: Gauge
    private let log: Logger

    /// What tokens are for.
    private static let tokenService = "wharf"
    /// How often it is asked whether accounts and rules have changed.
    private static let refreshInterval = Duration.seconds(2)
    /// How often the uses of credentials are written down, and keys and ending credentials looked after.
    private static let upkeepInterval = Duration.seconds(60)

    init(
        _ settings: ServerSettings.Access,
        _ patience: CollectionPatience,
        _ facts: FactStore,
        _ trash: TrashService,
        metrics: MetricSet,
        log: Logger
    ) async throws {
        (self.settings, self.patience, self.trash) = (settings, patience, trash)
        self.log = log
        let now: @Sendable () -> Timestamp = { .now() }
        passwords = PasswordChecker()
        self.facts = facts
        directory = try await AccessDirectory.load(facts, now: now)
        authenticator = Authenticator(
            service: Self.tokenService,
            directory: directory,
            passwords: passwords,
            now: now
        )
        upkeep = CredentialUpkeep(directory, warningTime: settings.expiryWarning, keyLifetime: settings.keyLifetime)
        endingCount = metrics.gauge(
            "wharf_credentials_ending",
            "Secrets of robots and personal tokens that end within access.expiry-warning."
        )
    }

    /// Lets callers in, each to what they may do.
    func control(_ registries: AuditedProvider, _ audit: AuditWork) -> AccessControl {
        var control = AccessControl(authenticator, witness: audit.witness(directory)) { [directory] login, caller in
            let rulesNow: @Sendable () -> AccessRules? = { directory.rules(for: login) }
            let standing = TagStanding(of: login.principal, rulesNow: rulesNow)
            let registry = registries.registry(for: caller, standing: standing)
            return AccessChecked(registry, for: login.principal, rulesNow: rulesNow)
        }
        control.mayRead = { [directory] in directory.snapshot.rules.decide($0, .pull, on: $1).isAllowed }
        control.warningTime = settings.expiryWarning
        return control
    }

    /// The management over the network, before `next`: for who logs in.
    func responder(
        before next: any HTTPResponder,
        _ control: AccessControl,
        _ options: DistributionResponder.Options,
        _ audit: AuditWork,
        _ jobs: JobQueue
    ) -> any HTTPResponder {
        AdminResponder(
            before: next,
            service: management(jobs),
            login: { try await control.login($0, under: options.limits) },
            strip: { options.prefix.strip($0) },
            warn: { control.warning(to: $0) },
            refused: audit.refusals,
            log: log
        )
    }

    /// The management over the socket in the data folder: whoever may open that is the administrator.
    func localResponder(_ audit: AuditWork, _ jobs: JobQueue) -> any HTTPResponder {
        AdminResponder(
            before: nil,
            service: management(jobs),
            login: { _ in .local },
            refused: audit.refusals,
            log: log
        )
    }

    private func management(_ jobs: JobQueue) -> ManagementService {
        ManagementService(
            directory: directory,
            facts: facts,
            passwords: passwords,
            now: { .now() },
            jobs: jobs,
            patience: patience,
            trash: trash
        )
    }

    /// What clears ended credentials away, once for all servers.
    var clearing: JobKind {
        JobKind(
            "credentials.clear",
            "Forgets credentials that ended more than a week ago.",
            priority: .low,
            timetable: try? JobTimetable("41 * * * *", zone: "UTC")
        ) { [upkeep] _ in
            let count = try await upkeep.clear(at: .now())
            return count == 1 ? "forgot 1 credential" : "forgot \(count) credentials"
        }
    }

    /// Makes the first administrator with the password of the settings, or a random one, which is returned; nil where
    /// there are accounts already, or the password is given.
    func introduceAdministrator(_ threads: NIOThreadPool) async throws -> Identity.Secret? {
        try await FirstAdministrator.make(in: directory, now: { .now() }) { () -> Identity.Secret? in
            guard let secret = settings.adminPassword else { return nil }
            do {
                return Identity.Secret(try await threads.runIfActive { try secret.revealed() })
            } catch let problem as Settings.Secret.Problem {
                throw Failure(description: "access.admin-password: \(problem)")
            }
        }
    }

    /// Keeps what is remembered fresh until it is cancelled.
    func run(_ audit: AuditWork) async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await refresh() }
            tasks.addTask { await keepUp(audit) }
        }
    }

    /// Writes down what is remembered and not written yet.
    func finish() async {
        try? await directory.writeUses()
    }

    /// Sees what another server on the same database has changed.
    private func refresh() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.refreshInterval)
            do {
                try await directory.refresh()
            } catch {
                log.error("accounts and rules cannot be read", metadata: ["error": .string("\(error)")])
            }
        }
    }

    /// Writes down uses, renews keys, and tells once of each credential that ends soon.
    private func keepUp(_ audit: AuditWork) async {
        var told: Set<String> = []
        while !Task.isCancelled {
            do {
                let findings = try await upkeep.run(at: .now())
                endingCount.set(to: findings.ending.count)
                if let key = findings.newKey { log.info("a new key will sign tokens", metadata: ["key": .string(key)]) }
                for credential in findings.ending where told.insert(credential.id).inserted {
                    log.warning(
                        "a credential ends soon",
                        metadata: [
                            "account": .string(credential.account), "credential": .string(credential.id),
                            "kind": .string(credential.kind.rawValue),
                        ]
                    )
                    audit.tellOfEnd(credential)
                }
                told.formIntersection(findings.ending.map(\.id))
            } catch {
                log.error("credentials could not be looked after", metadata: ["error": .string("\(error)")])
            }
            try? await Task.sleep(for: Self.upkeepInterval)
        }
    }
}
