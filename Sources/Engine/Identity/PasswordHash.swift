import Crypto
import CryptoExtras

/// What is kept of a password: a scrypt hash (RFC 7914) with its salt and its cost.
///
/// Its text is in the PHC string format, `$scrypt$ln=15,r=8,p=3$SALT$HASH`, with base64 without padding.
public struct PasswordHash: Hashable, Sendable {
    /// What a guess costs: 128 · 2^`logarithm` · `blockSize` bytes of memory, worked through `passes` times.
    public struct Cost: Hashable, Sendable {
        var logarithm: Int
        var blockSize: Int
        var passes: Int

        /// 32 MiB, three passes: one of those that OWASP's "Password Storage Cheat Sheet" names as equal.
        public static let standard = Cost(logarithm: 15, blockSize: 8, passes: 3)
        /// Next to nothing, for tests.
        public static let least = Cost(logarithm: 4, blockSize: 8, passes: 1)

        /// What is worth computing: a hash from elsewhere must not take the machine.
        var isSane: Bool {
            (1...20).contains(logarithm) && (1...16).contains(blockSize) && (1...16).contains(passes)
                && logarithm < 16 * blockSize && logarithm + blockSize.bitWidth - blockSize.leadingZeroBitCount <= 22
        }
    }

    private static let saltByteCount = 16
    private static let hashByteCount = 32

    let cost: Cost
    let salt: [UInt8]
    let hash: [UInt8]

    /// Hashes a password with a new salt; takes about a tenth of a second at the standard cost.
    public init(of password: Secret, cost: Cost = .standard) throws {
        let salt = Self.randomBytes(Self.saltByteCount)
        self.cost = cost
        self.salt = salt
        hash = try Self.derive(password, salt, cost)
    }

    /// A hash that is no password's, which costs as much to compare with as any other.
    init(ofNothingAt cost: Cost) {
        self.cost = cost
        salt = Self.randomBytes(Self.saltByteCount)
        hash = Self.randomBytes(Self.hashByteCount)
    }

    private static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// Reads what ``description`` wrote; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { return nil }
        var values: [Substring: Int] = [:]
        for pair in parts[2].split(separator: ",") {
            let sides = pair.split(separator: "=")
            guard sides.count == 2, let number = Int(sides[1]) else { return nil }
            values[sides[0]] = number
        }
        guard let logarithm = values["ln"], let blockSize = values["r"], let passes = values["p"] else { return nil }
        cost = Cost(logarithm: logarithm, blockSize: blockSize, passes: passes)
        guard cost.isSane, let salt = Base64.decode(parts[3]), let hash = Base64.decode(parts[4]) else { return nil }
        guard salt.count >= 8, hash.count == Self.hashByteCount else { return nil }
        self.salt = salt
        self.hash = hash
        guard text.utf8.elementsEqual(description.utf8) else { return nil }
    }

    /// Whether a password is the one.
    public func isOf(_ password: Secret) throws -> Bool {
        Secret(try Self.derive(password, salt, cost)) == Secret(hash)
    }

    private static func derive(_ password: Secret, _ salt: [UInt8], _ cost: Cost) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: password.bytes,
            salt: salt,
            outputByteCount: hashByteCount,
            rounds: 1 << cost.logarithm,
            blockSize: cost.blockSize,
            parallelism: cost.passes,
            maxMemory: 1 << 30
        )
        return key.withUnsafeBytes { Array($0) }
    }
}

extension PasswordHash: CustomStringConvertible {
    /// The hash as it is stored.
    public var description: String {
        "$scrypt$ln=\(cost.logarithm),r=\(cost.blockSize),p=\(cost.passes)"
            + "$\(Base64.encode(salt))$\(Base64.encode(hash))"
    }
}
