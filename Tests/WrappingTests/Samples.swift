import Access
import OCI
import RegistryContract
import RegistryTesting
import Selectors
import Wrapping

/// What the tests of this room speak of.
enum Samples {
    static let alice = Principal(kind: .user, name: "alice")

    static var app: RepositoryName { get throws { try RepositoryName("team/app") } }
    static var other: RepositoryName { get throws { try RepositoryName("other/app") } }

    /// A registry for Alice, who may do some things with the repositories of each pattern, and nothing else.
    static func registry(
        over base: any Registry,
        _ allowed: (pattern: String, actions: ActionSet)...
    ) throws -> AccessChecked {
        let policies = try allowed.map { Policy(.allow, try Glob($0.pattern), $0.actions) }
        let rules = AccessRules(
            roles: [Role(name: "own", policies: policies)],
            grants: [Grant(.user("alice"), role: "own")]
        )
        return AccessChecked(base, for: alice, under: rules)
    }

    /// The refusal that something ends in; nil when it is done, and for another error.
    static func refusal(_ body: () async throws -> Void) async -> AccessRefusal? {
        do {
            try await body()
            return nil
        } catch {
            return error as? AccessRefusal
        }
    }

    /// The code of the error of the registry that something ends in.
    static func errorCode(_ body: () async throws -> Void) async -> RegistryError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? RegistryError)?.code
        }
    }
}
