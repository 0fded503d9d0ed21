import Foundation
import NetworkAddress
import Testing

@testable import Settings

/// Reads the server's settings from texts, as the program would from its surroundings.
func load(
    yaml: String? = nil,
    _ environment: [String: String] = [:],
    _ arguments: [String] = []
) throws(SettingsError) -> LoadedSettings<ServerSettings> {
    let file = yaml.map { ConfigurationFile(path: "wharf.yaml", text: $0) }
    return try ServerSettings.table.load(file: file, environment: environment, arguments: arguments)
}

@Suite struct SettingsSourcesTests {
    @Test func `without any configuration the defaults hold`() throws {
        let loaded = try load()
        #expect(loaded.settings.http.listen == ListenAddress(host: "127.0.0.1", port: 5000))
        #expect(loaded.settings.storage.data.description == "./wharf-data")
        #expect(loaded.settings.uploads.abandonedAfter == .seconds(604_800))
        #expect(loaded.origin(of: "http.listen") == .builtIn)
    }

    @Test func `flags win over environment, environment over file, file over default`() throws {
        let yaml = "http:\n  idle-timeout: 10s\n  header-timeout: 11s\n  stall-timeout: 12s\n"
        let environment = ["WHARF_HTTP_IDLE_TIMEOUT": "20s", "WHARF_HTTP_HEADER_TIMEOUT": "21s"]
        let loaded = try load(yaml: yaml, environment, ["--http-idle-timeout", "30s"])
        #expect(loaded.settings.http.idleTimeout == .seconds(30))
        #expect(loaded.settings.http.headerTimeout == .seconds(21))
        #expect(loaded.settings.http.stallTimeout == .seconds(12))
        #expect(loaded.settings.http.drainGrace == .seconds(30))
        #expect(loaded.origin(of: "http.idle-timeout") == .flag("--http-idle-timeout"))
        #expect(loaded.origin(of: "http.header-timeout") == .environment("WHARF_HTTP_HEADER_TIMEOUT"))
        #expect(loaded.origin(of: "http.stall-timeout") == .file(path: "wharf.yaml", line: 4))
    }

    @Test(arguments: ["- 10.0.0.0/8\n    - ::1", "[10.0.0.0/8, '::1']", "10.0.0.0/8,::1"])
    func `a list in the file is a YAML list or a text with commas`(value: String) throws {
        let indented = value.hasPrefix("-") ? "\n    \(value)" : " \(value)"
        let loaded = try load(yaml: "http:\n  trusted-proxies:\(indented)\n")
        #expect(loaded.settings.http.trustedProxies.map(\.description) == ["10.0.0.0/8", "::1"])
    }

    @Test(arguments: [["--allow-anonymous"], ["--allow-anonymous=true"]])
    func `a switch needs no value`(arguments: [String]) throws {
        #expect(try load([:], arguments).settings.access.allowAnonymous)
    }

    @Test func `a switch can be put off again`() throws {
        let loaded = try load(yaml: "access: {allow-anonymous: true}", [:], ["--allow-anonymous=false"])
        #expect(!loaded.settings.access.allowAnonymous)
    }

    @Test func `an empty value takes back what the file says`() throws {
        let yaml = "http: {tls: {certificate: a.pem, key: b.pem}}"
        let loaded = try load(yaml: yaml, ["WHARF_HTTP_TLS_KEY": ""], ["--tls-certificate="])
        #expect(loaded.settings.http.tls.certificate == nil)
        #expect(loaded.settings.http.tls.key == nil)
    }

    @Test(arguments: ["", "# nothing\n", "http:\n", "{}", "---\n", "~", "http:\n  listen:\n"])
    func `an empty file and empty sections say nothing`(yaml: String) throws {
        #expect(try load(yaml: yaml).origin(of: "http.listen") == .builtIn)
    }

    @Test func `what Kubernetes sets for a service called wharf is passed over`() throws {
        _ = try load([
            "WHARF_SERVICE_HOST": "10.0.0.1", "WHARF_SERVICE_PORT": "80", "WHARF_SERVICE_PORT_HTTP": "80",
            "WHARF_PORT": "tcp://10.0.0.1:80", "WHARF_PORT_80_TCP": "x", "WHARF_PORT_80_TCP_PROTO": "tcp",
            "WHARF_PORT_80_TCP_ADDR": "x", "WHARF_REGISTRY_SERVICE_HOST": "x", "WHARF_REGISTRY_PORT_80_TCP_PORT": "x",
            "PATH": "/bin", "WHARFINGER": "x", "WHARF_CONFIG": "/nowhere",
        ])
    }

    @Test func `the variable for the file is used when no flag names one`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "wharf-settings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "a.yaml").path()
        try Data("log: {level: debug}".utf8).write(to: URL(filePath: path))
        let byVariable = try ServerSettings.load(environment: ["WHARF_CONFIG": path], arguments: [])
        #expect(byVariable.settings.log.level == .debug)
        #expect(byVariable.origin(of: "log.level") == .file(path: path, line: 1))
        let byFlag = try ServerSettings.load(file: path, environment: ["WHARF_CONFIG": "/nowhere"], arguments: [])
        #expect(byFlag.settings.log.level == .debug)
    }
}
