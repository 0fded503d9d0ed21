import Documents
import OCI
import Outgoing
import RegistryContract

/// What a registry says of a refusal: `{"errors":[{"code":…,"message":…,"detail":…}]}` (distribution specification,
/// "Error Codes"), bounded and without control characters.
struct RemoteProblem: Sendable {
    /// The code of the first entry, which is that of all as a rule.
    var code: String?
    /// The messages, each once.
    var messages: [String] = []
    /// The digests of the details.
    var digests: [Digest] = []
    /// Whether it was a page for people.
    var isPage = false
    /// Whether there was a body to read at all.
    var hasBody = false

    /// Longer answers are not read, in bytes.
    private static let byteCountMax = 1 << 20
    /// No answer is waited for any longer.
    private static let timeMax = Duration.seconds(30)
    /// No more entries are read.
    private static let entryCountMax = 20_000
    /// Longer messages are cut, in characters.
    private static let messageLengthMax = 300

    /// Reads the body of a refusal.
    static func read(_ response: OutgoingResponse) async -> RemoteProblem {
        var problem = RemoteProblem()
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        let bytes = (try? await response.body.collect(upTo: byteCountMax, within: timeMax)) ?? []
        problem.hasBody = !bytes.isEmpty
        guard let value = try? JSONValue(json: bytes) else {
            problem.isPage = type.hasPrefix("text/html") || bytes.first == UInt8(ascii: "<")
            return problem
        }
        guard case .array(let entries) = value["errors"] else {
            // The form of OAuth 2.0 (RFC 6749 section 5.2), and that of some token services.
            if let text = value.text("error_description") ?? value.text("details") ?? value.text("message") {
                problem.messages = [printable(text)]
            }
            return problem
        }
        for entry in entries.prefix(entryCountMax) { problem.add(entry) }
        return problem
    }

    private mutating func add(_ entry: JSONValue) {
        if code == nil, let text = entry.text("code"), text.utf8.count <= 64 { code = text }
        if messages.count < 3, let text = entry.text("message"), !text.isEmpty {
            let message = Self.printable(text)
            if !messages.contains(message) { messages.append(message) }
        }
        let detail = entry["detail"]
        let text = detail?.text("digest") ?? detail?.text("Digest")
        if let text, let digest = try? Digest(text), !digests.contains(digest) { digests.append(digest) }
    }

    /// What it says, behind a colon; empty when it says nothing.
    var saying: String {
        messages.isEmpty ? "" : " (it says: \(messages.joined(separator: "; ")))"
    }

    /// A text from a stranger for a terminal: no control characters, no turning of the direction, not long.
    static func printable(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(messageLengthMax) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                shown += scalar == "\n" || scalar == "\t" ? " " : "?"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return text.unicodeScalars.count > messageLengthMax ? shown + "…" : shown
    }
}
