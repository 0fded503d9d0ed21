import Documents
import Foundation

/// Credentials that somebody lends for a while, as they stand in the answers.
enum LentCredentials {
    /// What the services for instances and containers answer.
    static func json(_ bytes: [UInt8], from source: String) throws(AWSError) -> AWSCredentials {
        guard let answer = try? JSONValue(json: bytes) else {
            throw AWSError(.notUnderstood, "What \(source) answers is no JSON.")
        }
        if let code = answer["Code"]?.text, code != "Success" {
            throw AWSError(.unavailable, "\(source) has no credentials now: it says \(code.prefix(80)).")
        }
        guard let id = answer["AccessKeyId"]?.text, let key = answer["SecretAccessKey"]?.text else {
            throw AWSError(.notUnderstood, "What \(source) answers has no AccessKeyId or no SecretAccessKey.")
        }
        return AWSCredentials(
            accessKeyID: id,
            secretAccessKey: key,
            sessionToken: answer["Token"]?.text,
            expiry: try answer["Expiration"]?.text.map { (text) throws(AWSError) in try date(text, from: source) },
            source: source
        )
    }

    /// What the security token service answers.
    static func xml(_ bytes: [UInt8], result: String, from source: String) throws(AWSError) -> AWSCredentials {
        let answer: XMLNode
        do {
            answer = try XMLNode(bytes)
        } catch {
            throw AWSError(.notUnderstood, "The answer of the token service cannot be read: \(error).")
        }
        let lent = answer[result]?["Credentials"]
        guard let id = lent?["AccessKeyId"]?.text, let key = lent?["SecretAccessKey"]?.text,
            let token = lent?["SessionToken"]?.text, let end = lent?["Expiration"]?.text
        else { throw AWSError(.notUnderstood, "The answer of the token service has no credentials in it.") }
        return AWSCredentials(
            accessKeyID: id.trimmed,
            secretAccessKey: key.trimmed,
            sessionToken: token.trimmed,
            expiry: try date(end.trimmed, from: source),
            source: source
        )
    }

    /// A moment as ISO 8601 writes it, with or without a fraction of the second.
    static func date(_ text: String, from source: String) throws(AWSError) -> Date {
        for hasFraction in [false, true] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction, timeZone: .gmt)
            if let date = try? style.parse(text) { return date }
        }
        throw AWSError(.notUnderstood, "The end of the credentials from \(source) is no date.")
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
