import CLibCrypt

/// A bcrypt hash as `htpasswd -B` makes it: `$2y$05$` with 22 characters of salt and 31 of hash.
///
/// It is compared with and never made: what comes from elsewhere is replaced by a ``PasswordHash`` when it can be.
public struct BcryptHash: Hashable, Sendable {
    /// The costs that are computed: 4 is the least that bcrypt knows, 14 takes about a second.
    public static let costs = 4...14

    /// The hash as it is stored.
    public let description: String

    /// Reads a hash of the kinds `$2a$`, `$2b$` and `$2y$`; nil for anything else, and for a cost outside ``costs``.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 60, ["$2a$", "$2b$", "$2y$"].contains(where: { bytes.starts(with: $0.utf8) }) else {
            return nil
        }
        let cost = bytes[4..<6]
        guard cost.allSatisfy(Self.isDigit), let number = Int(String(decoding: cost, as: UTF8.self)) else { return nil }
        guard Self.costs.contains(number), bytes[6] == UInt8(ascii: "$") else { return nil }
        guard bytes[7...].allSatisfy(Self.isInAlphabet) else { return nil }
        description = text
    }

    /// Whether a password is the one, of which bcrypt sees the first 72 bytes.
    public func isOf(_ password: Secret) -> Bool {
        // To the library a zero byte is the end: what stands behind it would not count.
        guard !password.bytes.contains(0) else { return false }
        let phrase = password.bytes.prefix(72).map { CChar(bitPattern: $0) } + [0]
        var room = [UInt8](repeating: 0, count: MemoryLayout<crypt_data>.size)
        defer { for index in room.indices { room[index] = 0 } }
        let found = room.withUnsafeMutableBytes { room -> [UInt8]? in
            crypt_rn(phrase, description, room.baseAddress, CInt(room.count)).map { Array(String(cString: $0).utf8) }
        }
        guard let found, found.count == description.utf8.count else { return false }
        return Secret(Array(found.suffix(31))) == Secret(Array(description.utf8.suffix(31)))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isInAlphabet(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x2e || byte == 0x2f
    }
}

extension BcryptHash: CustomStringConvertible {}
