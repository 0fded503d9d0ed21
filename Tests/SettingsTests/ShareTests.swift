import Testing

@testable import Settings

@Suite struct ShareTests {
    @Test(arguments: [
        ("0", 0), ("1", 1), ("0.01", 0.01), ("0.5", 0.5), ("00.250", 0.25), ("0.000001", 0.000001), ("0.3", 0.3),
        ("0.999999", 0.999999),
    ])
    func `a share is read as it is written`(text: String, value: Double) throws {
        let share = try #require(Share(settingText: text))
        #expect(share.value == value)
        #expect(Share(settingText: share.settingText) == share)
    }

    @Test(arguments: [
        "", "-1", "+1", ".5", "1.", "1e-3", "nan", "inf", "0x1", "1,5", "1 ", "10%", "٠", "000000000000000000000",
        "0.0000001",
    ])
    func `a text that is no share is refused`(text: String) {
        #expect(Share(settingText: text) == nil)
    }

    @Test(arguments: ["1.01", "2"])
    func `a share above all is outside of the limits`(text: String) {
        #expect(throws: SettingsError.self) {
            try ServerSettings.load(environment: ["WHARF_AUDIT_PULLS": text], arguments: [])
        }
    }

    @Test func `the share of pulls and how long the audit is kept can be set`() throws {
        let environment = ["WHARF_AUDIT_PULLS": "0.01", "WHARF_AUDIT_KEEP": "30d"]
        let settings = try ServerSettings.load(environment: environment, arguments: []).settings
        #expect(settings.audit.pulls == Share(0.01))
        #expect(settings.audit.keep == .seconds(30 * 86_400))
    }
}
