import Foundation
import RegistryTesting
import Testing

@testable import AdminAPI

/// The API is what its description says, as schemathesis finds out by asking a running server.
@Suite("Schemathesis")
struct SchemathesisTests {
    private static let password = "not to be guessed"
    private static let checks = [
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
        "response_schema_conformance", "negative_data_rejection", "positive_data_acceptance", "unsupported_method",
        "allow_header_conformance", "missing_required_header", "use_after_free", "ensure_resource_availability",
        "ignored_auth",
    ]

    @Test("finds nothing", .timeLimit(.minutes(20)))
    func findsNothing() async throws {
        let exampleCount = TestSeed.count(3, soaking: 200, of: "requests of schemathesis for an operation and phase")
        let folder = try TemporaryFolder()
        let secret = "\(folder.path)/password"
        try Data(Self.password.utf8).write(to: URL(filePath: secret))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
        let server = try await WharfProcess.start(
            data: "\(folder.path)/data",
            arguments: ["--access-required"],
            environment: ["WHARF_ACCESS_ADMIN_PASSWORD": "file:\(secret)"]
        )
        do {
            let document = "\(folder.path)/openapi.json"
            try Self.prepared().write(to: URL(filePath: document))
            let result = try await command(server, document, exampleCount, in: folder.path).run()
            // The seed is in what it writes.
            #expect(result.status == 0, "\(Self.shortened(result.standardOutput + result.standardError))")
            #expect(result.standardOutput.contains("Stateful"))
        } catch {
            _ = await server.stop()
            throw error
        }
        // A server that had crashed would not end in order.
        #expect(await server.stop() == 0)
    }

    private func command(_ server: WharfProcess, _ document: String, _ count: Int, in folder: String) throws -> Command
    {
        let configuration = try #require(Bundle.module.path(forResource: "schemathesis", ofType: "toml"))
        let hooks = try #require(Bundle.module.path(forResource: "keep_administrator", ofType: "py"))
        try FileManager.default.copyItem(atPath: hooks, toPath: "\(folder)/keep_administrator.py")
        var settings = try String(contentsOfFile: configuration, encoding: .utf8)
        if !TestSeed.isSoaking { settings += Self.shortening }
        try Data(settings.utf8).write(to: URL(filePath: "\(folder)/schemathesis.toml"))
        return Command(
            try TestPython.program("schemathesis"),
            [
                "--config-file", "\(folder)/schemathesis.toml", "run", document, "--url",
                "\(server.address)\(AdminResponder.root)",
                "--auth", "admin:\(Self.password)", "--phases", "examples,coverage,fuzzing,stateful",
                "--checks", Self.checks.joined(separator: ","), "--max-examples", "\(count)",
                "--seed", "\(Self.seed)", "--request-timeout", "20", "--continue-on-failure",
                "--no-color",
                "--report-dir", "\(folder)/report", "--warnings", "off",
            ],
            environment: ["SCHEMATHESIS_HOOKS": "\(folder)/keep_administrator.py", "HOME": folder],
            timeout: .seconds(TestSeed.isSoaking ? 1100 : 600)
        )
    }

    /// The same each time in the short run, and another one in each long run.
    ///
    /// What is found by chance should not stop a change that has nothing to do with it.
    private static let seed: UInt64 = {
        let isChosen = ProcessInfo.processInfo.environment["TEST_SEED"] != nil
        return TestSeed.isSoaking || isChosen ? TestSeed.run : 11
    }()

    /// A password takes a core for half a second where nothing is made for speed: of these only some are set.
    private static let shortening = """

        [[operations]]
        include-operation-id = ["createUser", "setPassword"]
        phases.coverage.enabled = false

        """

    /// The description without what would cost minutes and show nothing: lists of ten thousand items, and a wrong
    /// password for each operation, which takes a core for a second.
    private static func prepared() throws -> Data {
        guard case .object(var document) = shortened(OpenAPIDocument.document(prefix: "")),
            case .object(var components)? = document["components"],
            case .object(var schemes)? = components["securitySchemes"]
        else { return Data() }
        schemes["basic"] = nil
        components["securitySchemes"] = .object(schemes)
        document["components"] = .object(components)
        document["security"] = [["bearer": []]]
        return try JSONEncoder().encode(JSONValue.object(document))
    }

    private static func shortened(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(var values):
            if case .integer(let count)? = values["maxItems"], count > 1000 { values["maxItems"] = nil }
            return .object(values.mapValues(shortened))
        case .list(let values): return .list(values.map(shortened))
        default: return value
        }
    }

    /// Lines that can be read: some requests are longer than anybody would.
    private static func shortened(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0.prefix(400)) }
            .joined(separator: "\n")
    }
}
