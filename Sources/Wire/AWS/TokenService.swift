import Foundation
import Outgoing

/// AWS's security token service: lends the credentials of a role to who shows another identity.
struct TokenService: Sendable {
    let environment: AWSEnvironment
    let calls: ServiceCalls
    let now: @Sendable () -> Date

    private static let result = "AssumeRoleWithWebIdentityResult"

    /// The credentials of a role, for a token of another identity (AssumeRoleWithWebIdentity).
    ///
    /// - Parameters:
    ///   - role: Its name: `arn:aws:iam::123456789012:role/NAME`.
    ///   - session: What AWS's own audit shows who took it on as; nil for a name made here.
    ///   - token: The token of the other identity.
    ///   - usual: The region whose service is asked where no variable names one; nil for the one for the whole world.
    ///   - source: Where the token is from, for a sentence.
    /// - Returns: The credentials, which end.
    /// - Throws: ``AWSError``.
    func credentials(
        role: String,
        session: String?,
        token: String,
        usual: String? = nil,
        from source: String
    ) async throws -> AWSCredentials {
        let region = try region(usual)
        let url = try endpoint(region)
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", session ?? "wharf-\(Int(now().timeIntervalSince1970))"), ("WebIdentityToken", token),
        ].map { "\($0.0)=\(Escaping.escaped($0.1))" }.joined(separator: "&")
        let request = OutgoingRequest(
            .post,
            url,
            headers: ["Content-Type": "application/x-www-form-urlencoded", "User-Agent": "wharf"],
            body: .bytes(Array(form.utf8))
        )
        let answer: ServiceAnswer
        do {
            answer = try await calls.answer { request }
        } catch let error as OutgoingError where error.code != .cancelled {
            throw AWSError(error, region: region)
        }
        guard answer.isSuccess else {
            let action = "sts:AssumeRoleWithWebIdentity for \(role)"
            throw AWSError(answer, action: action, place: url.target, source: source)
        }
        return try LentCredentials.xml(answer.body, result: Self.result, from: source)
    }

    private func region(_ usual: String?) throws(AWSError) -> AWSRegion? {
        guard let text = environment.region ?? usual else { return nil }
        guard let region = AWSRegion(text) else {
            throw AWSError(
                .settingsInvalid,
                "AWS_REGION or the profile names no region: it should look like eu-central-1."
            )
        }
        return region
    }

    private func endpoint(_ region: AWSRegion?) throws(AWSError) -> OutgoingURL {
        if let url = try environment.endpoint(of: "STS") { return url }
        let host = region.map { "sts.\($0).\($0.domain)" } ?? "sts.amazonaws.com"
        do {
            return try OutgoingURL("https://\(host)/")
        } catch {
            throw AWSError(.settingsInvalid, "There is no token service at \(host): \(error).", underlying: error)
        }
    }
}

/// The variables by which a cluster says which role a program has, and where the token for it is.
struct WebIdentityPlace: CredentialPlace {
    let environment: AWSEnvironment
    let tokens: TokenService

    func look() async throws -> CredentialFinding {
        guard let path = environment["AWS_WEB_IDENTITY_TOKEN_FILE"] else {
            return .absent("a web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)")
        }
        guard let role = environment["AWS_ROLE_ARN"] else {
            throw AWSError(
                .settingsInvalid,
                "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not: set both or none."
            )
        }
        // The file is read each time: the cluster puts a new token there before the old one ends.
        let token = try CredentialFile.token(path, named: "AWS_WEB_IDENTITY_TOKEN_FILE")
        return .found(
            try await tokens.credentials(
                role: role,
                session: environment["AWS_ROLE_SESSION_NAME"],
                token: token,
                from: "the web identity in \(path)"
            )
        )
    }
}
