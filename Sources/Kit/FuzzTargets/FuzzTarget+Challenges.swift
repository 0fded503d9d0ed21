import Outgoing
import RegistryClient

extension FuzzTarget {
    /// What is read of `WWW-Authenticate` can be written, and reads the same again; no password is sent for it where
    /// anybody could read it along.
    ///
    /// Each line is a field.
    static func checkChallenges(_ bytes: [UInt8]) throws(Violation) {
        let challenges = AuthenticationChallenge.parse(lines(bytes))
        try require(challenges.count <= AuthenticationChallenge.countMax, "no more challenges than may be")
        for challenge in challenges {
            let count = challenge.parameters.count
            try require(count <= AuthenticationChallenge.parameterCountMax, "no more parameters than may be")
            let again = AuthenticationChallenge.parse([written(challenge)])
            try require(again == [challenge], "\(challenge) reads as it was written")
            for home in ["https://registry.example/", "http://registry.example/"] {
                guard let target = try? OutgoingURL(home).target else { continue }
                try checkRealm(of: challenge, from: target)
            }
        }
    }

    private static func checkRealm(
        of challenge: AuthenticationChallenge,
        from home: OutgoingTarget
    ) throws(Violation) {
        guard let realm = try? TokenRealm(challenge, from: home) else { return }
        let target = realm.url.target
        try require(
            target.isSecure || (!home.isSecure && target.host == home.host),
            "\(home) may have tokens asked for at \(realm.url)"
        )
        try checkURL(realm.url)
    }

    private static func written(_ challenge: AuthenticationChallenge) -> String {
        let parameters = challenge.parameters.map { name, value in
            let bytes = value.utf8.flatMap { byte -> [UInt8] in
                [UInt8(ascii: "\""), UInt8(ascii: "\\")].contains(byte) ? [UInt8(ascii: "\\"), byte] : [byte]
            }
            return "\(name)=\"\(String(decoding: bytes, as: UTF8.self))\""
        }
        return ([challenge.scheme] + [parameters.joined(separator: ", ")]).joined(separator: " ")
    }

    /// What is dialled has one reading: the same when it is written and read again.
    static func checkURL(_ url: OutgoingURL) throws(Violation) {
        let path = url.pathAndQuery
        try require(
            path.hasPrefix("/") && path.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") },
            "\(path) may stand in a request line"
        )
        let again = try? OutgoingURL("\(url.target)\(path)")
        try require(again == url, "\(url.target)\(path) reads as it was written")
    }

    /// The lines of a text that may be of any bytes.
    static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
