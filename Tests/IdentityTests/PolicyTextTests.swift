import Access
import Selectors
import Testing

@testable import Identity

@Suite struct PolicyTextTests {
    @Test func `policies come back from their text`() throws {
        let policies = [
            Policy(.allow, .everything, .all), Policy(.deny, try Glob("team/**/x-?"), [.delete, .overwrite]),
            Policy(.allow, try Glob("a"), Role.pushing.union(.pull)), Policy(.allow, try Glob("b"), []),
        ]
        #expect(try PolicyText.read(try PolicyText.write(policies)) == policies)
        #expect(try PolicyText.read(try PolicyText.write([])) == [])
        for role in Role.builtIn {
            #expect(try PolicyText.read(try PolicyText.write(role.policies)) == role.policies)
        }
    }

    @Test func `the text is JSON that a person would write`() throws {
        let policies = [Policy(.allow, try Glob("team/*"), [.pull]), Policy(.deny, .everything, .delete)]
        #expect(
            try PolicyText.write(policies)
                == #"[{"actions":["pull"],"repo":"team/*"},{"actions":["delete"],"effect":"deny","repo":"*"}]"#
        )
    }

    @Test func `push gives tags too, and a star everything`() throws {
        let policies = try PolicyText.read(#"[{"repo":"a","actions":["push"]},{"repo":"b","actions":["*","pull"]}]"#)
        #expect(policies.map(\.actions) == [[.push, .tag, .overwrite], .all])
    }

    @Test(arguments: [ActionSet.push, [.push, .tag], [.push, .overwrite, .pull]])
    func `a push that gives no tags is not written, because it would be read as one that does`(actions: ActionSet) {
        #expect(throws: PolicyText.Problem.self) { try PolicyText.write([Policy(.allow, .everything, actions)]) }
    }

    @Test(arguments: [
        ("", "list of"), ("{}", "list of"), ("[1]", "list of"), ("[{}]", "list of"), (#"[{"repo":"a"}]"#, "list of"),
        (#"[{"actions":["pull"]}]"#, "list of"), (#"[{"repo":"a","actions":"pull"}]"#, "list of"),
        (#"[{"repo":"a","actions":["pull"],"effect":"maybe"}]"#, "list of"),
        (#"[{"repo":"a","actions":["pull"],"efect":"deny"}]"#, "efect is not part of a policy"),
        (#"[{"repo":"a","actions":["fly"]}]"#, "fly is not an action"),
        (#"[{"repo":"a","actions":["Pull"]}]"#, "Pull is not an action"),
        (#"[{"repo":"a//b","actions":["pull"]}]"#, "a//b is not a pattern"),
        (#"[{"repo":"","actions":["pull"]}]"#, "is not a pattern"),
    ])
    func `what is wrong with policies is said in a sentence`(text: String, sentence: String) {
        let problem = #expect(throws: PolicyText.Problem.self) { try PolicyText.read(text) }
        #expect(problem?.description.contains(sentence) == true)
    }
}
