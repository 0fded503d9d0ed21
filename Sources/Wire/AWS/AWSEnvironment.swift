import Foundation
import Outgoing

/// The variables that all programs for Amazon's cloud read; an empty one is as good as none.
struct AWSEnvironment: Sendable {
    private let variables: [String: String]

    init(_ variables: [String: String]) {
        self.variables = variables
    }

    subscript(name: String) -> String? {
        guard let value = variables[name]?.trimmingCharacters(in: .whitespacesAndNewlines), !value.isEmpty else {
            return nil
        }
        return value
    }

    /// Whether a variable says `true`.
    func isTrue(_ name: String) -> Bool { self[name]?.lowercased() == "true" }

    /// The region that was chosen for everything that names none.
    var region: String? { self["AWS_REGION"] ?? self["AWS_DEFAULT_REGION"] }

    /// Where a service is instead of its own place: `AWS_ENDPOINT_URL_ECR` before `AWS_ENDPOINT_URL`.
    func endpoint(of service: String) throws(AWSError) -> OutgoingURL? {
        guard !isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") else { return nil }
        for name in ["AWS_ENDPOINT_URL_\(service)", "AWS_ENDPOINT_URL"] {
            if let url = try url(in: name) { return url }
        }
        return nil
    }

    /// The URL that a variable has.
    func url(in name: String) throws(AWSError) -> OutgoingURL? {
        guard let text = self[name] else { return nil }
        do {
            return try OutgoingURL(text)
        } catch {
            throw AWSError(.settingsInvalid, "\(name) is no URL that can be dialled: \(error).", underlying: error)
        }
    }

    /// A path in which `~` stands for the home folder; nil where it would, and no home is known.
    func expanded(_ path: String) -> String? {
        guard path == "~" || path.hasPrefix("~/") else { return path }
        return self["HOME"].map { $0 + path.dropFirst() }
    }
}

/// The name of a region, and where its services are.
struct AWSRegion: Hashable, Sendable, CustomStringConvertible {
    /// Such as `eu-central-1`.
    let description: String

    /// The longest label of the DNS (RFC 1035 section 2.3.4).
    private static let byteCountMax = 63

    /// Takes letters, digits and hyphens: a region becomes a part of a host's name.
    init?(_ text: some StringProtocol) {
        let isLabel = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isLabel, (1...Self.byteCountMax).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-")
        else { return nil }
        description = String(text)
    }

    private init(known: String) {
        description = known
    }

    /// Where what is there once for the whole world is.
    static let main = AWSRegion(known: "us-east-1")

    /// The domain of the partition that the region belongs to.
    var domain: String {
        let partitions = [
            ("cn-", "amazonaws.com.cn"), ("eusc-", "amazonaws.eu"), ("us-isob-", "sc2s.sgov.gov"),
            ("us-isof-", "csp.hci.ic.gov"), ("us-iso-", "c2s.ic.gov"), ("eu-isoe-", "cloud.adc-e.uk"),
        ]
        return partitions.first { description.hasPrefix($0.0) }?.1 ?? "amazonaws.com"
    }
}
