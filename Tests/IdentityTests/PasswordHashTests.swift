import Testing

@testable import Identity

@Suite struct PasswordHashTests {
    /// The third vector of RFC 7914 section 12, whose first 32 bytes are the hash: the last step of scrypt makes them
    /// without regard to how many are asked for.
    private static let vector =
        "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI"

    @Test func `the vector of the RFC is a hash of its password alone`() throws {
        let hash = try #require(PasswordHash(Self.vector))
        #expect(hash.salt == Array("SodiumChloride".utf8))
        #expect(try hash.isOf(Secret("pleaseletmein")))
        #expect(try !hash.isOf(Secret("pleaseletmeiN")))
        #expect(hash.description == Self.vector)
    }

    @Test(arguments: ["secret", "", "with \u{0} in it", String(repeating: "é", count: 5000)])
    func `a hash comes back from its text`(password: String) throws {
        let hash = try PasswordHash(of: Secret(password), cost: .least)
        #expect(PasswordHash(hash.description) == hash)
        #expect(try hash.isOf(Secret(password)))
        #expect(try !hash.isOf(Secret(password + "x")))
    }

    @Test func `two hashes of a password have nothing in common`() throws {
        let hashes = try (0..<2).map { _ in try PasswordHash(of: Secret("secret"), cost: .least) }
        #expect(hashes[0].salt != hashes[1].salt && hashes[0].hash != hashes[1].hash)
    }

    @Test func `what is made costs what it should`() {
        #expect(PasswordHash.Cost.standard.isSane)
        #expect(PasswordHash.Cost.standard == PasswordHash.Cost(logarithm: 15, blockSize: 8, passes: 3))
    }

    @Test(arguments: [
        "", "secret", "$", "$$$$", "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU", vector + "$", "x" + vector,
        vector + "=", vector + "A", String(vector.dropLast()), vector.replacing("scrypt", with: "scrypT"),
        vector.replacing("$U29kaXVtQ2hsb3JpZGU", with: "$TmFDbA"), vector.replacing("U29k", with: "U2 9"),
        vector.replacing("ln=14", with: "ln=+14"), vector.replacing("ln=14", with: "ln=014"),
        vector.replacing("ln=14", with: "ln=14,ln=14"), vector.replacing("ln=14,r=8", with: "r=8,ln=14"),
        vector.replacing("p=1", with: "p=1,"), vector.replacing("p=1", with: "p=1,x=1"),
        vector.replacing("p=1$", with: "$"), vector.replacing("p=1", with: "p=x"), vector.replacing("=", with: ":"),
        "$2b$12$abcdefghijklmnopqrstuuO9V1nKq1BDKm5Oe5p9ZPyPWkz0qOq2S", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
        // The last byte has bits behind its end.
        vector.replacing("ofI", with: "ofJ"),
    ])
    func `what is not the text of a hash is refused`(text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test(arguments: [
        (0, 8, 1), (-1, 8, 1), (21, 8, 1), (64, 8, 1), (19, 8, 1), (14, 0, 1), (14, 17, 1), (14, -8, 1), (14, 8, 0),
        (14, 8, 17), (18, 16, 1), (16, 1, 1), (20, 8, 1), (Int.max, 8, 1), (14, Int.max, 1), (14, 8, Int.min),
    ])
    func `a cost that would take the machine is refused`(cost: (Int, Int, Int)) {
        let text = Self.vector.replacing("ln=14,r=8,p=1", with: "ln=\(cost.0),r=\(cost.1),p=\(cost.2)")
        #expect(PasswordHash(text) == nil)
    }

    @Test(arguments: [(15, 1, 1), (1, 1, 1), (4, 16, 16)])
    func `each cost that is read can be computed`(cost: (Int, Int, Int)) throws {
        let text = Self.vector.replacing("ln=14,r=8,p=1", with: "ln=\(cost.0),r=\(cost.1),p=\(cost.2)")
        #expect(try #require(PasswordHash(text)).isOf(Secret("pleaseletmein")) == false)
    }
}
