import Foundation
import OCI
import Outgoing
import RegistryClient
import RegistryTesting
import Testing

@testable import AWS

@Suite struct ECRLoginTests {
    @Test(arguments: [
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "api.ecr.eu-central-1.amazonaws.com"),
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com:443", "api.ecr.eu-central-1.amazonaws.com"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "api.ecr.cn-north-1.amazonaws.com.cn"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "api.ecr-fips.us-gov-west-1.amazonaws.com"),
        ("123456789012.dkr-ecr.us-east-1.on.aws", "ecr.us-east-1.api.aws"),
        ("123456789012.dkr-ecr-fips.us-east-1.on.aws", "ecr-fips.us-east-1.api.aws"),
        ("public.ecr.aws", "api.ecr-public.us-east-1.amazonaws.com"),
    ])
    func `Amazon's registries are known by their names`(name: String, api: String) throws {
        let address = try #require(ECRAddress(try host(name)))
        #expect(address.api == api)
        #expect(ECRLogin.isFor(try host(name)))
    }

    @Test(arguments: [
        "docker.io", "amazonaws.com", "12345678901.dkr.ecr.eu-central-1.amazonaws.com",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example", "public.ecr.aws.evil.example",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com:5000", "x.public.ecr.aws",
        "123456789012.dkr.ecr.eu-central-1.example.com", "123456789012.dkr.ecr.a.b.amazonaws.com",
        "123456789012.dkr.ecr.amazonaws.com", "123456789012.dkr.s3.eu-central-1.amazonaws.com",
        "123456789012.dkr-ecr.us-east-1.amazonaws.com",
    ])
    func `no other registry is taken for one of them`(name: String) async throws {
        #expect(!ECRLogin.isFor(try host(name)))
        try await OutgoingClient.withClient { client in
            let credential = try await ECRLogin(.quick([:], client)).credential(for: host(name), repository: nil)
            #expect(credential == nil)
        }
    }

    @Test func `moto takes the signature, and refuses other keys and users without the right`() async throws {
        try await Cloud.run(strict: true) { cloud in
            try await OutgoingClient.withClient { client in
                func login(_ id: String, _ secret: String) -> ECRLogin {
                    let environment = [
                        "AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_ENDPOINT_URL_ECR": cloud.url,
                    ]
                    return ECRLogin(.quick(environment, client))
                }
                let good = login(cloud.puller.id, cloud.puller.secret)
                let credential = try await good.credential(for: host(registry), repository: nil)
                let expected = OutgoingCredentials(user: "AWS", password: "123456789012-auth-token")
                #expect(credential == .password(expected))
                let wrong = try await failure {
                    try await login(cloud.puller.id, "hunter2").credential(for: host(registry), repository: nil)
                }
                #expect(wrong.code == .credentialsRefused)
                #expect(
                    wrong.message
                        == "AWS refuses the signature made with the credentials from the environment: the secret key "
                        + "does not belong to the access key, or the clock of this machine is wrong."
                )
                let stranger = try await failure {
                    try await login(cloud.stranger.id, cloud.stranger.secret).credential(
                        for: host(registry),
                        repository: nil
                    )
                }
                #expect(stranger.code == .denied)
                #expect(stranger.message.contains("user/stranger is not authorized"))
                #expect(stranger.message.contains("do ecr:GetAuthorizationToken"))
                let nobody = try await failure {
                    try await login("AKIANOBODY", "x").credential(for: host(registry), repository: nil)
                }
                #expect(nobody.code == .credentialsRefused)
            }
        }
    }

    @Test func `a password is asked for once, by all at once, and kept`() async throws {
        try await Beside.run { beside in
            let login = beside.login("/login/slow")
            let registries = (0..<10).map { "12345678901\($0).dkr.ecr.eu-central-1.amazonaws.com" }
            let found = try await withThrowingTaskGroup(of: RegistryCredential?.self) { group in
                for name in registries {
                    group.addTask { try await login.credential(for: host(name), repository: nil) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(found == [.password(OutgoingCredentials(user: "AWS", password: "password-1"))])
            _ = try await login.credential(for: host(registry), repository: nil)
            let seen = try await beside.seen()
            #expect(seen.counts["/login/slow"] == 1)
            let fields = try #require(seen.fields["/login/slow"])
            #expect(fields["x-amz-target"] == "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
            #expect(fields["content-type"] == "application/x-amz-json-1.1")
            #expect(fields["authorization"]?.contains("/eu-central-1/ecr/aws4_request") == true)
            _ = try await login.credential(
                for: host("123456789012.dkr.ecr.us-west-2.amazonaws.com"),
                repository: nil
            )
            #expect(try await beside.seen().counts["/login/slow"] == 2)
        }
    }

    @Test func `a password that has ended is asked for again, and a service that fails as well`() async throws {
        try await Beside.run { beside in
            let ended = beside.login("/login/-10")
            for number in 1...2 {
                let credential = try await ended.credential(for: host(registry), repository: nil)
                #expect(credential == .password(OutgoingCredentials(user: "AWS", password: "password-\(number)")))
            }
            let flaky = try await beside.login("/flaky/2").credential(for: host(registry), repository: nil)
            #expect(flaky == .password(OutgoingCredentials(user: "AWS", password: "password-3")))
            let error = try await failure {
                try await beside.login("/flaky/9").credential(for: host(registry), repository: nil)
            }
            #expect(error.code == .unavailable && error.message.contains("in 3 attempts (503 ): try again later"))
        }
    }

    @Test func `the public gallery is entered with a password of its own, or without`() async throws {
        try await Beside.run { beside in
            let gallery = try host("public.ecr.aws")
            let found = try await beside.login("/gallery").credential(for: gallery, repository: nil)
            #expect(found == .password(OutgoingCredentials(user: "AWS", password: "password-1")))
            let fields = try await beside.seen().fields["/gallery"]
            #expect(fields?["x-amz-target"] == "SpencerFrontendService.GetAuthorizationToken")
            #expect(fields?["authorization"]?.contains("/us-east-1/ecr-public/aws4_request") == true)
            let denied = beside.login("/refuses/400/AccessDeniedException")
            #expect(try await denied.credential(for: gallery, repository: nil) == nil)
            let nobody = ECRLogin(.quick([:], beside.client))
            #expect(try await nobody.credential(for: gallery, repository: nil) == nil)
            let error = try await failure { try await nobody.credential(for: host(registry), repository: nil) }
            #expect(error.code == .noCredentials)
        }
    }

    @Test(arguments: [
        ("ExpiredTokenException", AWSError.Code.credentialsExpired, "are past their end: get new ones"),
        ("AccessDeniedException", .denied, "do ecr:GetAuthorizationToken"),
        ("UnrecognizedClientException", .credentialsRefused, "whether the region is enabled"),
        ("InvalidSignatureException", .credentialsRefused, "refuses the signature"),
        ("RegionDisabledException", .regionUnknown, "is not enabled"),
        ("ThrottlingException", .unavailable, "in 3 attempts"), ("Strange", .notUnderstood, "400 Strange"),
    ])
    func `what AWS refuses is a sentence without secrets`(
        name: String,
        code: AWSError.Code,
        expected: String
    ) async throws {
        try await Beside.run { beside in
            let login = beside.login("/refuses/400/\(name)", ["AWS_SESSION_TOKEN": "hunter3"])
            let error = try await failure { try await login.credential(for: host(registry), repository: nil) }
            #expect(error.code == code && error.message.contains(expected), "\(error)")
            #expect(!error.message.contains("secret line") && !error.message.contains("hunter"))
        }
    }

    @Test func `an answer that is something else, and an endpoint that is no URL, are said`() async throws {
        try await Beside.run { beside in
            let other = try await failure {
                try await beside.login("/container", ["AWS_CONTAINER_AUTHORIZATION_TOKEN": "x"]).credential(
                    for: host(registry),
                    repository: nil
                )
            }
            #expect(other.code == .notUnderstood)
            let unclear = try await failure {
                try await beside.login("", ["AWS_ENDPOINT_URL_ECR": "ftp://x"]).credential(
                    for: host(registry),
                    repository: nil
                )
            }
            #expect(unclear.code == .settingsInvalid && unclear.message.hasPrefix("AWS_ENDPOINT_URL_ECR is no URL"))
        }
    }

    @Test func `a region that is none is said`() async throws {
        var configuration = OutgoingClient.Configuration()
        configuration.guardian = .publicOnly()
        configuration.resolver = AddressResolver { _, _ in [] }
        try await OutgoingClient.withClient(configuration) { client in
            let environment = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "x"]
            let name = "123456789012.dkr.ecr.eu-nowhere-1.amazonaws.com"
            let error = try await failure {
                try await ECRLogin(.quick(environment, client)).credential(for: host(name), repository: nil)
            }
            #expect(error.code == .regionUnknown)
            #expect(error.message.contains("Is eu-nowhere-1 a region of AWS that has this service?"))
        }
    }
}
