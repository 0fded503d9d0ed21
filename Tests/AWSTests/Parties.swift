import Foundation
import OCI
import Outgoing
import RegistryTesting
import Testing

@testable import AWS

/// Programs of this folder, run by the Python that `Scripts/install-test-parties` has put moto and botocore in.
enum Script {
    private static let project = URL(filePath: #filePath).appending(path: "../../..").standardized.path

    /// A command that runs a script; throws, saying how to install it, where Python or moto are not there.
    static func command(_ name: String, _ arguments: [String] = []) throws -> Command {
        let python = "\(project)/.build-parties/aws/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else { throw Missing() }
        let path = try #require(Bundle.module.path(forResource: name, ofType: "py"))
        // Nothing of the machine's own settings for AWS may play a part.
        var environment: [String: String?] = ["PYTHONWARNINGS": "ignore", "HOME": "/nonexistent"]
        for variable in ProcessInfo.processInfo.environment.keys where variable.hasPrefix("AWS_") {
            environment.updateValue(nil, forKey: variable)
        }
        return Command(python, [path] + arguments, environment: environment)
    }

    /// What is not installed.
    struct Missing: Error, CustomStringConvertible {
        let description =
            "The tests of AWS need moto, which this machine lacks. Install it with: Scripts/install-test-parties test"
    }
}

/// moto, with two users and a role.
struct Cloud: Sendable {
    struct Facts: Decodable, Sendable {
        struct Key: Decodable, Sendable {
            let id: String
            let secret: String
        }

        let url: String
        let puller: Key
        let stranger: Key
        let role: String
    }

    let facts: Facts

    static func run(strict: Bool, _ body: (Facts) async throws -> Void) async throws {
        let process = try Script.command("cloud", strict ? ["strict"] : []).start()
        try await process.waitUntil("moto is ready", within: .seconds(60)) { process.standardOutput.hasSuffix("}\n") }
        let facts = try JSONDecoder().decode(Facts.self, from: Data(process.standardOutput.utf8))
        do {
            try await body(facts)
        } catch {
            await process.kill()
            throw error
        }
        await process.kill()
    }
}

/// The server that answers as the path says, and a client for what is far away.
struct Beside: Sendable {
    struct Seen: Decodable, Sendable {
        let counts: [String: Int]
        let fields: [String: [String: String]]
    }

    let url: String
    let client: OutgoingClient

    static func run(_ body: (Beside) async throws -> Void) async throws {
        let process = try Script.command("beside").start()
        try await process.waitUntil("it says its port") { process.standardOutput.hasSuffix("\n") }
        let port = process.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        try await OutgoingClient.withClient { client in
            try await body(Beside(url: "http://127.0.0.1:\(port)", client: client))
        }
        await process.kill()
    }

    /// What was asked for so far.
    func seen() async throws -> Seen {
        let response = try await client.send(OutgoingRequest(.get, try OutgoingURL("\(url)/seen")))
        return try JSONDecoder().decode(Seen.self, from: Data(try await response.body.collect(upTo: 1 << 20)))
    }

    func chain(_ environment: [String: String]) -> CredentialChain {
        CredentialChain(.quick(environment, client))
    }

    /// A login with credentials from the environment, whose passwords come from a path of the server.
    func login(_ path: String, _ more: [String: String] = [:]) -> ECRLogin {
        var environment = [
            "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_ENDPOINT_URL": url + path,
        ]
        environment.merge(more) { $1 }
        return ECRLogin(.quick(environment, client))
    }
}

extension CredentialChain.Configuration {
    /// Without an instance's role, where none is named, and without waiting between attempts.
    static func quick(_ environment: [String: String], _ client: OutgoingClient) -> CredentialChain.Configuration {
        var environment = environment
        if environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] == nil { environment["AWS_EC2_METADATA_DISABLED"] = "true" }
        var configuration = CredentialChain.Configuration(environment: environment, client: client)
        configuration.pause = { _ in }
        return configuration
    }
}

/// What a call throws, which must be an ``AWSError``.
func failure<Value>(_ body: () async throws -> Value) async throws -> AWSError {
    do {
        _ = try await body()
    } catch let error as AWSError {
        return error
    }
    throw Succeeded()
}

/// A call that should have failed.
struct Succeeded: Error {}

/// A registry of one account.
let registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

func host(_ text: String) throws -> RegistryHost { try RegistryHost(text) }
