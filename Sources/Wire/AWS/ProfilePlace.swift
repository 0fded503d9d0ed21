import Foundation

/// The files in which people keep their credentials.
struct ProfilePlace: CredentialPlace {
    let environment: AWSEnvironment
    /// Where a profile that has a token of another identity gets its credentials.
    let tokens: TokenService

    /// What the files say of one profile.
    struct Profile: Sendable {
        let name: String
        /// Whether a variable chose it.
        let isChosen: Bool
        /// The files that were looked at, whether or not they are there.
        let paths: [String]
        /// Its values, of which those of the credentials file come first; nil where no file has it.
        let values: [String: String]?
        /// The file that the key is from.
        let keyPath: String?
    }

    /// Values that name a way to credentials which is not gone here, and what that way is.
    private static let unsupported = [
        ("sso_session", "from AWS IAM Identity Center (sso_session)"),
        ("sso_start_url", "from AWS IAM Identity Center (sso_start_url)"),
        ("credential_process", "from a program (credential_process)"),
        ("login_session", "from a login (login_session)"),
    ]

    func look() async throws -> CredentialFinding {
        let profile = try profile()
        guard let values = profile.values else {
            guard !profile.isChosen else {
                throw AWSError(
                    .settingsInvalid,
                    "AWS_PROFILE names \(profile.name), which neither \(profile.paths.joined(separator: " nor ")) has."
                )
            }
            let places = profile.paths.isEmpty ? "HOME is not set" : "not in \(profile.paths.joined(separator: " or "))"
            return .absent("the profile \(profile.name) (\(places))")
        }
        let source = "the profile \(profile.name)"
        if let role = values["role_arn"] {
            guard let path = values["web_identity_token_file"] else {
                throw unsupported("by taking on the role \(role) (role_arn)", profile)
            }
            guard let path = environment.expanded(path) else { throw Self.homeless("web_identity_token_file") }
            return .found(
                try await tokens.credentials(
                    role: role,
                    session: values["role_session_name"],
                    token: try CredentialFile.token(path, named: "web_identity_token_file of \(source)"),
                    usual: values["region"].flatMap { $0.isEmpty ? nil : $0 },
                    from: source
                )
            )
        }
        switch (values["aws_access_key_id"] ?? "", values["aws_secret_access_key"] ?? "") {
        case ("", ""): break
        case (let id, let key):
            let file = profile.keyPath.map { " in \($0)" } ?? ""
            guard !id.isEmpty, !key.isEmpty else {
                let missing = id.isEmpty ? "aws_access_key_id" : "aws_secret_access_key"
                throw AWSError(.settingsInvalid, "\(source)\(file) has no \(missing): a key has both parts.")
            }
            let token = values["aws_session_token"].flatMap { $0.isEmpty ? nil : $0 }
            return .found(
                AWSCredentials(accessKeyID: id, secretAccessKey: key, sessionToken: token, source: source + file)
            )
        }
        if let way = Self.unsupported.first(where: { values[$0.0] != nil }) { throw unsupported(way.1, profile) }
        return .absent("\(source) (it has no aws_access_key_id)")
    }

    /// The region that the profile names.
    func region() throws(AWSError) -> String? {
        try profile().values?["region"].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func unsupported(_ way: String, _ profile: Profile) -> AWSError {
        AWSError(
            .unsupported,
            "The profile \(profile.name) gets its credentials \(way), which is not supported here: let the AWS command "
                + "line fetch them, with `eval \"$(aws configure export-credentials --profile \(profile.name) --format "
                + "env)\"`, or choose another profile with AWS_PROFILE."
        )
    }

    private static func homeless(_ name: String) -> AWSError {
        AWSError(.settingsInvalid, "\(name) begins with ~, and HOME is not set.")
    }

    // MARK: - Files

    private func profile() throws(AWSError) -> Profile {
        let chosen = environment["AWS_PROFILE"] ?? environment["AWS_DEFAULT_PROFILE"]
        let name = chosen ?? "default"
        var paths: [String] = []
        var found: [String: String]?
        var keyPath: String?
        let files: [(variable: String, usual: String, kind: ProfileFile.Kind)] = [
            ("AWS_CONFIG_FILE", "~/.aws/config", .config),
            ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", .credentials),
        ]
        for (variable, usual, kind) in files {
            guard let path = environment.expanded(environment[variable] ?? usual) else {
                if environment[variable] != nil { throw Self.homeless(variable) }
                continue
            }
            paths.append(path)
            guard let values = try values(of: name, in: path, kind) else { continue }
            // A key is one file's: half of it from here and half of it from there would be no key.
            if values["aws_access_key_id"] != nil || values["aws_secret_access_key"] != nil {
                for part in ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"] { found?[part] = nil }
                keyPath = path
            }
            found = (found ?? [:]).merging(values) { $1 }
        }
        return Profile(name: name, isChosen: chosen != nil, paths: paths, values: found, keyPath: keyPath)
    }

    private func values(
        of name: String,
        in path: String,
        _ kind: ProfileFile.Kind
    ) throws(AWSError) -> [String: String]? {
        guard let text = try CredentialFile.text(path) else { return nil }
        do {
            return try ProfileFile(text, kind).profiles[name]
        } catch {
            throw AWSError(.settingsInvalid, "\(path), \(error).", underlying: error)
        }
    }
}
