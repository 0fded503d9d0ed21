import Foundation
import Settings
import Testing

/// What the files of the folder Packaging say to a server.
///
/// That they work is tried by `Scripts/try-packaging`.
@Suite struct PackagingTests {
    private static let folder = URL(filePath: #filePath).appending(path: "../../../Packaging").standardized

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    @Test("Every configuration that is shipped is understood", arguments: ["systemd/wharf.yaml", "compose/wharf.yaml"])
    func configurations(path: String) throws {
        let file = Self.folder.appending(path: path).path
        let loaded = try ServerSettings.load(file: file, environment: [:], arguments: [])
        #expect(loaded.settings.access.required || loaded.settings.access.adminPassword != nil)
    }

    @Test("The configuration in the ConfigMap is understood, and its stores are shared ones")
    func configMap() throws {
        let lines = try Self.text("kubernetes/config.yaml").split(separator: "\n", omittingEmptySubsequences: false)
        let begin = try #require(lines.firstIndex(of: "  wharf.yaml: |"))
        let yaml = lines[(begin + 1)...].map { String($0.dropFirst(4)) }.joined(separator: "\n")
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml")
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let settings = try ServerSettings.load(file: file.path, environment: [:], arguments: []).settings
        #expect(settings.postgresql.connection != nil && settings.s3.bucket == "wharf")
    }

    @Test("The variables of the units are understood")
    func variables() throws {
        var environment = ["WHARF_POSTGRESQL_CONNECTION": "dbname=wharf", "WHARF_S3_BUCKET": "wharf"]
        environment["WHARF_S3_ACCESS_KEY"] = "wharf"
        let known = environment.count
        for path in ["systemd/wharf.service", "systemd/stores.conf"] {
            for match in try Self.text(path).matches(of: /(WHARF_[A-Z0-9_]+)=(\S+)/) {
                environment[String(match.1)] = String(match.2)
            }
        }
        #expect(environment.count == known + 3)
        #expect(throws: Never.self) { try ServerSettings.load(environment: environment, arguments: []) }
    }

    @Test(
        "Who ends a server lets it drain first",
        arguments: [
            ("systemd/wharf.service", "TimeoutStopSec="), ("compose/compose.yaml", "stop_grace_period: "),
            ("kubernetes/deployment.yaml", "terminationGracePeriodSeconds: "),
        ]
    )
    func grace(path: String, key: String) throws {
        let text = try Self.text(path)
        let begin = try #require(text.range(of: key)).upperBound
        let patience = try #require(Int(text[begin...].prefix { $0.isNumber }))
        #expect(.seconds(patience) >= ServerSettings().http.drainGrace + .seconds(10))
    }
}
