/// A private key in PEM (PKCS #8), which prints as `<redacted>`.
public struct PrivateKeyText: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The PEM, for the one file that is to hold it.
    public let pem: String

    /// Keeps a PEM.
    public init(_ pem: String) {
        self.pem = pem
    }

    /// Nothing of what it is.
    public var description: String { "<redacted>" }
    /// Nothing of what it is.
    public var debugDescription: String { "<redacted>" }
    /// Nothing of what it is.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
