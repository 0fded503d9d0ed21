import Foundation
import Testing

@testable import Settings

@Suite struct SettingsProblemsTests {
    @Test(arguments: [
        ("http:\n  lisen: 1\n", "wharf.yaml:2: unknown key http.lisen; the nearest is http.listen"),
        ("\nlisten: 1\n", "wharf.yaml:2: unknown key listen; the nearest is http.listen"),
        ("htpp:\n  listen: 1\n", "wharf.yaml:2: unknown key htpp.listen; the nearest is http.listen"),
        ("http2: 1", "wharf.yaml:1: unknown key http2; the nearest is http.http2-window"),
        ("storage: {dtaa: x}", "wharf.yaml:1: unknown key storage.dtaa; the nearest is storage.data"),
        ("log: 5", "wharf.yaml:1: log must be a mapping of keys, not a value"),
        ("log: [a]", "wharf.yaml:1: log must be a mapping of keys, not a value"),
        ("log: {level: {a: b}}", "wharf.yaml:1: unknown key log.level.a; the nearest is log.level"),
        (
            "log:\n  level: loud",
            "wharf.yaml:2: log.level is \"loud\"; it must be one of trace, debug, info, notice, warning, error, "
                + "critical"
        ),
        ("log: {access: yes please}", "wharf.yaml:1: log.access is \"yes please\"; it must be true or false"),
        (
            "manifests: {size-max: 1B}",
            "wharf.yaml:1: manifests.size-max is \"1B\"; it must be a number of bytes such as 4MiB, 512KiB or 2GB, "
                + "from 64KiB to 64MiB"
        ),
        (
            "http: {trusted-proxies: [[a]]}",
            "wharf.yaml:1: http.trusted-proxies is a list of lists or mappings; it must be a list, each item an IP "
                + "address or a block such as 10.0.0.0/8, with no bit set behind the prefix"
        ),
    ])
    func `a fault in the file names the line, the key and what is expected`(yaml: String, message: String) {
        #expect(throws: SettingsError.self) { try load(yaml: yaml) }
        #expect(problems { () throws(SettingsError) in try load(yaml: yaml) } == [message])
    }

    @Test(arguments: [
        (["WHARF_HTTP_LISEN": "x"], "WHARF_HTTP_LISEN: unknown variable; the nearest is WHARF_HTTP_LISTEN"),
        (["WHARF_CONFIGS": "x"], "WHARF_CONFIGS: unknown variable; the nearest is WHARF_CONFIG"),
        (
            ["WHARF_HTTP_IDLE_TIMEOUT": "0s"],
            "WHARF_HTTP_IDLE_TIMEOUT: http.idle-timeout is \"0s\"; it must be a duration such as 500ms, 30s, 5m, 12h "
                + "or 7d, from 1s to 1d"
        ),
        (
            ["WHARF_TAGS_HISTORY_KEEP": "59m"],
            "WHARF_TAGS_HISTORY_KEEP: tags.history-keep is \"59m\"; it must be a duration such as 500ms, 30s, 5m, 12h "
                + "or 7d, from 1h to 36500d"
        ),
        (
            ["WHARF_TAGS_HISTORY_KEEP": "0s"],
            "WHARF_TAGS_HISTORY_KEEP: tags.history-keep is \"0s\"; it must be a duration such as 500ms, 30s, 5m, 12h "
                + "or 7d, from 1h to 36500d"
        ),
    ])
    func `a fault in the environment names the variable`(environment: [String: String], message: String) {
        #expect(problems { () throws(SettingsError) in try load(environment) } == [message])
    }

    @Test(arguments: [
        (["--lisen", "127.0.0.1:1"], "--lisen: unknown flag; the nearest is --listen"),
        (["--confg=a"], "--confg: unknown flag; the nearest is --config"),
        (["--data"], "--data: a value must follow: a path"),
        (["--data", "--allow-anonymous"], "--data: a value must follow: a path"),
        (["surplus"], "surplus: this word belongs to no flag"),
        (
            ["--http-threads", "many"],
            "--http-threads: http.threads is \"many\"; it must be a whole number, from 0 to 256"
        ),
        (["--http-threads=-1"], "--http-threads: http.threads is \"-1\"; it must be a whole number, from 0 to 256"),
    ])
    func `a fault in the flags names the flag`(arguments: [String], message: String) {
        #expect(problems { () throws(SettingsError) in try load([:], arguments) } == [message])
    }

    @Test func `all faults are told at once, also of values that are replaced`() {
        let found = problems { () throws(SettingsError) in
            try load(
                yaml: "log: {level: loud}\nlgo: 1",
                ["WHARF_LOG_FORMAT": "xml"],
                ["--log-level", "info", "--nope"]
            )
        }
        #expect(found.count == 4)
    }

    @Test(arguments: ["a: [", "a: 1\na: 2", "- a", "text", "a: 1\n---\nb: 2"])
    func `a file that is no mapping in YAML is refused`(yaml: String) throws {
        let error = try #require(throws: SettingsError.self) { try load(yaml: yaml) }
        #expect(error.problems.map(\.code) == [.unreadableFile])
        #expect(error.description.contains(#/^wharf\.yaml(:\d+)?: the configuration file /#))
    }

    @Test(arguments: [
        ("http:\n  listen: *:5000\n", 2, "an unquoted * is not valid YAML: write \"*:5000\" in quotes"),
        ("log:\n\tlevel: info\n", 2, "a tab stands where only spaces may indent: replace it by spaces"),
        ("log:\n  level: 'info\n", 2, "the quote that begins here is not closed"),
        (
            "log: &log {level: info}\n", 1,
            "anchors and aliases (&name, *name) are not taken: write the value out where it "
                + "is used"
        ),
    ])
    func `a file that is no YAML is refused with the line and what to do`(yaml: String, line: Int, sentence: String) {
        let message = "wharf.yaml:\(line): the configuration file is not YAML: \(sentence)"
        #expect(problems { () throws(SettingsError) in try load(yaml: yaml) } == [message])
    }

    @Test func `a file that is not there or is a folder is refused`() {
        let missing = problems { () throws(SettingsError) in
            try ServerSettings.load(file: "/nowhere/wharf.yaml", environment: [:], arguments: [])
        }
        #expect(missing == ["/nowhere/wharf.yaml: the configuration file cannot be read: No such file or directory"])
        let folder = problems { () throws(SettingsError) in
            try ServerSettings.load(file: "/", environment: [:], arguments: [])
        }
        #expect(folder == ["/: the configuration file cannot be read; is it a folder?"])
    }

    @Test(arguments: [("certificate", "key"), ("key", "certificate")])
    func `a certificate without its key, or a key without its certificate, is refused`(given: String, missing: String) {
        let found = problems { () throws(SettingsError) in try load([:], ["--tls-\(given)", "a.pem"]) }
        #expect(found == ["http.tls.\(given) is given and http.tls.\(missing) is not: give both or none"])
    }

    @Test(arguments: [
        ("{cdn-key: k}", "s3.cdn-key is given and s3.cdn is not"),
        ("{redirect: true, cdn-key-id: K1}", "s3.cdn-key-id is given and s3.cdn is not"),
        ("{cdn: https://a, cdn-key: k, cdn-key-id: K1}", "s3.redirect is not on"),
        ("{redirect: true, cdn: https://a, cdn-key-id: K1}", "s3.cdn-key is not: addresses have to be signed"),
        ("{redirect: true, cdn: https://a, cdn-key: k}", "s3.cdn-key-id is not given"),
        (
            "{redirect: true, cdn: https://a, cdn-signing: nginx, cdn-key: k, redirect-endpoint: https://b}",
            "clients go to one of them"
        ),
    ])
    func `half of a CDN is refused`(keys: String, words: String) {
        let text = "s3: {bucket: b, \(keys.dropFirst())"
        let found = problems { () throws(SettingsError) in try load(yaml: text) }
        #expect(found.count == 1 && found[0].contains(words), "\(found)")
    }

    @Test(arguments: ["0.0.0.0:5000", "[::]:5000", "192.0.2.1:5000", "registry.example:5000"])
    func `on an address that others reach a login is needed, unless everyone may come in`(address: String) throws {
        #expect(try load([:], ["--listen", address]).settings.isAccessControlled)
        let open = try load([:], ["--listen", address, "--allow-anonymous"]).settings
        #expect(!open.isAccessControlled && open.http.listen.description == address)
    }

    @Test(arguments: ["127.0.0.1:5000", "[::1]:5000", "localhost:5000"])
    func `on a loopback address a login is needed when that is asked for`(address: String) throws {
        #expect(!(try load([:], ["--listen", address]).settings.isAccessControlled))
        #expect(try load([:], ["--listen", address, "--access-required"]).settings.isAccessControlled)
    }

    @Test func `that everyone must log in and nobody need to is refused`() throws {
        let error = try #require(throws: SettingsError.self) {
            try load([:], ["--access-required", "--allow-anonymous"])
        }
        #expect(error.problems.map(\.code) == [.contradiction])
    }

    @Test func `files that are named and cannot be read are found, all of them`() throws {
        let arguments = ["--tls-certificate", "/nowhere/chain.pem", "--tls-key", "/tmp"]
        let loaded = try ServerSettings.load(environment: [:], arguments: arguments)
        let error = #expect(throws: SettingsError.self) { try loaded.checkFiles() }
        #expect(error?.problems.map(\.code) == [.unreadableFile, .unreadableFile])
        let sentences = [
            "--tls-certificate: http.tls.certificate is \"/nowhere/chain.pem\", which does not exist",
            "--tls-key: http.tls.key is \"/tmp\", which is a folder, not a file",
        ]
        #expect(error?.description == sentences.joined(separator: "\n"))
        try ServerSettings.load(environment: [:], arguments: []).checkFiles()
    }

    private func problems(_ load: () throws(SettingsError) -> LoadedSettings<ServerSettings>) -> [String] {
        do {
            _ = try load()
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}
