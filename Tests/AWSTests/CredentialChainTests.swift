import Foundation
import Outgoing
import RegistryTesting
import Testing

@testable import AWS

@Suite struct CredentialChainTests {
    private static func chain(
        _ environment: [String: String],
        _ body: (CredentialChain) async throws -> Void
    ) async throws {
        try await OutgoingClient.withClient { client in
            try await body(CredentialChain(.quick(environment, client)))
        }
    }

    /// A home folder with both files.
    private static func home(credentials: String = "", config: String = "") throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/.aws", withIntermediateDirectories: true)
        try credentials.write(toFile: folder.path + "/.aws/credentials", atomically: true, encoding: .utf8)
        try config.write(toFile: folder.path + "/.aws/config", atomically: true, encoding: .utf8)
        return folder
    }

    @Test func `the environment comes first, and half of it is an error`() async throws {
        let home = try Self.home(credentials: "[default]\naws_access_key_id = FILE\naws_secret_access_key = f\n")
        let both = ["HOME": home.path, "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"]
        try await Self.chain(both.merging(["AWS_SESSION_TOKEN": "t"]) { $1 }) { chain in
            let found = try await chain.credentials()
            #expect(found.accessKeyID == "ENV" && found.secretAccessKey == "s" && found.sessionToken == "t")
            #expect(found.expiry == nil && found.source == "the environment")
        }
        try await Self.chain(["HOME": home.path, "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": ""]) { chain in
            let error = try await failure { try await chain.credentials() }
            #expect(error.code == .settingsInvalid)
            #expect(error.message == "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not: set both or none.")
        }
    }

    @Test func `a profile is read from both files, and the key from the credentials file`() async throws {
        let home = try Self.home(
            credentials: "[ci]\naws_access_key_id = CRED\naws_secret_access_key = c/+=\n",
            config: """
                [default]
                region = us-east-2
                [profile ci]
                region = eu-west-1
                aws_access_key_id = CONF
                aws_secret_access_key = conf
                aws_session_token = conf
                """
        )
        try await Self.chain(["HOME": home.path, "AWS_PROFILE": "ci"]) { chain in
            let found = try await chain.credentials()
            #expect(found.accessKeyID == "CRED" && found.secretAccessKey == "c/+=" && found.sessionToken == nil)
            #expect(found.source == "the profile ci in \(home.path)/.aws/credentials")
            #expect(try chain.region() == "eu-west-1")
        }
        try await Self.chain(["HOME": home.path]) { chain in
            let region = try chain.region()
            #expect(region == "us-east-2")
        }
        try await Self.chain(["HOME": home.path, "AWS_DEFAULT_REGION": "ca-west-1"]) { chain in
            let region = try chain.region()
            #expect(region == "ca-west-1")
        }
        let elsewhere = [
            "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/config", "HOME": home.path, "AWS_PROFILE": "profile ci",
        ]
        try await Self.chain(elsewhere) { chain in
            let found = try await chain.credentials()
            #expect(found.accessKeyID == "CONF")
        }
    }

    @Test func `a profile that was chosen and is not there is an error`() async throws {
        let home = try Self.home()
        try await Self.chain(["HOME": home.path, "AWS_PROFILE": "prod"]) { chain in
            let error = try await failure { try await chain.credentials() }
            #expect(error.code == .settingsInvalid)
            #expect(error.message.contains("AWS_PROFILE names prod, which neither \(home.path)/.aws/config nor"))
        }
    }

    @Test(arguments: [
        ("role_arn = arn:aws:iam::1:role/deploy\nsource_profile = x", "the role arn:aws:iam::1:role/deploy (role_arn)"),
        ("sso_session = corp", "IAM Identity Center (sso_session)"),
        ("sso_start_url = https://x", "IAM Identity Center (sso_start_url)"),
        ("credential_process = /bin/x", "a program (credential_process)"),
    ])
    func `ways that are not supported are named`(lines: String, expected: String) async throws {
        let home = try Self.home(config: "[default]\n\(lines)\n")
        try await Self.chain(["HOME": home.path]) { chain in
            let error = try await failure { try await chain.credentials() }
            #expect(error.code == .unsupported)
            #expect(error.message.contains(expected) && error.message.contains("aws configure export-credentials"))
        }
    }

    @Test func `half of a key and a broken file are errors without what is in them`() async throws {
        let half = try Self.home(credentials: "[default]\naws_secret_access_key = hunter2\n")
        try await Self.chain(["HOME": half.path]) { chain in
            let error = try await failure { try await chain.credentials() }
            #expect(error.code == .settingsInvalid && error.message.contains("has no aws_access_key_id"))
            #expect(!error.message.contains("hunter2"))
        }
        let broken = try Self.home(credentials: "[default]\nhunter2\n")
        try await Self.chain(["HOME": broken.path]) { chain in
            let error = try await failure { try await chain.credentials() }
            let expected = "\(broken.path)/.aws/credentials, line 2: neither [SECTION] nor NAME = VALUE."
            #expect(error.message == expected)
        }
    }

    @Test func `a file that is too large and a folder are said by their names`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/credentials"
        let cases = [
            (path, String(repeating: "#", count: CredentialFile.byteCountMax + 1), "is larger than 1048576 bytes"),
            (folder.path, nil, "cannot be read; is it a folder?"),
        ]
        for (path, content, expected) in cases {
            try content?.write(toFile: path, atomically: true, encoding: .utf8)
            try await Self.chain(["AWS_SHARED_CREDENTIALS_FILE": path]) { chain in
                let error = try await failure { try await chain.credentials() }
                #expect(error.code == .settingsInvalid && error.message.hasPrefix("\(path) \(expected)"), "\(error)")
            }
        }
    }

    @Test func `where nothing has credentials, all places are named`() async throws {
        let home = try Self.home()
        try await Self.chain(["HOME": home.path]) { chain in
            let error = try await failure { try await chain.credentials() }
            #expect(error.code == .noCredentials)
            #expect(
                error.message
                    == """
                    No AWS credentials were found. Looked at: the environment (AWS_ACCESS_KEY_ID is not set); a web \
                    identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set); the profile default (not in \
                    \(home.path)/.aws/config or \(home.path)/.aws/credentials); a container (neither \
                    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set); the role of \
                    an EC2 instance (AWS_EC2_METADATA_DISABLED is true). Set AWS_ACCESS_KEY_ID and \
                    AWS_SECRET_ACCESS_KEY, or choose a profile with AWS_PROFILE.
                    """
            )
        }
        try await Self.chain([:]) { chain in
            let error = try await failure { try await chain.credentials() }
            #expect(error.message.contains("the profile default (HOME is not set)"))
        }
    }

    @Test func `credentials never print`() {
        let credentials = AWSCredentials(
            accessKeyID: "AKID",
            secretAccessKey: "hunter2",
            sessionToken: "hunter3",
            source: "a test"
        )
        var dumped = "\(credentials) \(String(reflecting: credentials)) \([credentials])"
        dump(credentials, to: &dumped)
        #expect(!dumped.contains("hunter") && dumped.contains("<redacted, from a test>"))
        let request = Signature(credentials: credentials, region: "us-east-1", service: "ecr", date: .now)
        if let url = try? OutgoingURL("https://example.com/") {
            let signed = request.signed(OutgoingRequest(.get, url), payload: .empty)
            #expect(!"\(signed)".contains("hunter3") && !"\(signed)".contains("Signature="))
        }
    }
}
