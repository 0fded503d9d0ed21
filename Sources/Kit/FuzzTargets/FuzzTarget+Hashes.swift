import Hashing
import OCI

extension FuzzTarget {
    /// A kept state is refused, or is what it says; a hash that was kept and taken up again has the same digest.
    static func checkHashState(_ bytes: [UInt8]) throws(Violation) {
        if let hash = ContentHash(encoded: bytes) { try requireSound(hash, bytes) }
        // With the right check value behind it, which no fuzzer guesses.
        let checked = bytes + prefix(of: ContentHash.digest(of: bytes))
        if let hash = ContentHash(encoded: checked) { try requireSound(hash, checked) }
        guard let split = bytes.first.map({ Int($0) }), split < bytes.count else { return }
        for algorithm in Digest.Algorithm.allCases {
            var hash = ContentHash(algorithm)
            hash.update(Array(bytes[..<split]))
            guard var resumed = ContentHash(encoded: hash.encoded()) else {
                throw Violation(description: "a kept state can be taken up again")
            }
            resumed.update(Array(bytes[split...]))
            try require(resumed.digest() == ContentHash.digest(of: bytes, algorithm), "the digest is the same")
        }
    }

    private static func requireSound(_ hash: ContentHash, _ bytes: [UInt8]) throws(Violation) {
        var hash = hash
        try require(hash.encoded() == bytes, "a state is kept as it was read")
        hash.update([1, 2, 3])
        try require(hash.digest().algorithm == hash.algorithm, "a state that was read can go on")
    }

    private static func prefix(of digest: Digest) -> [UInt8] {
        let digits = Array(digest.encoded)
        return (0..<8).compactMap { UInt8(String(digits[($0 * 2)...($0 * 2 + 1)]), radix: 16) }
    }
}
