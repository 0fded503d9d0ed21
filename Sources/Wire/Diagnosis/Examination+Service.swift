import Foundation
import Outgoing
import RegistryClient

extension Examination {
    /// More than this is told, in seconds.
    private static let skewTold = 60.0
    /// More than this makes tokens and certificates useless, in seconds.
    private static let skewMax = 300.0

    /// How far the clock of this machine is ahead of the registry's, in seconds; nil where that is not known.
    var skew: Double? {
        guard let date = greeting?.headers["Date"].flatMap({ Self.date($0) }) else { return nil }
        return configuration.now().timeIntervalSince(date)
    }

    /// The clock of the registry against ours.
    func lookAtClock() -> Finding {
        guard let skew else { return Finding(.clock, .good, "The registry does not say what time it is.") }
        let seconds = Int(abs(skew).rounded())
        let seen =
            "The clock of this machine is \(Self.duration(seconds)) \(skew < 0 ? "behind" : "ahead of") the registry's."
        if abs(skew) > Self.skewMax { return failure(.clock, "clock-wrong", seen) }
        if abs(skew) > Self.skewTold { return warning(.clock, "clock-wrong", seen) }
        return Finding(.clock, .good, "The clocks differ by \(seconds) s.")
    }

    private static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }

    /// A date of HTTP (RFC 9110 section 5.6.7).
    private static func date(_ text: String) -> Date? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: text)
    }

    /// Whether it is a registry at all.
    func lookAtGreeting() -> Finding {
        guard let greeting, let endpoint else { return Finding(.api, .notReached, "There was no answer.") }
        let said = "\(endpoint) answers \(greeting.status) to /v2/"
        if let finding = lookAtRefusal(greeting, .api, said) { return finding }
        switch greeting.status {
        case 200, 401:
            guard !greeting.isPage else {
                return failure(.api, "not-a-registry", "\(said), with a page for people.")
            }
            guard greeting.headers["Docker-Distribution-Api-Version"] == nil else {
                return Finding(.api, .good, "\(said): it is a registry.")
            }
            return Finding(.api, .good, "\(said), without Docker-Distribution-Api-Version, which is allowed.")
        case 300..<400:
            let place = greeting.headers["Location"].map { " to \(Self.printable($0.prefix { $0 != "?" }))" } ?? ""
            return failure(.api, "moved", "\(said) and sends on\(place).")
        case 403:
            return failure(
                .api,
                "denied",
                "\(said): it lets nobody from this address in, or something in between does not."
            )
        default:
            let what = greeting.isPage ? ", with a page for people" : ""
            return failure(.api, "not-a-registry", "\(said)\(what), where a registry answers 200 or 401.")
        }
    }

    /// What statuses mean that any request may have: too many, broken, full.
    func lookAtRefusal(_ answer: Answer, _ step: DiagnosisStep, _ said: String) -> Finding? {
        switch answer.status {
        case 429:
            let wait = answer.headers["Retry-After"].map { " Come again in \(Self.printable($0)) s." } ?? ""
            return failure(step, "rate-limited", "\(said): too many requests.\(wait)")
        case 507: return failure(step, "registry-full", "\(said).")
        case 500...: return failure(step, "server-error", "\(said): it failed by itself.")
        default: return nil
        }
    }

    /// What a stranger wrote, for a terminal.
    static func printable(_ text: some StringProtocol) -> String {
        let scalars = text.unicodeScalars.prefix(200).map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: "?"
            default: Character(scalar)
            }
        }
        return String(scalars)
    }

    /// What the registry wants to know of who calls.
    mutating func lookAtChallenge() -> Finding {
        guard let greeting, greeting.status == 401 else {
            return Finding(.challenge, .good, "The registry asks nobody who he is, at /v2/.")
        }
        return adopt(greeting, at: .challenge)
    }

    /// Takes over the challenge of an answer with 401.
    mutating func adopt(_ answer: Answer, at step: DiagnosisStep) -> Finding {
        let found = AuthenticationChallenge.parse(answer.headers.values("WWW-Authenticate"))
        guard let target, let endpoint else { return Finding(step, .notReached, "There is no registry.") }
        if found.isEmpty {
            return failure(step, "bad-challenge", "\(endpoint) answers 401 and does not say how to log in.")
        }
        guard let chosen = found.first(where: { $0.scheme == "bearer" }) ?? found.first(where: { $0.scheme == "basic" })
        else {
            let schemes = found.map { Self.printable($0.scheme) }.joined(separator: ", ")
            return failure(step, "bad-challenge", "\(endpoint) wants a login by \(schemes), which no tool has.")
        }
        challenge = chosen
        guard chosen.scheme == "bearer" else {
            return Finding(step, .good, "The registry wants a name and a password (Basic).")
        }
        do throws(TokenRealm.Refusal) {
            let realm = try TokenRealm(chosen, from: target)
            return Finding(step, .good, "The registry wants a token, which \(realm.url) gives.")
        } catch {
            return failure(step, "bad-challenge", "\(endpoint) \(error.reason).")
        }
    }
}
