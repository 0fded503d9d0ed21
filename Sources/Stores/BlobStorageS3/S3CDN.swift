public import AWS
import Crypto
public import Foundation
public import Outgoing

/// A CDN, or a proxy, that gives out the objects of a bucket to whoever has a signed address.
///
/// It knows them by the names that they have in the bucket, prefix included, behind its own address.
public struct S3CDN: Sendable {
    /// How it knows an address that was given out by us.
    public enum Signing: Sendable {
        /// As Amazon's CloudFront does.
        case cloudFront(CloudFrontSignature)
        /// As nginx does.
        case nginx(S3SecureLink)
    }

    private let target: OutgoingTarget
    private let signing: Signing

    /// States where it is.
    public init(_ target: OutgoingTarget, signing: Signing) {
        (self.target, self.signing) = (target, signing)
    }

    /// The address of an object until a moment; it is a secret for that time.
    ///
    /// - Parameters:
    ///   - name: The object's name, with the prefix.
    ///   - end: The moment.
    /// - Returns: The address.
    /// - Throws: `OutgoingURL.ParseError` when it would be longer than one can be.
    public func location(of name: String, until end: Date) throws -> OutgoingURL {
        let url = try OutgoingURL(target, path: "/" + Escaping.escaped(name, keepsSlash: true))
        switch signing {
        case .cloudFront(let signature): return try signature.signed(url, until: end)
        case .nginx(let link): return try link.signed(url, until: end)
        }
    }
}

/// How an address of nginx shows that it was given out by us (`ngx_http_secure_link_module`).
///
/// nginx is told `secure_link $arg_md5,$arg_expires` and `secure_link_md5 "$secure_link_expires$uri SECRET"`. It knows
/// MD5 only. What MD5 is broken by are two texts that one party chooses; here nobody but us chooses any. But whoever
/// has an address can try secrets on it, so that a short one is refused.
public struct S3SecureLink: Sendable {
    private let secret: String

    /// The shortest secret.
    public static let secretByteCountMin = 32

    /// Takes a secret.
    ///
    /// - Throws: ``S3Error`` with `settingsInvalid`; it has nothing of the secret in it.
    public init(secret: String) throws(S3Error) {
        let isPlain = secret.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-_".utf8.contains(byte)
        }
        guard isPlain, secret.utf8.count >= Self.secretByteCountMin else {
            throw S3Error(
                .settingsInvalid,
                "The secret that nginx shares has at least \(Self.secretByteCountMin) letters, digits, hyphens and "
                    + "underscores: `openssl rand -hex 32` makes one."
            )
        }
        self.secret = secret
    }

    /// An address that holds until a moment.
    func signed(_ url: OutgoingURL, until end: Date) throws -> OutgoingURL {
        let seconds = max(Int(end.timeIntervalSince1970), 0)
        let sum = Insecure.MD5.hash(data: Array("\(seconds)\(url.pathAndQuery) \(secret)".utf8))
        let text = Data(sum).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        return try OutgoingURL(url.target, path: "\(url.pathAndQuery)?md5=\(text)&expires=\(seconds)")
    }
}

extension S3SecureLink: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing of it.
    public var description: String { "<redacted>" }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing of it.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
