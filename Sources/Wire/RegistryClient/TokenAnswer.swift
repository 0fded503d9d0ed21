import Documents
import Foundation

/// What a token service gives (the token specification of CNCF distribution, docs/content/spec/auth/token.md).
package struct TokenAnswer: Hashable, Sendable {
    /// The token, fit for a header field.
    package let token: String
    /// The refresh token that counts from now on, where one is given.
    package let refreshToken: String?
    /// How long the token is good from now on: longer than nothing, at most a year.
    package let lifetime: Duration

    /// The longest token, in bytes.
    private static let tokenByteCountMax = 64 << 10
    /// How long a token is good whose answer does not say.
    private static let lifetimeDefault = Duration.seconds(60)
    /// No token is believed to be good for longer, in seconds.
    private static let secondsMax = 366 * 86_400.0

    /// Reads the body of an answer; nil where it has no token that can be sent.
    ///
    /// - Parameters:
    ///   - bytes: The body.
    ///   - date: The field `Date` of the answer, by which the service's own clock is known.
    package init?(_ bytes: [UInt8], date: String?) {
        guard let answer = try? JSONValue(json: bytes),
            let text = answer.text("token") ?? answer.text("access_token"), !text.isEmpty,
            text.utf8.count <= Self.tokenByteCountMax, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        token = text
        refreshToken = answer.text("refresh_token").flatMap { $0.utf8.count <= Self.tokenByteCountMax ? $0 : nil }
        lifetime = Self.lifetime(of: answer, date: date)
    }

    /// How long a token is good from now on: what it was given, less what has gone since it was issued, by the
    /// service's own clock.
    private static func lifetime(of answer: JSONValue, date: String?) -> Duration {
        var lifetime = lifetimeDefault
        if case .number(let digits) = answer["expires_in"], let seconds = Double(digits), seconds > 0 {
            lifetime = .seconds(min(max(seconds, 1), secondsMax))
        }
        if let text = answer.text("issued_at"), let issued = try? Date(text, strategy: .iso8601),
            let now = date.flatMap({ HTTPDate.date($0) })
        {
            let age = Duration.seconds(min(max(0, now.timeIntervalSince(issued)), secondsMax))
            // Nobody gives a token that has ended: then two clocks of the service differ.
            if age < lifetime { lifetime -= age }
        }
        return lifetime
    }
}

extension JSONValue {
    /// A text under a name.
    func text(_ name: String) -> String? {
        if case .string(let text) = self[name] { return text }
        return nil
    }
}
