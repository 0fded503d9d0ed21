import Crypto
import Foundation

/// An answer that is kept for when its request comes again, sealed by the key that the request came with.
///
/// The answer may have a secret in it that is shown once; only the hash of the key is kept, so whoever reads the
/// database reads neither.
public enum SealedAnswer {
    /// The name under which an answer is kept: the hash of a key and of who sent it.
    public static func hash(_ key: Secret, of principal: String) -> String {
        Secret(Array("name\0".utf8) + key.bytes + Array("\0\(principal)".utf8)).sha256
    }

    /// Seals an answer with ChaCha20-Poly1305 (RFC 8439).
    public static func seal(_ answer: [UInt8], with key: Secret) throws -> [UInt8] {
        Array(try ChaChaPoly.seal(Data(answer), using: symmetric(key)).combined)
    }

    /// What was sealed; nil with another key.
    public static func open(_ sealed: [UInt8], with key: Secret) -> [UInt8]? {
        guard let box = try? ChaChaPoly.SealedBox(combined: Data(sealed)) else { return nil }
        return (try? ChaChaPoly.open(box, using: symmetric(key))).map { Array($0) }
    }

    private static func symmetric(_ key: Secret) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key.bytes),
            info: Data("wharf kept answer".utf8),
            outputByteCount: 32
        )
    }
}
