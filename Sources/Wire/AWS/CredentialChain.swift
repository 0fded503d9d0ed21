public import Foundation
public import Outgoing

/// Where AWS's own tools find credentials, looked at in the order in which they do.
///
/// 1. `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, with `AWS_SESSION_TOKEN`
/// 2. `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`
/// 3. the profile of `AWS_PROFILE`, else `default`, in `~/.aws/credentials` and `~/.aws/config`
/// 4. the service of a container, in ECS and EKS
/// 5. the role of an EC2 instance, by IMDSv2
///
/// The first place that is meant to have some counts: where it fails, the next ones are not tried, because they would
/// let in somebody else. Credentials are fetched again 5 minutes before their end, once for all who ask.
public final class CredentialChain: Sendable {
    /// What a chain is made with.
    public struct Configuration: Sendable {
        /// The variables.
        public var environment: [String: String]
        /// What dials AWS; not what is beside the machine, which no proxy leads to.
        public var client: OutgoingClient
        /// How long a service beside the machine may take: most machines have none.
        public var metadataTimeout = Duration.seconds(1)
        /// What time it is.
        public var now: @Sendable () -> Date = { Date() }
        /// How it is waited between two attempts.
        public var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

        /// The usual, for these variables.
        public init(environment: [String: String], client: OutgoingClient) {
            self.environment = environment
            self.client = client
        }
    }

    let environment: AWSEnvironment
    private let profiles: ProfilePlace
    private let renewed: Renewed<AWSCredentials>

    /// Puts the places together; looks at none of them.
    public init(_ configuration: Configuration) {
        let environment = AWSEnvironment(configuration.environment)
        let tokens = TokenService(
            environment: environment,
            calls: ServiceCalls(transport: configuration.client, pause: configuration.pause),
            now: configuration.now
        )
        let metadata = MetadataClient(timeout: configuration.metadataTimeout, pause: configuration.pause)
        let profiles = ProfilePlace(environment: environment, tokens: tokens)
        let places: [any CredentialPlace] = [
            EnvironmentPlace(environment: environment), WebIdentityPlace(environment: environment, tokens: tokens),
            profiles, ContainerPlace(environment: environment, client: metadata),
            InstancePlace(environment: environment, client: metadata),
        ]
        self.environment = environment
        self.profiles = profiles
        renewed = Renewed(now: configuration.now) {
            let found = try await Self.look(at: places)
            return Renewed.Fetched(value: found, expiry: found.expiry)
        }
    }

    /// Credentials that hold for a while.
    ///
    /// - Throws: ``AWSError``; with `noCredentials` where no place has any.
    public func credentials() async throws -> AWSCredentials {
        try await renewed.value()
    }

    /// The region that a variable or the profile names; nil for none.
    ///
    /// - Throws: ``AWSError`` where a file cannot be read.
    public func region() throws -> String? {
        try environment.region ?? profiles.region()
    }

    private static func look(at places: [any CredentialPlace]) async throws -> AWSCredentials {
        var absent: [String] = []
        for place in places {
            switch try await place.look() {
            case .found(let credentials): return credentials
            case .absent(let reason): absent.append(reason)
            }
        }
        throw AWSError(
            .noCredentials,
            "No AWS credentials were found. Looked at: \(absent.joined(separator: "; ")). Set AWS_ACCESS_KEY_ID and "
                + "AWS_SECRET_ACCESS_KEY, or choose a profile with AWS_PROFILE."
        )
    }
}
