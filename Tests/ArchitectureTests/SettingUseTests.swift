import Testing

@Suite struct SettingUseTests {
    @Test func `every setting that is declared is read by the program`() throws {
        let files = try SourceFile.all(under: [SettingUse.programs, "Sources/Ground/Settings"], extensions: ["swift"])
        let keys = files.filter { SettingUse.declarations.contains($0.path) }
        try #require(keys.count == SettingUse.declarations.count)
        let declared = keys.flatMap { SettingUse.declared(in: $0) }
        #expect(declared.count == keys.flatMap(\.codeLines).count { $0.contains(#/^ +Declaration\(/#) })
        #expect(declared.count > 20)
        let readers = files.filter { $0.isUnder(SettingUse.programs) || SettingUse.declarations.contains($0.path) }
        #expect(SettingUse.unused(declared, by: readers) == [])
    }

    @Test(arguments: [
        ("let a = settings.http.tls.key", []), ("if http.tls.key?.path == nil {}", []), ("f(tls.key)", []),
        ("func f(_ settings: ServerSettings.TLS) { settings.key }", []), ("settings.key", ["http.tls.key"]),
        ("// http.tls.key", ["http.tls.key"]), ("let a = \"tls.key\"", ["http.tls.key"]),
        ("Declaration(\"a\", \\.http.tls.key, \"b\")", ["http.tls.key"]), ("tls.keys", ["http.tls.key"]),
        ("storage.key", ["http.tls.key"]), ("tls.certificate", ["http.tls.key"]),
    ])
    func `a use is known from what only looks like one`(text: String, unused: [String]) {
        let file = SourceFile(path: "Sources/Programs/wharf/A.swift", text: text)
        #expect(SettingUse.unused(["http.tls.key"], by: [file]) == unused)
    }
}
