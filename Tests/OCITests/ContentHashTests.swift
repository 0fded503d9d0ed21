import Hashing
import OCI
import RegistryTesting
import Testing

@Suite struct ContentHashTests {
    /// Examples of FIPS 180-4, from NIST's "Cryptographic Standards and Guidelines: Examples with Intermediate Values".
    static let vectors: [(text: String, sha256: String, sha512: String)] = [
        (
            "",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        ),
        (
            "abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
                + "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
                + "nopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
                + "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
                + "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
        ),
    ]

    @Test(arguments: vectors.indices)
    func `the published examples have their published digests`(index: Int) {
        let (text, sha256, sha512) = Self.vectors[index]
        let bytes = Array(text.utf8)
        #expect(ContentHash.digest(of: bytes).description == "sha256:" + sha256)
        #expect(ContentHash.digest(of: bytes, .sha512).description == "sha512:" + sha512)
    }

    @Test(arguments: Digest.Algorithm.allCases)
    func `however the bytes are split, the digest is the same`(algorithm: Digest.Algorithm) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let bytes = random.bytes(Int.random(in: 0...1000, using: &random))
            var hash = ContentHash(algorithm)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 0...min(rest.count, 150), using: &random)
                hash.update(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(hash.digest() == ContentHash.digest(of: bytes, algorithm), "seed \(seed), \(bytes.count) bytes")
            #expect(hash.byteCount == Int64(bytes.count))
        }
    }

    @Test(arguments: Digest.Algorithm.allCases)
    func `a state that was kept at any length goes on to the same digest`(algorithm: Digest.Algorithm) throws {
        let bytes = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var hash = ContentHash(algorithm)
        for length in 0...300 {
            let kept = hash.encoded()
            var resumed = try #require(ContentHash(encoded: kept), "\(length) bytes")
            #expect((82...209).contains(kept.count))
            #expect(resumed.encoded() == kept, "\(length) bytes")
            #expect(resumed.algorithm == algorithm)
            #expect(resumed.byteCount == Int64(length))
            #expect(resumed.digest() == ContentHash.digest(of: Array(bytes[..<length]), algorithm))
            resumed.update(Array(bytes[length...]))
            #expect(resumed.digest() == ContentHash.digest(of: bytes, algorithm), "\(length) bytes")
            hash.update([bytes[length]])
        }
    }

    @Test(arguments: Digest.Algorithm.allCases)
    func `a copy is a checkpoint, and asking for the digest changes nothing`(algorithm: Digest.Algorithm) {
        var hash = ContentHash(algorithm)
        hash.update(Array("ab".utf8))
        var copy = hash
        copy.update(Array("x".utf8))
        _ = hash.digest()
        hash.update(Array("c".utf8))
        #expect(hash.digest() == ContentHash.digest(of: Array("abc".utf8), algorithm))
        #expect(copy.digest() == ContentHash.digest(of: Array("abx".utf8), algorithm))
    }

    @Test(arguments: Digest.Algorithm.allCases, [0, 5, 64, 200])
    func `a damaged state is refused, whichever byte it is`(algorithm: Digest.Algorithm, length: Int) {
        var hash = ContentHash(algorithm)
        hash.update(Array(repeating: 0x61, count: length))
        let kept = hash.encoded()
        for index in kept.indices {
            for bit in 0..<8 {
                var damaged = kept
                damaged[index] ^= 1 << bit
                #expect(ContentHash(encoded: damaged) == nil, "bit \(bit) of byte \(index)")
            }
        }
        for count in 0..<kept.count {
            #expect(ContentHash(encoded: Array(kept.prefix(count))) == nil, "cut to \(count) bytes")
        }
        #expect(ContentHash(encoded: kept + [0]) == nil)
    }

    @Test(arguments: [(0, 1), (2, 1), (255, 1), (1, 0), (1, 3)] as [(UInt8, UInt8)])
    func `a state of another version or algorithm is refused though nothing is damaged`(
        version: UInt8,
        algorithm: UInt8
    ) {
        var state = Array(ContentHash(.sha256).encoded().dropLast(8))
        #expect(ContentHash(encoded: checked(state)) != nil)
        (state[0], state[1]) = (version, algorithm)
        #expect(ContentHash(encoded: checked(state)) == nil)
    }

    @Test(arguments: [[], [1], [1, 1], [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]])
    func `a state that is too short is refused though nothing is damaged`(state: [UInt8]) {
        #expect(ContentHash(encoded: checked(state)) == nil)
    }

    @Test func `a state whose length contradicts its tail is refused though nothing is damaged`() {
        var state = Array(ContentHash(.sha256).encoded().dropLast(8))
        state[9] = 1
        #expect(ContentHash(encoded: checked(state)) == nil)
        #expect(ContentHash(encoded: checked(state + [0x61])) != nil)
    }

    @Test func `lengths beyond 4 GiB are counted right`() throws {
        var state = Array(ContentHash(.sha256).encoded().dropLast(8))
        state[5] = 1
        var hash = try #require(ContentHash(encoded: checked(state)))
        #expect(hash.byteCount == 1 << 32)
        hash.update([1])
        #expect(hash.byteCount == 1 << 32 + 1)
    }

    /// A state with the check value that belongs to it: the first eight bytes of its SHA-256.
    private func checked(_ state: [UInt8]) -> [UInt8] {
        let digits = Array(ContentHash.digest(of: state).encoded)
        return state + (0..<8).compactMap { UInt8(String(digits[($0 * 2)...($0 * 2 + 1)]), radix: 16) }
    }
}
