import Foundation
import Testing

@testable import Settings

@Suite struct SettingsTableTests {
    let table = ServerSettings.table

    @Test func `names of keys, flags and variables are unique and well formed`() {
        let keys = table.declarations.map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(Set(table.declarations.map(\.flag)).count == keys.count)
        #expect(Set(table.declarations.map(\.environmentName)).count == keys.count)
        for declaration in table.declarations {
            #expect(declaration.key.wholeMatch(of: #/[a-z0-9-]+(\.[a-z0-9-]+)+/#) != nil)
            #expect(declaration.flag.wholeMatch(of: #/--[a-z0-9]+(-[a-z0-9]+)*/#) != nil)
            #expect(declaration.sentence.hasSuffix("."))
        }
        #expect(!table.declarations.contains { $0.flag == "--config" || $0.flag == "--help" })
    }

    @Test func `a switch that is on by itself says how to switch it off, and no other does`() throws {
        let page = ServerSettings.referencePage
        #expect(page.contains("- Flag: `--log-access`, and to switch it off `--log-access=false`\n"))
        #expect(page.contains("- Flag: `--allow-anonymous`\n"))
        #expect(ServerSettings.flagHelp.contains("  --log-access[=false]\n"))
        #expect(ServerSettings.flagHelp.contains("  --allow-anonymous\n"))
        let loaded = try ServerSettings.load(environment: [:], arguments: ["--log-access=false"])
        #expect(!loaded.settings.log.access)
    }

    @Test func `every key belongs to a section that is described`() {
        let first = Set(table.declarations.map { String($0.key.prefix { $0 != "." }) })
        #expect(first == Set(table.sections.map(\.name)))
    }

    @Test func `every value of the settings has a key, and every key moves another value`() {
        var leaves = 0
        let groups: Set = [
            "ServerSettings", "Storage", "PostgreSQL", "S3", "HTTP", "TLS", "Access", "Limits", "Audit", "Events",
            "Jobs", "GC", "Scrub", "Trash", "Tags", "Uploads", "Manifests", "Log",
        ]
        func count(_ value: Any) {
            let mirror = Mirror(reflecting: value)
            let isGroup = groups.contains("\(type(of: value))")
            if isGroup { mirror.children.forEach { count($0.value) } } else { leaves += 1 }
        }
        count(ServerSettings())
        #expect(leaves == table.declarations.count)

        let samples = [
            "/x", "7", "7000", "0.5", "[::2]:7", "fd00::/8", "7MiB", "70KiB", "70s", "8d", "7/h", "7MiB/h", "user:x",
            "true", "false", "json", "error", "https://a", "path", "kms", "crc32", "nginx",
        ]
        let moved = table.declarations.compactMap { declaration in
            samples.lazy.map { sample in
                var changed = ServerSettings()
                return declaration.assign(sample, &changed) ? "\(changed)" : "\(ServerSettings())"
            }.first { $0 != "\(ServerSettings())" }
        }
        #expect(Set(moved).count == table.declarations.count)
    }

    @Test func `each default is a value that could be given`() {
        for declaration in table.declarations {
            var settings = ServerSettings()
            #expect(declaration.assign(declaration.shown(table.defaults), &settings), "\(declaration.key)")
            #expect("\(settings)" == "\(ServerSettings())")
        }
    }

    @Test func `what is shown can be read again and gives the same values, now from a file`() throws {
        let arguments = [
            "--listen", "[::]:7", "--allow-anonymous", "--path-prefix", "/a", "--tls-key", "k\"1", "--tls-certificate",
            "c",
        ]
        let loaded = try load([:], arguments)
        let shown = loaded.yaml()
        #expect(shown.contains("  listen: \"[::]:7\"  # --listen\n"))
        #expect(shown.contains("  idle-timeout: \"2m\"  # default\n"))
        let again = try load(yaml: shown)
        #expect("\(again.settings)" == "\(loaded.settings)")
    }

    @Test(arguments: [
        ("", "abc", 3), ("kitten", "sitting", 3), ("listen", "lisen", 1), ("dtaa", "data", 1), ("A", "a", 0),
    ])
    func `the distance of words is counted in edits`(left: String, right: String, edits: Int) {
        #expect(Spelling.edits(left, right) == edits)
        #expect(Spelling.edits(right, left) == edits)
    }

    @Test func `a secret is shown nowhere`() throws {
        struct Root { var password: Secret? }
        let secrets = SettingsTable<Root>(
            defaults: Root(),
            sections: [("a", "A.")],
            declarations: [SettingDeclaration("a.password", \.password, "The password.")],
            contradictions: { _ in [] }
        )
        let loaded = try secrets.load(file: nil, environment: ["WHARF_A_PASSWORD": "hunter2"], arguments: [])
        #expect(try loaded.settings.password?.revealed() == "hunter2")
        #expect(loaded.yaml() == "a:\n  password: \"<redacted>\"  # WHARF_A_PASSWORD\n")
        let wrong = SettingsTable<Root>(
            defaults: Root(),
            sections: [],
            declarations: [SettingDeclaration("a.password", \.password, "The password.")],
            contradictions: { _ in [.contradiction("no")] }
        )
        let error = try #require(throws: SettingsError.self) {
            try wrong.load(file: nil, environment: ["WHARF_A_PASSWORD": "hunter2"], arguments: [])
        }
        #expect(!"\(error)".contains("hunter2"))
    }
}

@Suite struct GeneratedTextTests {
    @Test func `the schema is JSON and knows every key with its type and its default`() throws {
        let schema = try #require(
            JSONSerialization.jsonObject(with: Data(ServerSettings.jsonSchema.utf8)) as? [String: Any]
        )
        for declaration in ServerSettings.table.declarations {
            var node: [String: Any]? = schema
            for word in declaration.key.split(separator: ".") {
                #expect(node?["additionalProperties"] as? Bool == false)
                node = (node?["properties"] as? [String: Any])?[String(word)] as? [String: Any]
            }
            let property = try #require(node, "\(declaration.key)")
            #expect(property["type"] != nil)
            #expect((property["description"] as? String)?.hasPrefix(declaration.sentence) == true)
            #expect((property["default"] == nil) == (declaration.json(ServerSettings()) == nil))
        }
    }

    @Test func `the patterns of the schema take each default`() throws {
        for declaration in ServerSettings.table.declarations {
            guard case .string(let pattern)? = declaration.schema.first(where: { $0.name == "pattern" })?.value,
                declaration.json(ServerSettings()) != nil
            else { continue }
            let expression = try Regex(pattern)
            #expect(declaration.shown(ServerSettings()).wholeMatch(of: expression) != nil, "\(declaration.key)")
        }
    }

    @Test func `the reference page has every key with flag, variable and default`() {
        let page = ServerSettings.referencePage
        for declaration in ServerSettings.table.declarations {
            #expect(page.contains("### `\(declaration.key)`\n\n\(declaration.sentence)\n"))
            #expect(page.contains("- Flag: `\(declaration.flag)"))
            #expect(page.contains("- Environment: `\(declaration.environmentName)`\n"))
        }
        #expect(page.contains("- Default: `127.0.0.1:5000`\n"))
    }

    @Test func `the page in the documentation is what the program writes`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = root.appending(path: "Documentation/configuration.md")
        #expect(try String(contentsOf: page, encoding: .utf8) == ServerSettings.referencePage, "run make docs")
    }

    @Test func `the help has every flag and no line is wider than a terminal`() {
        let help = ServerSettings.flagHelp
        let flags = help.split(separator: "\n").filter { $0.hasPrefix("  --") }
        #expect(flags.count == ServerSettings.table.declarations.count)
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
