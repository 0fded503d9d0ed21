import Access
import OCI
import Testing

@testable import Identity

@Suite struct TokenScopeTests {
    @Test(arguments: [
        ("repository:app:pull", TokenScope.repository("app", "pull")),
        ("repository:team/app:pull,push", .repository("team/app", "pull", "push")),
        ("repository:host:5000/team/app:pull", .repository("host:5000/team/app", "pull")),
        ("repository:a:b:c:d:*", .repository("a:b:c:d", "*")),
        ("repository(plugin):team/app:pull", .repository("team/app", "pull")),
        ("registry:catalog:*", TokenScope(type: "registry", name: "catalog", actions: ["*"])),
        ("repository:app:", .repository("app")),
        ("repository:app:pull,,push,", .repository("app", "pull", "push")),
        ("unheard:of:anything", TokenScope(type: "unheard", name: "of", actions: ["anything"])),
    ])
    func `a scope has a type, a name and actions`(text: String, scope: TokenScope) throws {
        #expect(try TokenScope(text) == scope)
    }

    @Test(arguments: [
        "", ":", "::", "repository", "repository:app", ":app:pull", "repository::pull", "(plugin):app:pull",
        "repository:app\u{301}:pull", "repository:a b:pull", "repository:a\n:pull", "repository:\"app\":pull",
        "repository:a\\b:pull", "repository:\u{0}:pull",
    ])
    func `what has not all of them, or a byte that no scope has, is none`(text: String) {
        #expect(throws: TokenScope.ParseError.malformed) { try TokenScope(text) }
    }

    @Test func `a scope is at most 1024 bytes long`() throws {
        let longest = "repository:" + String(repeating: "a", count: 1024 - 16) + ":pull"
        #expect(try TokenScope(longest).name.utf8.count == 1008)
        #expect(throws: TokenScope.ParseError.tooLong) { try TokenScope(longest + "l") }
    }

    @Test(arguments: ["repository:host:5000/team/app:pull,push", "registry:catalog:*", "repository:app:"])
    func `a scope comes back from its text`(text: String) throws {
        #expect(try TokenScope(text).description == text)
    }

    /// A scope, a repository, and what a token with the scope lets its bearer do there.
    struct Case: Sendable {
        var scope: String
        var repository: String
        var actions: ActionSet
    }

    static let cases: [Case] = [
        Case(scope: "repository:app:pull", repository: "app", actions: [.list, .pull]),
        Case(scope: "repository:app:push", repository: "app", actions: [.push, .tag, .overwrite, .scan, .sign]),
        Case(scope: "repository:app:pull,delete", repository: "app", actions: [.list, .pull, .delete]),
        Case(scope: "repository:app:*", repository: "app", actions: .all),
        Case(scope: "repository:app:pull", repository: "app/more", actions: []),
        Case(scope: "repository:*:pull", repository: "app", actions: []),
        Case(scope: "repository:**:pull", repository: "app", actions: []),
        Case(scope: "repository:ap?:*", repository: "app", actions: []),
        Case(scope: "repository:app:", repository: "app", actions: []),
        Case(scope: "repository:app:unheard,PULL", repository: "app", actions: []),
        Case(scope: "registry:catalog:*", repository: "app", actions: .list),
        Case(scope: "registry:other:*", repository: "app", actions: []),
        Case(scope: "unheard:app:*", repository: "app", actions: []),
    ]

    @Test(arguments: cases)
    func `a token lets its bearer do what its scopes say on that repository alone`(sample: Case) throws {
        let principal = Principal(kind: .user, name: "alice", limits: [try TokenScope(sample.scope).policies])
        let rules = AccessRules(grants: [Grant(.user("alice"), role: "administrator")])
        let allowed = try Action.allCases.filter {
            try rules.decide(principal, $0, on: RepositoryName(sample.repository)).isAllowed
        }
        #expect(ActionSet(allowed.map { ActionSet($0) }) == sample.actions)
    }
}
