import RegistryTesting
import Testing

/// Range requests for blobs (RFC 9110, section 14).
@Suite struct Ranges {
    static let blob = SampleBlob(count: 2048, seed: 7)

    /// Runs a test with the blob pushed, and its path.
    static func withBlob(
        _ harness: Harness,
        _ body: @Sendable (Client, String) async throws -> Void
    ) async throws {
        try await harness.withClient { client in
            try await client.push(blob, to: "app")
            try await body(client, "/v2/app/blobs/\(blob.digest)")
        }
    }

    @Test(.requires("pull-blob-range", "wharf-range-part"), arguments: Harness.allCases)
    func `a range gives exactly these bytes and says which`(harness: Harness) async throws {
        let cases: [(String, ClosedRange<Int>)] = [
            ("bytes=0-0", 0...0), ("bytes=500-1499", 500...1499), ("bytes=500-", 500...2047),
            ("bytes=-500", 1548...2047), ("bytes=2000-5000", 2000...2047), ("bytes=-5000", 0...2047),
            ("bytes=2047-", 2047...2047), ("bytes=0-99999999999999999999", 0...2047), ("BYTES=1-2", 1...2),
            ("bytes= 1-2", 1...2),
        ]
        try await Self.withBlob(harness) { client, path in
            for (range, expected) in cases {
                let response = try await client.get(path, headers: [("Range", range)])
                #expect(response.status == 206, "\(range)")
                #expect(response.body == Array(Self.blob.bytes[expected]), "\(range)")
                let told = "bytes \(expected.lowerBound)-\(expected.upperBound)/2048"
                #expect(response[header: "Content-Range"] == told, "\(range)")
                #expect(response[header: "Content-Length"] == "\(expected.count)", "\(range)")
                #expect(response[header: "Docker-Content-Digest"] == Self.blob.digest)
            }
        }
    }

    @Test(.requires("wharf-range-unsatisfiable"), arguments: Harness.allCases)
    func `a range outside of the blob is refused with the blob's size`(harness: Harness) async throws {
        let ranges = ["bytes=2048-", "bytes=5000-10000", "bytes=-0", "bytes=99999999999999999999-"]
        try await Self.withBlob(harness) { client, path in
            for range in ranges {
                let response = try await client.get(path, headers: [("Range", range)])
                #expect(response.status == 416, "\(range)")
                #expect(response[header: "Content-Range"] == "bytes */2048", "\(range)")
            }
            let empty = SampleBlob("")
            try await client.push(empty, to: "app")
            let response = try await client.get("/v2/app/blobs/\(empty.digest)", headers: [("Range", "bytes=0-")])
            #expect(response.status == 416)
            #expect(response[header: "Content-Range"] == "bytes */0")
        }
    }

    @Test(.requires("wharf-range-reversed"), arguments: Harness.allCases)
    func `a range that ends before it begins is refused`(harness: Harness) async throws {
        try await Self.withBlob(harness) { client, path in
            let response = try await client.get(path, headers: [("Range", "bytes=500-0")])
            #expect(response.status == 416)
            #expect(response[header: "Content-Range"] == "bytes */2048")
        }
    }

    @Test(.requires("wharf-range-broken", "wharf-range-many"), arguments: Harness.allCases)
    func `a range that cannot be read, and several at once, are answered with the whole`(harness: Harness) async throws
    {
        let ranges = [
            "bytes", "bytes=", "bytes=-", "bytes=abc", "bytes=1-2-3", "bytes=0x1-2", "items=0-1", "bytes 0-1",
            "bytes=1-b", "bytes=--1", "=0-1", "\u{1}", "bytes=0-1,5-6", "bytes=0-1,",
        ]
        try await Self.withBlob(harness) { client, path in
            for range in ranges where harness == .socketless || !range.contains("\u{1}") {
                let response = try await client.get(path, headers: [("Range", range)])
                #expect(response.status == 200, "\(range)")
                #expect(response.body == Self.blob.bytes, "\(range)")
                #expect(response[header: "Content-Range"] == nil, "\(range)")
            }
        }
    }

    @Test(.requires("wharf-if-range"), arguments: Harness.allCases)
    func `If-Range with the blob's tag gives the part, with another the whole`(harness: Harness) async throws {
        try await Self.withBlob(harness) { client, path in
            let cases = [
                ("\"\(Self.blob.digest)\"", 206), ("\"sha256:0\"", 200), ("W/\"\(Self.blob.digest)\"", 200),
                ("Sat, 29 Oct 1994 19:43:31 GMT", 200),
            ]
            for (tag, status) in cases {
                let response = try await client.get(path, headers: [("Range", "bytes=0-9"), ("If-Range", tag)])
                #expect(response.status == status, "\(tag)")
                #expect(response.body == (status == 206 ? Array(Self.blob.bytes[0..<10]) : Self.blob.bytes), "\(tag)")
            }
        }
    }

    @Test(.requires("head-blob-length"), arguments: Harness.allCases)
    func `HEAD heeds no range`(harness: Harness) async throws {
        try await Self.withBlob(harness) { client, path in
            let response = try await client.head(path, headers: [("Range", "bytes=0-9")])
            #expect(response.status == 200)
            #expect(response[header: "Content-Length"] == "2048")
        }
    }

    @Test(.requires("pull-blob-range"), arguments: Harness.allCases)
    func `a pull that broke off goes on where it stopped`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 1_500_000, seed: 3)
            try await client.push(blob, to: "app")
            var have: [UInt8] = []
            while have.count < blob.bytes.count {
                let range = "bytes=\(have.count)-\(have.count + 399_999)"
                let response = try await client.get("/v2/app/blobs/\(blob.digest)", headers: [("Range", range)])
                try #require(response.status == 206 && !response.body.isEmpty)
                have += response.body
            }
            #expect(have == blob.bytes)
        }
    }
}
