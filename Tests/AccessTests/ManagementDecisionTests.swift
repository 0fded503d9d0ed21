import Selectors
import Testing

@testable import Access

/// Who manages the installation.
@Suite struct ManagementDecisionTests {
    private static let alice = Principal(kind: .user, name: "alice")

    private func rules(_ roles: [Role], project: String? = nil) -> AccessRules {
        AccessRules(
            roles: roles,
            grants: roles.map { Grant(.user("alice"), role: $0.name, project: project) },
            projects: [Project(name: "team", isPublic: false)]
        )
    }

    @Test(arguments: ["*", "**", "**/*", "**/**"])
    func `a role on everything manages the installation, however everything is written`(pattern: String) throws {
        let manager = Role(name: "manager", policies: [Policy(.allow, try Glob(pattern), .manage)])
        #expect(rules([manager]).decideManagement(by: Self.alice).isAllowed)
        #expect(!rules([manager], project: "team").decideManagement(by: Self.alice).isAllowed)
        let denied = Role(name: "denied", policies: [Policy(.deny, try Glob(pattern), .manage)])
        #expect(!rules([.administrator, denied]).decideManagement(by: Self.alice).isAllowed)
    }

    @Test(arguments: ["team", "team/**", "*/*", "?*", "**/a", "a*", "*a"])
    func `a role on less does not`(pattern: String) throws {
        let manager = Role(name: "manager", policies: [Policy(.allow, try Glob(pattern), .all)])
        #expect(!rules([manager]).decideManagement(by: Self.alice).isAllowed)
        let limited = Principal(kind: .user, name: "alice", limits: [[Policy(.allow, try Glob(pattern), .all)]])
        #expect(!rules([.administrator]).decideManagement(by: limited).isAllowed)
    }
}
