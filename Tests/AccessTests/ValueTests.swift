import Access
import Testing

@Suite("Values that rules are written with")
struct ValueTests {
    @Test(
        "A subject is read as it was written",
        arguments: [
            ("user:alice", .user("alice")), ("group:staff", .group("staff")), ("robot:team+ci", .robot("team+ci")),
            ("user:a:b", .user("a:b")), ("authenticated", .authenticated), ("anyone", .anyone),
            ("user:anyone", .user("anyone")),
        ] as [(String, Subject)]
    )
    func subject(text: String, subject: Subject) {
        #expect(Subject(text) == subject)
        #expect(subject.description == text)
    }

    @Test(
        "What is no subject is not read",
        arguments: ["", "alice", "user:", ":", ":alice", "User:alice", "local", "anonymous:", "anyone:", "anyone "]
    )
    func noSubject(text: String) {
        #expect(Subject(text) == nil)
    }

    @Test("A caller is named with its kind")
    func principals() {
        #expect(Principal(kind: .user, name: "alice").description == "user:alice")
        #expect(Principal(kind: .robot, name: "ci").description == "robot:ci")
        #expect(Principal.anonymous.description == "anonymous")
        #expect(Principal.local.description == "local")
    }

    @Test("A set of actions keeps them in their order, and no two share a bit")
    func actionSets() {
        #expect(ActionSet([.push, .list, .manage]).actions == [.list, .push, .manage])
        #expect(ActionSet.all.actions == Action.allCases)
        #expect(ActionSet().actions == [])
        for action in Action.allCases { #expect(ActionSet(action).actions == [action]) }
        let named: [ActionSet] = [.list, .pull, .push, .tag, .overwrite, .delete, .scan, .sign, .manage]
        #expect(named.flatMap(\.actions) == Action.allCases)
    }
}
