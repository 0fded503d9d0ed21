import Documents
import OCI
import Testing

@testable import Imaging

@Suite struct ImageConfigTests {
    /// A config as BuildKit writes it, with fields that nobody here knows.
    private let text = #"""
        {"architecture":"arm64","os":"linux","variant":"v8","os.features":["x"],"moby.buildkit.trace":{"a":1.50},
        "config":{"User":"","Env":["PATH=/bin","EMPTY="],"Entrypoint":null,"Cmd":["sh"],"OnBuild":["RUN x"],
        "Labels":{"b":"2","a":"1"},"ExposedPorts":{"80/tcp":{}},"Healthcheck":{"Test":["CMD","true"]}},
        "rootfs":{"type":"layers","diff_ids":
        ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]},
        "history":[{"created":"2024-01-01T00:00:00Z","created_by":"RUN"},{"comment":"nothing","empty_layer":true}]}
        """#

    @Test func `what a config says is read`() throws {
        let config = try ImageConfig(parsing: Array(text.utf8))
        #expect(config.platform == Platform(architecture: "arm64", os: "linux", variant: "v8"))
        #expect(config.user == nil)
        #expect(config.environment == ["PATH=/bin", "EMPTY="])
        #expect(config.entrypoint == nil)
        #expect(config.command == ["sh"])
        #expect(config.labels == [NamedText("b", "2"), NamedText("a", "1")])
        #expect(config.exposedPorts == ["80/tcp"])
        #expect(config.diffIDs.count == 1)
        #expect(config.history.map(\.isEmptyLayer) == [false, true])
        #expect(config.healthcheck != nil)
    }

    @Test func `what is not understood stays where it stood through a change`() throws {
        var config = try ImageConfig(parsing: Array(text.utf8))
        var change = ConfigChange()
        change.labels = TextChanges(assigned: [NamedText("a", "3"), NamedText("c", "4")], removed: ["b"])
        change.environment = TextChanges(assigned: [NamedText("PATH", "/usr/bin")], removed: ["EMPTY"])
        change.user = .set("1000:1000")
        change.exposedPorts = NameChanges(added: ["443", "53/udp"], removed: ["80"])
        try change.apply(to: &config)
        let expected = text.replacing("\n", with: "")
            .replacing(#""Labels":{"b":"2","a":"1"}"#, with: #""Labels":{"a":"3","c":"4"}"#)
            .replacing(#"["PATH=/bin","EMPTY="]"#, with: #"["PATH=/usr/bin"]"#)
            .replacing(#""User":"""#, with: #""User":"1000:1000""#)
            .replacing(#"{"80/tcp":{}}"#, with: #"{"443/tcp":{},"53/udp":{}}"#)
        #expect(String(decoding: config.bytes, as: UTF8.self) == expected)
    }

    @Test func `an entrypoint that is set takes the command with it, unless one is set too`() throws {
        let before = try ImageConfig(parsing: Array(text.utf8))
        var change = ConfigChange()
        change.entrypoint = .set(["/app"])
        var config = before
        try change.apply(to: &config)
        #expect(config.entrypoint == ["/app"] && config.command == nil)
        change.command = .set(["serve"])
        config = before
        try change.apply(to: &config)
        #expect(config.entrypoint == ["/app"] && config.command == ["serve"])
    }

    @Test(arguments: [
        ("[]", "it is no JSON object"),
        (#"{"os":7}"#, "os is no text"),
        (#"{"config":[]}"#, "config is no object"),
        (#"{"config":{"Env":"A=b"}}"#, "config.Env is no list of texts"),
        (#"{"config":{"Labels":{"a":1}}}"#, "config.Labels has the label a, which is no text"),
        (#"{"rootfs":{"diff_ids":["sha256:12"]}}"#, "rootfs.diff_ids[0] has 2 digits after the colon in place of 64"),
        (#"{"history":[{"empty_layer":"yes"}]}"#, "history[0].empty_layer is neither true nor false"),
    ])
    func `a config with a field of the wrong type is refused by name`(text: String, problem: String) {
        #expect(refusal(of: text) == "The config of the image is not valid: \(problem).")
    }

    private func refusal(of text: String) -> String {
        do throws(ImagingError) {
            _ = try ImageConfig(parsing: Array(text.utf8))
            return "nothing"
        } catch {
            return error.message
        }
    }

    @Test(
        arguments: [
            { $0.exposedPorts.added = ["http"] }, { $0.exposedPorts.added = ["70000"] },
            { $0.volumes.added = ["data"] },
            { $0.workingDirectory = .set("app") }, { $0.created = .set("yesterday") }, { $0.user = .set("") },
            { $0.user = .set("a:b:c") }, { $0.user = .set("a:") },
            { $0.environment.assigned = [NamedText("A=B", "c")] }, { $0.labels.assigned = [NamedText("", "c")] },
        ] as [@Sendable (inout ConfigChange) -> Void]
    )
    func `a change that makes no sense is refused`(edit: @Sendable (inout ConfigChange) -> Void) throws {
        var change = ConfigChange()
        edit(&change)
        var config = try ImageConfig(parsing: Array(text.utf8))
        let before = config
        #expect(throws: ImagingError(.requestInvalid, "")) { try change.apply(to: &config) }
        #expect(config == before)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (1_704_067_200, "2024-01-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    ])
    func `times are written and read as RFC 3339`(seconds: Int64, text: String) {
        #expect(Timestamp.text(seconds) == text)
        #expect(Timestamp.seconds(text) == seconds)
    }

    @Test(arguments: [
        ("2024-01-01T02:30:00.123456789+02:30", 1_704_067_200), ("2023-12-31T19:00:00-05:00", 1_704_067_200),
        ("2024-13-01T00:00:00Z", nil), ("2024-01-01 00:00:00Z", nil), ("2024-01-01T00:00:00", nil), ("", nil),
    ])
    func `times of other zones are read, and nothing else`(text: String, seconds: Int64?) {
        #expect(Timestamp.seconds(text) == seconds)
    }

    @Test(arguments: ["-1", "soon", "99999999999999999999"])
    func `a SOURCE_DATE_EPOCH that is no time is refused`(text: String) throws {
        #expect(throws: ImagingError(.requestInvalid, "")) {
            try Timestamp.sourceDateEpoch(["SOURCE_DATE_EPOCH": text])
        }
        #expect(try Timestamp.sourceDateEpoch(["SOURCE_DATE_EPOCH": "86400"]) == 86400)
        #expect(try Timestamp.sourceDateEpoch([:]) == 0)
    }
}
