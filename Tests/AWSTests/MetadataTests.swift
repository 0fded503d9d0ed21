import Foundation
import Outgoing
import RegistryTesting
import Testing

@testable import AWS

@Suite struct MetadataTests {
    @Test func `an instance has the role that IMDSv2 gives it`() async throws {
        try await Beside.run { beside in
            let chain = beside.chain(["AWS_EC2_METADATA_SERVICE_ENDPOINT": beside.url + "/imds/"])
            let found = try await chain.credentials()
            #expect(found.accessKeyID == "ASIALENT" && found.secretAccessKey == "lent/secret")
            #expect(found.sessionToken == "lent/token")
            #expect(found.source == "the role wharf-role of the EC2 instance")
            let left = try #require(found.expiry).timeIntervalSinceNow
            #expect((21_500...21_600).contains(left))
            _ = try await chain.credentials()
            let seen = try await beside.seen()
            #expect(seen.counts["/imds/latest/api/token"] == 1)
            let role = "/imds/latest/meta-data/iam/security-credentials/wharf-role"
            #expect(seen.counts[role] == 1)
            #expect(seen.fields[role]?["x-aws-ec2-metadata-token"] == "metadata-token")
        }
    }

    @Test func `moto's metadata are understood too`() async throws {
        try await Cloud.run(strict: false) { cloud in
            try await OutgoingClient.withClient { client in
                let environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": cloud.url]
                let found = try await CredentialChain(.quick(environment, client)).credentials()
                #expect(found.accessKeyID == "test-key" && found.sessionToken == "test-session-token")
            }
        }
    }

    @Test func `an instance without a role, a mute service and none at all are said`() async throws {
        let port = try FreePort.find()
        try await Beside.run { beside in
            let places = [
                (beside.url + "/norole", "the role of an EC2 instance (the instance has none)"),
                (beside.url + "/mute", "the role of an EC2 instance (nobody answers at \(beside.url))"),
                (beside.url + "/other", "(\(beside.url) gives no token for IMDSv2: 404)"),
                ("http://127.0.0.1:\(port)", "(nobody answers at http://127.0.0.1:\(port))"),
            ]
            for (place, expected) in places {
                let clock = ContinuousClock.now
                let error = try await failure {
                    try await beside.chain(["AWS_EC2_METADATA_SERVICE_ENDPOINT": place]).credentials()
                }
                #expect(error.code == .noCredentials && error.message.contains(expected), "\(error)")
                // The mute one is waited for, for a second; the rest is what a busy machine needs.
                #expect(ContinuousClock.now - clock < .seconds(20), "\(place)")
            }
        }
    }

    @Test func `a container shows its token, from the variable or from its file`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/token"
        try "Bearer pod\n".write(toFile: path, atomically: true, encoding: .utf8)
        try await Beside.run { beside in
            let uri = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": beside.url + "/container"]
            let tokens = [
                ["AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer pod"],
                ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": path, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong"],
            ]
            for token in tokens {
                let found = try await beside.chain(uri.merging(token) { $1 }).credentials()
                #expect(found.accessKeyID == "ASIALENT" && found.source.hasPrefix("the container's service at"))
            }
            let error = try await failure { try await beside.chain(uri).credentials() }
            #expect(error.code == .denied && error.message.contains("answers 401"))
            let missing = try await failure {
                let file = ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": folder.path + "/none"]
                return try await beside.chain(uri.merging(file) { $1 }).credentials()
            }
            #expect(missing.code == .settingsInvalid && missing.message.contains("which is not there"))
        }
    }

    @Test(arguments: [
        "http://169.254.169.254/x", "http://10.0.0.1/x", "http://example.com/x", "http://localhost.example.com/x",
        "http://[fd00:ec2::254]/x",
    ])
    func `a container's token goes to nobody else in the clear`(uri: String) async throws {
        try await OutgoingClient.withClient { client in
            let environment = [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": uri, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hunter2",
            ]
            let error = try await failure { try await CredentialChain(.quick(environment, client)).credentials() }
            #expect(error.code == .settingsInvalid && error.message.contains("without https"))
        }
    }

    @Test func `a web identity is changed for the credentials of a role`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/token"
        try "an.identity.token\n".write(toFile: path, atomically: true, encoding: .utf8)
        try await Cloud.run(strict: false) { cloud in
            try await OutgoingClient.withClient { client in
                let environment = [
                    "AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_ROLE_ARN": cloud.role, "AWS_ENDPOINT_URL_STS": cloud.url,
                    "AWS_REGION": "eu-central-1", "HOME": folder.path,
                ]
                let found = try await CredentialChain(.quick(environment, client)).credentials()
                #expect(found.accessKeyID.hasPrefix("ASIA") && found.sessionToken?.isEmpty == false)
                #expect(found.source == "the web identity in \(path)")
                let left = try #require(found.expiry).timeIntervalSinceNow
                #expect((3000...3700).contains(left))
                let config =
                    "[profile pod]\nregion = eu-west-1\nrole_arn = \(cloud.role)\nweb_identity_token_file = ~/token\n"
                try config.write(toFile: folder.path + "/config", atomically: true, encoding: .utf8)
                let profile = [
                    "AWS_CONFIG_FILE": folder.path + "/config", "AWS_PROFILE": "pod", "HOME": folder.path,
                    "AWS_ENDPOINT_URL": cloud.url,
                ]
                let other = try await CredentialChain(.quick(profile, client)).credentials()
                #expect(other.accessKeyID.hasPrefix("ASIA") && other.source == "the profile pod")
            }
        }
    }

    @Test func `a web identity that is refused is not gone around`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/token"
        try "an.identity.token".write(toFile: path, atomically: true, encoding: .utf8)
        try await Beside.run { beside in
            let expectations: [(String, AWSError.Code)] = [
                ("ExpiredTokenException", .credentialsExpired), ("AccessDenied", .denied),
                ("InvalidIdentityToken", .credentialsRefused), ("IDPCommunicationError", .credentialsRefused),
                ("MalformedPolicyDocument", .notUnderstood),
            ]
            for (name, code) in expectations {
                let environment = [
                    "AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod",
                    "AWS_ENDPOINT_URL": beside.url + "/sts/\(name)",
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": beside.url + "/imds",
                ]
                let error = try await failure { try await beside.chain(environment).credentials() }
                #expect(error.code == code && error.message.contains("it is so"), "\(error)")
                #expect(!error.message.contains("an.identity.token"))
            }
            let seen = try await beside.seen()
            #expect(seen.counts["/imds/latest/api/token"] == nil)
            #expect(seen.counts["/sts/IDPCommunicationError"] == 3 && seen.counts["/sts/AccessDenied"] == 1)
        }
    }
}
