import RegistryClient

extension FuzzTarget {
    /// A token that is taken from an answer can be sent, and is asked for again in good time.
    ///
    /// The first line is the field `Date`, what follows the body.
    static func checkToken(_ bytes: [UInt8]) throws(Violation) {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let date = String(decoding: parts[0], as: UTF8.self)
        guard parts.count == 2, let answer = TokenAnswer(Array(parts[1]), date: date) else { return }
        let isPrintable = answer.token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        try require(isPrintable && (1...(64 << 10)).contains(answer.token.utf8.count), "the token fits into a field")
        try require(answer.refreshToken.map { $0.utf8.count <= 64 << 10 } ?? true, "a refresh token is not too long")
        let isUsable = answer.lifetime > .zero && answer.lifetime <= .seconds(366 * 86_400)
        try require(isUsable, "a token is good for a while: \(answer.lifetime)")
    }
}
