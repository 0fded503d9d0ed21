import Crypto
import Metadata

/// Secrets that wharf makes itself: 256 random bits after a prefix that says what they are, so that a scanner of
/// leaked secrets finds them, and nobody takes one for a password.
enum HandedOutSecret {
    private static let prefixes: [(kind: CredentialFact.Kind, prefix: String)] = [
        (.personal, "wharf_pat_"), (.robot, "wharf_robot_"), (.refresh, "wharf_refresh_"),
    ]

    static func random(_ kind: CredentialFact.Kind) -> Secret {
        .random(prefix: prefixes.first { $0.kind == kind }?.prefix ?? "")
    }

    /// What a secret says it is; nil for a password.
    static func kind(of secret: Secret) -> CredentialFact.Kind? {
        prefixes.first { secret.bytes.starts(with: $0.prefix.utf8) }?.kind
    }
}

extension Secret {
    /// The hash by which a secret of 256 random bits is known, in hexadecimal digits: nobody can guess what has it.
    var sha256: String {
        SHA256.hash(data: bytes).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
