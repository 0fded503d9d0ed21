import RegistryTesting
import Testing

@testable import Identity

@Suite struct StoredPasswordTests {
    /// From the test of crypt_blowfish, where bcrypt's hashes in all systems come from.
    private static let vectors = [
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
        (
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
            "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
        ),
    ]
    private static let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

    @Test(arguments: vectors)
    func `a known hash is of its password alone`(password: String, text: String) throws {
        let stored = try #require(StoredPassword(text))
        #expect(try stored.isOf(Secret(password)))
        #expect(try !stored.isOf(Secret("x" + password)))
        #expect(try !stored.isOf(Secret([0] + Array(password.utf8))))
        #expect(stored.description == text && stored.needsRenewal)
    }

    @Test func `all three letters are known, and what stands behind a zero byte counts`() throws {
        for letter in ["a", "b", "y"] {
            let stored = try #require(StoredPassword(Self.hash.replacing("$2a$", with: "$2\(letter)$")))
            #expect(try stored.isOf(Secret("U*U")))
            #expect(try !stored.isOf(Secret("U*U\u{0}x")))
        }
        let long = try #require(BcryptHash(Self.vectors[4].1))
        #expect(long.isOf(Secret(Self.vectors[4].0.prefix(72) + String(repeating: "x", count: 10_000))))
    }

    @Test func `what the registry makes itself needs no renewal`() throws {
        let made = try PasswordHash(of: Secret("secret"), cost: .least)
        let stored = try #require(StoredPassword(made.description))
        #expect(stored == .scrypt(made) && !stored.needsRenewal)
        #expect(try stored.isOf(Secret("secret")))
        #expect(try !stored.isOf(Secret("Secret")))
    }

    @Test(arguments: [
        "", "secret", "$2a$", String(hash.dropLast()), hash + "a", hash + "\n", hash.replacing("$2a$", with: "$2x$"),
        hash.replacing("$2a$", with: "$2$"), hash.replacing("$05$", with: "$03$"), hash.replacing("$05$", with: "$15$"),
        hash.replacing("$05$", with: "$31$"), hash.replacing("$05$", with: "$+5$"),
        hash.replacing("$05$", with: "$5$$"),
        hash.replacing("E5Y", with: "E:Y"), hash.replacing("E5Y", with: "E\u{0}Y"),
        hash.replacing("2a$05$", with: "2a$05a"),
    ])
    func `what is not the text of a hash is refused`(text: String) {
        #expect(StoredPassword(text) == nil)
    }

    @Test func `a login by such a hash is right, remembered, and wrong by another password`() async throws {
        let checker = PasswordChecker(cost: .least)
        let answer = try await checker.check(Secret("U*U"), against: Self.hash, of: "alice")
        guard case .right(let mark) = answer else {
            Issue.record("it is the password")
            return
        }
        checker.remember(mark)
        #expect(try await checker.check(Secret("U*U"), against: Self.hash, of: "alice") == .remembered)
        #expect(try await checker.check(Secret("U*V"), against: Self.hash, of: "alice") == .wrong)
    }
}

@Suite struct HtpasswdFileTests {
    private static let hash = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

    private static func problems(_ text: String) -> [String] {
        do {
            _ = try HtpasswdFile(text.utf8)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func `names and hashes are read, comments and blank lines passed over`() throws {
        let text = "# users\n\nalice:\(Self.hash)\r\n  \t\nJürgen Müller:\(Self.hash)\n # end"
        let file = try HtpasswdFile(text.utf8)
        #expect(file.entries.map(\.name) == ["alice", "Jürgen Müller"])
        #expect(file.entries.map(\.line) == [3, 5])
        #expect(try HtpasswdFile([]).entries.isEmpty)
    }

    @Test(arguments: [
        ("x:$apr1$abc$def", "line 1: x has a hash by MD5 ($apr1$), which is not taken: make one by bcrypt"),
        ("x:{SHA}abc=", "line 1: x has a hash by SHA-1 ({SHA}), which is not taken: make one by bcrypt"),
        ("x:$6$a$b", "line 1: x has a hash by SHA-512 ($6$), which is not taken: make one by bcrypt"),
        ("x:rqXexS6ZhobKA", "line 1: x has a password in the clear or a hash by crypt, which is not taken: make"),
        ("x:", "line 1: x has a password in the clear or a hash by crypt, which is not taken: make one by bcrypt"),
        (
            "x:$2y$17$abc",
            "line 1: x has a bcrypt hash that is damaged, of an unknown kind, or of a cost that is not in 4"
        ),
    ])
    func `another kind of hash is refused with what to do, and not repeated`(line: String, beginning: String) throws {
        let problem = try #require(Self.problems(line).first)
        #expect(problem.hasPrefix(beginning))
        #expect(problem.hasSuffix("with `htpasswd -B FILE x`"))
        let hash = line.dropFirst("x:$6$".count)
        #expect(hash.isEmpty || !problem.contains(hash))
    }

    @Test func `every line that is wrong is named`() {
        let long = String(repeating: "x", count: 129)
        let text =
            "alice\n:\(Self.hash)\na\u{1b}b:\(Self.hash)\n\(long):\(Self.hash)\nok:\(Self.hash)\nok:\(Self.hash)\n"
        #expect(
            Self.problems(text) == [
                "line 1: it is not NAME:HASH",
                "line 2: a name has from 1 to 128 bytes, and this one has 0",
                "line 3: the name has a control character in it",
                "line 4: a name has from 1 to 128 bytes, and this one has 129",
                "line 6: ok stands in line 5 already: keep one of them",
            ]
        )
        let damaged = #expect(throws: HtpasswdFile.Refusal.self) { try HtpasswdFile(Array("a:b\n".utf8) + [0xff]) }
        #expect(damaged?.problems.last?.description == "line 2: it is not UTF-8 text")
    }

    @Test func `a file has an end`() {
        #expect(Self.problems(String(repeating: "#\n", count: 10_000)) == [])
        #expect(Self.problems(String(repeating: "#\n", count: 10_001)) == ["the file has more than 10000 lines"])
        #expect(Self.problems(String(repeating: "#", count: 1 << 20)) == [])
        #expect(Self.problems(String(repeating: "#", count: 1 << 20 + 1)) == ["the file is larger than 1 MiB"])
    }

    @Test func `what htpasswd writes is read`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/users"
        try await Command("htpasswd", ["-cbB", path, "alice", "correct horse"]).output()
        try await Command("htpasswd", ["-bB", "-C", "10", path, "bob", "pässwörd"]).output()
        func text() async throws -> String { try await Command("cat", [path]).output() }
        let file = try HtpasswdFile(try await text().utf8)
        #expect(file.entries.map(\.name) == ["alice", "bob"])
        for (entry, password) in zip(file.entries, ["correct horse", "pässwörd"]) {
            let stored = try #require(StoredPassword(entry.password.description))
            #expect(try stored.isOf(Secret(password)))
            #expect(try !stored.isOf(Secret(password.uppercased())))
        }
        for flag in ["-bm", "-bs", "-bd", "-bp"] {
            try await Command("htpasswd", [flag, path, "carol", "secret"]).output()
            let problems = Self.problems(try await text())
            #expect(problems.count == 1 && problems[0].contains("line 3: carol has "), "\(flag): \(problems)")
            #expect(!problems[0].contains("secret"))
        }
    }
}
