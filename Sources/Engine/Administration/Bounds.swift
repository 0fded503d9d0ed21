import AdminModel
import Foundation
import Identity
import Metadata
import NetworkAddress
import OCI

/// What a value from outside may be, and how it is refused.
enum Bounds {
    /// The longest text that says what something is for, in scalars of Unicode, as JSON Schema counts them.
    static let descriptionCountMax = 1024
    /// How many scalars of Unicode a password has at least and at most.
    static let passwordCounts = 8...1024
    /// The most blocks of addresses in a list.
    static let addressCountMax = 64
    /// The most names in a list.
    static let nameCountMax = 10_000
    /// The most policies in a role or a token.
    static let policyCountMax = 200
    /// The most secrets that a robot has at once.
    static let secretCountMax = 10
    /// The most personal tokens of one user.
    static let tokenCountMax = 200
    /// The most rules of tags in a project.
    static let tagRuleCountMax = 100
    /// For how many seconds the glass of a tag is broken at least and at most, and when nothing is said.
    static let glassSecondCounts: ClosedRange<Int64> = 1...86_400
    static let glassSeconds: Int64 = 900
    /// The most projects that are read-only at once.
    static let readOnlyCountMax = 1000
    /// The most arguments of a job.
    static let argumentCountMax = 32
    /// The longest name of an argument, in bytes.
    static let argumentNameByteCountMax = 64
    /// How long what is handed out holds when nothing is said.
    static let lifetime = Duration.seconds(90 * 86_400)
    /// How long the secrets of before still work when a robot gets a new one.
    static let overlap = Duration.seconds(86_400)
    /// How long they may at most, in seconds.
    static let overlapSecondsMax = 30 * 86_400

    static func name(_ name: String, field: String = "name") throws -> String {
        guard AccountName.isName(name) else {
            throw Problem(
                .invalid,
                "a name is 1 to \(AccountName.byteCountMax) letters, digits and ._-@, the first a letter or digit",
                field: field
            )
        }
        return name
    }

    static func description(_ text: String?) throws -> String {
        guard let text else { return "" }
        guard text.unicodeScalars.count <= descriptionCountMax,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw Problem(
                .invalid,
                "a description has at most \(descriptionCountMax) characters and no control character",
                field: "description"
            )
        }
        return text
    }

    /// Why something is done that others will ask about.
    static func reason(_ text: String) throws -> String {
        guard text.contains(where: { !$0.isWhitespace }), let text = try? description(text) else {
            throw Problem(
                .invalid,
                "a reason has 1 to \(descriptionCountMax) characters and no control character",
                field: "reason"
            )
        }
        return text
    }

    static func password(_ text: String) throws -> Secret {
        guard passwordCounts.contains(text.unicodeScalars.count) else {
            throw Problem(
                .invalid,
                "a password has at least \(passwordCounts.lowerBound) characters and at most "
                    + "\(passwordCounts.upperBound)",
                field: "password"
            )
        }
        // A secret of that form would be looked for among those that were handed out.
        guard !text.hasPrefix("wharf_") else {
            throw Problem(.unprocessable, "a password does not begin with wharf_", field: "password")
        }
        return Secret(text)
    }

    static func addresses(_ texts: [String]?) throws -> [String] {
        let texts = texts ?? []
        guard texts.count <= addressCountMax else {
            throw Problem(.invalid, "at most \(addressCountMax) blocks of addresses", field: "addresses")
        }
        for text in texts where AddressBlock(text) == nil {
            throw Problem(
                .unprocessable,
                "\(text.prefix(100).debugDescription) is no block of addresses: write 10.0.0.0/8 or 192.0.2.1, with "
                    + "no bit set behind the prefix",
                field: "addresses"
            )
        }
        return texts
    }

    static func names(_ names: [String], field: String) throws -> [String] {
        guard names.count <= nameCountMax else {
            throw Problem(.invalid, "at most \(nameCountMax) names", field: field)
        }
        return Array(Set(names)).sorted()
    }

    static func project(_ name: String, field: String = "name") throws -> String {
        guard (try? RepositoryName(name)) != nil else {
            throw Problem(
                .invalid,
                "a project is named as its repositories begin: lower-case letters, digits, ._- and / between parts",
                field: field
            )
        }
        return name
    }

    /// Until when something is to hold; nil for ever.
    static func end(_ end: Instant?, never: Bool?, from now: Timestamp, else lifetime: Duration?) throws -> Timestamp? {
        if never == true {
            guard end == nil else {
                throw Problem(.unprocessable, "expiresAt and neverExpires are both given", field: "neverExpires")
            }
            return nil
        }
        // No later moment could be written.
        guard let end else { return lifetime.map { min(now + $0, Instant.last.timestamp) } }
        guard end.timestamp > now else { throw Problem(.unprocessable, "the end is in the past", field: "expiresAt") }
        return end.timestamp
    }

    /// What a job is asked with, as an object of JSON.
    static func arguments(_ values: [String: String]) throws -> String {
        guard values.count <= argumentCountMax,
            values.allSatisfy({ (1...argumentNameByteCountMax).contains($0.key.utf8.count) })
        else {
            throw Problem(
                .unprocessable,
                "a job has at most \(argumentCountMax) arguments, whose names have 1 to "
                    + "\(argumentNameByteCountMax) bytes",
                field: "arguments"
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(values), as: UTF8.self)
        guard text.utf8.count <= JobFact.argumentByteCountMax else {
            throw Problem(
                .unprocessable,
                "the arguments of a job have at most \(JobFact.argumentByteCountMax) bytes together",
                field: "arguments"
            )
        }
        return text
    }

    static func missing(_ what: String) -> Problem {
        Problem(.notFound, "there is no \(what)")
    }
}
