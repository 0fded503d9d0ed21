import Foundation

/// One of the places where credentials may be.
protocol CredentialPlace: Sendable {
    /// Looks there.
    ///
    /// - Throws: ``AWSError`` where the place is meant to have credentials, and they cannot be had.
    func look() async throws -> CredentialFinding
}

/// What a place has.
enum CredentialFinding: Sendable {
    case found(AWSCredentials)
    /// Nothing; which place it is, and what it lacks, for a sentence.
    case absent(String)
}

/// The variables themselves.
struct EnvironmentPlace: CredentialPlace {
    let environment: AWSEnvironment

    func look() async throws -> CredentialFinding {
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        let values = names.compactMap { environment[$0] }
        if values.isEmpty { return .absent("the environment (\(names[0]) is not set)") }
        guard values.count == 2 else {
            let isSet = environment[names[0]] == nil ? (names[1], names[0]) : (names[0], names[1])
            throw AWSError(.settingsInvalid, "\(isSet.0) is set, and \(isSet.1) is not: set both or none.")
        }
        return .found(
            AWSCredentials(
                accessKeyID: values[0],
                secretAccessKey: values[1],
                sessionToken: environment["AWS_SESSION_TOKEN"],
                source: "the environment"
            )
        )
    }
}

/// The small files that credentials and tokens are in.
enum CredentialFile {
    /// The largest one, in bytes.
    static let byteCountMax = 1 << 20

    /// The text of a file; nil where there is none.
    static func text(_ path: String) throws(AWSError) -> String? {
        guard let file = fopen(path, "re") else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { return nil }
            throw AWSError(.settingsInvalid, "\(path) cannot be read: \(String(cString: strerror(code))).")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: byteCountMax + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw AWSError(.settingsInvalid, "\(path) cannot be read; is it a folder?") }
        guard count <= byteCountMax else {
            throw AWSError(.settingsInvalid, "\(path) is larger than \(byteCountMax) bytes.")
        }
        guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw AWSError(.settingsInvalid, "\(path) is not UTF-8 text.")
        }
        return text
    }

    /// The token in a file, which a variable or a profile names.
    static func token(_ path: String, named name: String) throws(AWSError) -> String {
        guard let text = try text(path) else {
            throw AWSError(.settingsInvalid, "\(name) names \(path), which is not there.")
        }
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else { throw AWSError(.settingsInvalid, "\(path) is empty.") }
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw AWSError(.settingsInvalid, "\(path) has more in it than a token.")
        }
        return token
    }
}
