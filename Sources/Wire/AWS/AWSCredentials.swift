public import Foundation

/// What requests are signed with; the secrets of it never print.
public struct AWSCredentials: Sendable {
    /// The name of the key, which every signed request shows.
    public let accessKeyID: String
    /// The key itself, which no request shows.
    public let secretAccessKey: String
    /// What goes along with a key that was lent for a while.
    public let sessionToken: String?
    /// When they end; nil for a key that has no end.
    public let expiry: Date?
    /// Where they are from, for a sentence: `the environment`.
    public let source: String

    /// Keeps them.
    public init(
        accessKeyID: String,
        secretAccessKey: String,
        sessionToken: String? = nil,
        expiry: Date? = nil,
        source: String
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiry = expiry
        self.source = source
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where they are from, and nothing of what they are.
    public var description: String { "<redacted, from \(source)>" }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing of what they are.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
