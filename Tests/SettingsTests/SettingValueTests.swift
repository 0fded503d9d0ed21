import NetworkAddress
import Testing

@testable import Settings

@Suite struct SettingValueTests {
    @Test(arguments: [
        ("30s", Duration.seconds(30), "30s"), ("7d", .seconds(604_800), "7d"), ("120s", .seconds(120), "2m"),
        ("1h30m", .seconds(5400), "90m"), ("500ms", .milliseconds(500), "500ms"), ("0s", .zero, "0s"),
    ])
    func `durations are numbers with units`(text: String, value: Duration, shown: String) {
        #expect(Duration(settingText: text) == value)
        #expect(value.settingText == shown)
    }

    @Test(arguments: ["", "30", "s", "30 s", "-1s", "1.5h", "30sec", "99999999999999999999d", "9223372036854775807d"])
    func `what is no duration is refused`(text: String) {
        #expect(Duration(settingText: text) == nil)
    }

    @Test(arguments: [
        ("64MiB", 64 << 20, "64MiB"), ("4096", 4096, "4KiB"), ("1500B", 1500, "1500B"), ("2GB", 2_000_000_000, "2GB"),
        ("512 KiB", 512 << 10, "512KiB"), ("0", 0, "0B"), ("1TiB", 1 << 40, "1TiB"), ("3kB", 3000, "3kB"),
    ])
    func `byte counts are numbers with units`(text: String, bytes: Int, shown: String) {
        #expect(ByteCount(settingText: text) == ByteCount(bytes: bytes))
        #expect(ByteCount(bytes: bytes).description == shown)
        #expect(ByteCount(settingText: shown) == ByteCount(bytes: bytes))
    }

    @Test(arguments: ["", "MiB", "-1", "1.5GiB", "10M", "64mib", "9223372036854775807KiB", "1 2"])
    func `what is no byte count is refused`(text: String) {
        #expect(ByteCount(settingText: text) == nil)
    }

    @Test(arguments: [
        ("100/s", 100, Duration.seconds(1), "100/s"), ("6000/m", 6000, .seconds(60), "6000/m"),
        ("100/6h", 100, .seconds(21_600), "100/6h"), ("5/60s", 5, .seconds(60), "5/m"),
        ("1/1d", 1, .seconds(86_400), "1/d"), ("7/1h30m", 7, .seconds(5400), "7/90m"),
        ("3/10s", 3, .seconds(10), "3/10s"),
    ])
    func `rates are numbers in a time`(text: String, count: Int, window: Duration, shown: String) {
        #expect(Rate(settingText: text) == Rate(count, per: window))
        #expect(Rate(count, per: window).settingText == shown)
        #expect(Rate(settingText: shown) == Rate(count, per: window))
    }

    @Test(arguments: [
        "", "100", "100/", "/s", "0/s", "-1/s", "+1/s", "1.5/s", "100/0s", "100/500ms", "100/s/s", "100 /s", "100/ s",
        "100/second", "100/367d", "99999999999999999999/s",
    ])
    func `what is no rate is refused`(text: String) {
        #expect(Rate(settingText: text) == nil)
    }

    @Test(arguments: [
        ("50MiB/s", ByteCount.mebibytes(50), Duration.seconds(1), "50MiB/s"),
        ("1TiB/30d", .gibibytes(1024), .seconds(30 * 86_400), "1TiB/30d"),
        ("4096/1m", .kibibytes(4), .seconds(60), "4KiB/m"),
    ])
    func `rates of bytes are byte counts in a time`(text: String, bytes: ByteCount, window: Duration, shown: String) {
        #expect(ByteRate(settingText: text) == ByteRate(bytes, per: window))
        #expect(ByteRate(bytes, per: window).settingText == shown)
    }

    @Test(arguments: ["", "50MiB", "MiB/s", "0/s", "50M/s", "50MiB/", "50MiB/0s"])
    func `what is no rate of bytes is refused`(text: String) {
        #expect(ByteRate(settingText: text) == nil)
    }

    @Test func `who is exempt is named with its kind`() {
        for text in ["user:alice", "robot:team+ci", "user:a:b"] {
            #expect(LimitedPrincipal(settingText: text)?.settingText == text)
        }
        for text in ["alice", "user:", "group:ops", "", ":x"] {
            #expect(LimitedPrincipal(settingText: text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("127.0.0.1:5000", "127.0.0.1", 5000, true), ("[::1]:0", "::1", 0, true),
        ("localhost:80", "localhost", 80, true),
        ("0.0.0.0:65535", "0.0.0.0", 65535, false), ("[::]:5000", "::", 5000, false),
        ("127.8.9.10:1", "127.8.9.10", 1, true), ("registry.example:443", "registry.example", 443, false),
    ])
    func `addresses to listen on`(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(settingText: text))
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "5000", ":5000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:5000", "[::1]", "[127.0.0.1]:1",
        "host:+1", "http://host:1", "a b:1", "host:-1",
    ])
    func `what is no address to listen on is refused`(text: String) {
        #expect(ListenAddress(settingText: text) == nil)
    }

    @Test(arguments: ["", "/registry", "/a/b-c_d.e~f"])
    func `prefixes of paths`(text: String) {
        #expect(PathPrefix(settingText: text)?.description == text)
    }

    @Test(arguments: ["registry", "/", "/a/", "//a", "/a//b", "/a/../b", "/.", "/a%20", "/a b", "/ü"])
    func `what is no prefix of a path is refused`(text: String) {
        #expect(PathPrefix(settingText: text) == nil)
    }

    @Test func `lists take items between commas`() throws {
        let blocks = try #require([AddressBlock](settingText: "10.0.0.0/8, ::1"))
        #expect(blocks.map(\.description) == ["10.0.0.0/8", "::1"])
        #expect([AddressBlock](settingText: "") == [])
        #expect([AddressBlock](settingText: "10.0.0.0/8,nonsense") == nil)
    }

    @Test func `a secret is redacted however it is printed`() throws {
        struct Holder { let secret = Secret("hunter2") }
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Holder(), to: &dumped)
        let printed = ["\(secret)", String(reflecting: secret), "\(Holder())", "\([secret])", dumped]
        for text in printed { #expect(!text.contains("hunter2") && text.contains("<redacted>")) }
        #expect(try secret.revealed() == "hunter2")
    }
}
