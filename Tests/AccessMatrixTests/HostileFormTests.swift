import Foundation
import Testing

@testable import RegistryTesting

/// Whatever is asked of the token service, by its query and by its form.
@Suite struct HostileFormTests {
    @Test(arguments: [
        "scope=a", "scope=:", "scope=::", "scope=:::", "scope=repository::pull", "scope=:a:pull",
        "scope=repository:a%00b:pull", "scope=repository:a%0Ab:pull", "scope=repository:a%22b:pull",
        "scope=repository:a%5Cb:pull", "scope=repository:%C3%A9:pull", "scope=repository:%FF:pull", "scope=%",
        "scope=%2", "scope=%zz", "scope=%C0%AF", "scope=%ED%A0%80", "service=elsewhere", "service=wharf%00",
        "service=%E2%84%AAharf", "scope=repository:a:pull&scope=x",
    ])
    func `what cannot be read is refused`(query: String) async throws {
        try await Town.with { town in
            for request in [
                TestRequest("GET", "/token?\(query)"), form("grant_type=password&username=a&password=b&\(query)"),
            ] {
                let answer = try await town.send(request)
                #expect(answer.status == 400, "\(request.method) \(query): \(answer.status) \(answer.text)")
                #expect(answer.isRefusal)
            }
        }
    }

    @Test func `scopes by the thousand, long ones and many parameters are refused, and soon`() async throws {
        try await Town.with { town in
            let many = (0..<10_000).map { "repository:a\($0):pull" }
            let marks = String(repeating: "%CC%81%CC%96", count: 5000)
            let texts = [
                many.map { "scope=\($0)" }.joined(separator: "&"), "scope=" + many.joined(separator: "+"),
                String(repeating: "&", count: 60_000), String(repeating: "a=b&", count: 15_000),
                "scope=repository:" + String(repeating: "a", count: 2000) + ":pull",
                "scope=repository:a:" + String(repeating: "pull,", count: 10_000), "scope=" + marks, marks + "=1",
                "service=" + marks, String(repeating: "=", count: 60_000), String(repeating: "%00", count: 20_000),
            ]
            for text in texts {
                for request in [
                    TestRequest("GET", "/token?\(text)"), form("grant_type=password&username=a&password=b&\(text)"),
                ] {
                    let start = ContinuousClock.now
                    let answer = try await town.send(request)
                    let name = "\(request.method) \(text.prefix(60))"
                    #expect(ContinuousClock.now - start < HostileHeaderTests.patience, "\(name)")
                    // Empty parameters mean nothing, and nobody may ask for nothing.
                    let isGranted = request.method == "GET" && answer.status == 200
                    #expect(isGranted || [400, 401].contains(answer.status), "\(name): \(answer.status)")
                    #expect(isGranted || answer.isRefusal, "\(name): \(answer.text.prefix(200))")
                }
            }
        }
    }

    @Test func `names, passwords and tokens of a form are refused, whatever they are`() async throws {
        try await Town.with { town in
            let words = [
                "%00", "root%00", "ro%0Aot", "root%0D%0ASet-Cookie:a", "%E2%84%AA", "%FF", "+", "%2B", "a+b", "a:b",
                String(repeating: "a", count: 300), String(repeating: "a", count: 60_000),
                String(repeating: "%CC%81%CC%96", count: 5000), "wharf_refresh_" + String(repeating: "0", count: 64),
                "wharf_pat_" + String(repeating: "0", count: 64), "wharf_robot_", "a.b.c",
            ]
            for word in words {
                for text in [
                    "grant_type=password&username=\(word)&password=x",
                    "grant_type=password&username=root&password=\(word)",
                    "grant_type=refresh_token&refresh_token=\(word)",
                ] {
                    let start = ContinuousClock.now
                    let answer = try await town.send(form(text))
                    #expect(ContinuousClock.now - start < HostileHeaderTests.patience, "\(text.prefix(80))")
                    #expect([400, 401].contains(answer.status), "\(text.prefix(80)): \(answer.status)")
                    #expect(answer.isRefusal, "\(text.prefix(80)): \(answer.text.prefix(200))")
                }
            }
            for text in [
                "", "&", "=", "grant_type", "grant_type=", "grant_type=password", "grant_type=client_credentials",
                "grant_type=password&username=root", "grant_type=refresh_token", "grant_type=password%00", "{}", "[]",
                #"{"grant_type":"password"}"#, "\u{0}", "grant_type=pass%77ord%0A&username=root&password=x",
            ] {
                let answer = try await town.send(form(text))
                #expect(answer.status == 400 && answer.isRefusal, "\(text): \(answer.status)")
            }
            let long = TestRequest("POST", "/token", body: [UInt8](repeating: 0x61, count: 8 << 20))
            #expect(try await town.send(long).status == 400)
            let bytes = TestRequest("POST", "/token", body: [0x61, 0x3D, 0xFF, 0xFE])
            #expect(try await town.send(bytes).status == 400)
            HostileHeaderTests.expectQuiet(town, [])
        }
    }

    @Test func `a name that Unicode calls the same is another`() async throws {
        try await Town.with { town in
            // KELVIN SIGN, which is K by canonical equivalence.
            let made = TestRequest(
                "POST",
                "/api/v1/users",
                headers: [("Content-Type", "application/json")],
                body: Array(#"{"name":"Kate","password":"long enough"}"#.utf8)
            )
            #expect(try await town.send(made, as: .root).status == 201)
            for (name, status) in [("Kate", 200), ("\u{212A}ate", 401)] {
                let header = ("Authorization", TownPlan.basic(name, "long enough"))
                for path in ["/v2/", "/token", "/api/v1/me"] {
                    let answer = try await town.send(TestRequest("GET", path, headers: [header]))
                    #expect(answer.status == status, "\(name.debugDescription) at \(path)")
                }
                let encoded =
                    name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.intersection(.ascii)) ?? ""
                let answer = try await town.send(form("grant_type=password&username=\(encoded)&password=long+enough"))
                #expect(answer.status == status, "\(name.debugDescription) by a form")
                let read = try await town.send(TestRequest("GET", "/api/v1/users/\(encoded)"), as: .root)
                #expect(read.status == (status == 200 ? 200 : 404), "\(name.debugDescription) in a path")
            }
        }
    }

    private func form(_ text: String) -> TestRequest {
        TestRequest(
            "POST",
            "/token",
            headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(text.utf8)
        )
    }
}

extension CharacterSet {
    fileprivate static let ascii = CharacterSet(charactersIn: Unicode.Scalar(0)...Unicode.Scalar(0x7F))
}
