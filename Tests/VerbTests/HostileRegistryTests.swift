import Foundation
import RegistryTesting
import Testing

@Suite("Registries that lie of lengths, places and digests")
struct HostileRegistryTests {
    private static let megabytes = [UInt8](repeating: 0x20, count: 1 << 20)

    // MARK: Lengths

    /// A lie about a blob, and how the copy of it ends.
    struct Lie: Sendable, CustomTestStringConvertible {
        var name: String
        var status: Int32
        var words: String
        var answer: @Sendable (HostileImage, Asked) -> Said?

        var testDescription: String { name }
    }

    static let lies: [Lie] = [
        Lie(name: "ends too soon", status: 5, words: "ended the connection in the midst") { image, asked in
            asked.method == "HEAD"
                ? nil : .answer(200, [], Array(image.layer.bytes.prefix(50_000)), length: 100_000).cut
        },
        Lie(name: "is shorter than the manifest says", status: 1, words: "has 100000 bytes, and the registry has 50000")
        { image, asked in
            let bytes = Array(image.layer.bytes.prefix(50_000))
            return .answer(200, [], asked.method == "HEAD" ? [] : bytes, length: 50_000)
        },
        Lie(name: "is longer than the manifest says", status: 1, words: "the registry has 100001") { image, asked in
            let bytes = image.layer.bytes + [1]
            return .answer(200, [], asked.method == "HEAD" ? [] : bytes, length: bytes.count)
        },
        Lie(name: "has other bytes", status: 1, words: "other bytes, whose digest is") { image, asked in
            let bytes = [image.layer.bytes[0] ^ 1] + image.layer.bytes.dropFirst()
            return asked.method == "HEAD" ? nil : .answer(200, [], bytes)
        },
        Lie(name: "does not end", status: 1, words: "other bytes, whose digest is") { _, asked in
            asked.method == "HEAD" ? nil : .endless(piece: megabytes)
        },
        Lie(name: "is said to have more bytes than there are", status: 1, words: "the registry has 9223372036854775807")
        { _, asked in
            asked.method == "HEAD"
                ? .answer(200, length: .max) : Said(bytes: Said.answer(200, length: .max).bytes, endless: megabytes)
        },
    ]

    @Test("a blob is not taken that", arguments: lies)
    func blob(lie: Lie) async throws {
        let image = HostileImage()
        let path = "/v2/team/app/blobs/\(image.layer.digest)"
        try await HostileRegistry.with(image, lie: { $0.target == path ? lie.answer(image, $0) : nil }) { registry in
            let outcome = try await registry.run("copy", registry.image, "oci:\(registry.layout):1", "--quiet")
            try registry.expectRefusal(outcome, status: lie.status, saying: lie.words)
        }
    }

    @Test("a manifest of 100 MB, or without an end, is not read", arguments: [100 << 20, nil])
    func manifest(byteCount: Int?) async throws {
        let fields = [("Content-Type", "application/vnd.oci.image.manifest.v1+json")]
        let lie: @Sendable (Asked) -> Said? = { asked in
            guard asked.target.contains("/manifests/"), asked.method == "GET" else {
                return asked.method == "HEAD" ? .answer(405) : nil
            }
            guard let byteCount else { return .endless(fields, piece: Self.megabytes) }
            return Said(bytes: Said.answer(200, fields, length: byteCount).bytes, endless: Self.megabytes)
        }
        try await HostileRegistry.with(lie: lie) { registry in
            for verb in [
                ["copy", registry.image, "oci:\(registry.layout):1", "--quiet"], ["inspect", registry.image],
            ] {
                let outcome = try await registry.run(verb)
                try registry.expectRefusal(outcome, status: 1, saying: "4194304")
            }
        }
    }

    @Test("a config of 100 MB is not read, whether the manifest says so or not", arguments: [100 << 20, nil])
    func config(byteCount: Int?) async throws {
        let image = HostileImage(configByteCount: byteCount)
        let path = "/v2/team/app/blobs/\(image.config.digest)"
        let lie: @Sendable (Asked) -> Said? = { asked in
            asked.target == path && asked.method == "GET" ? .endless(piece: Self.megabytes) : nil
        }
        try await HostileRegistry.with(image, lie: lie) { registry in
            let outcome = try await registry.run("inspect", registry.image)
            try registry.expectRefusal(
                outcome,
                status: 1,
                saying: byteCount == nil ? "other bytes than its digest says" : "4194304"
            )
        }
    }

    @Test("a manifest with another digest than was asked for, or said, is not taken")
    func digest() async throws {
        let other = HostileImage(layer: SampleBlob("other")).manifest
        let lie: @Sendable (Asked) -> Said? = { asked in
            guard asked.target.contains("/manifests/") else { return nil }
            let fields = [
                ("Content-Type", other.mediaType), ("Docker-Content-Digest", HostileImage().manifest.digest),
            ]
            return .answer(200, fields, asked.method == "HEAD" ? [] : other.bytes, length: other.bytes.count)
        }
        try await HostileRegistry.with(lie: lie) { registry in
            let repository = "\(registry.authority)/team/app"
            for image in [registry.image, "\(repository)@\(HostileImage().manifest.digest)"] {
                let outcome = try await registry.run("copy", image, "oci:\(registry.layout):1", "--quiet")
                try registry.expectRefusal(outcome, status: 1, saying: "damaged or forged")
            }
        }
    }

    // MARK: Layers

    @Test("a layer that unpacks to a thousand times its size is not looked into", .timeLimit(.minutes(3)))
    func bomb() async throws {
        let folder = try TemporaryFolder()
        try await HostileArchiveTests.bomb(at: "\(folder.path)/layer")
        let bytes = try #require(FileManager.default.contents(atPath: "\(folder.path)/layer"))
        let image = HostileImage(layer: SampleBlob([UInt8](bytes)))
        #expect(image.layer.bytes.count < 300_000)
        try await HostileRegistry.with(image, lie: { _ in nil }) { registry in
            for verb in [["layers", registry.image, "--quiet"], ["diff", registry.image, registry.image, "--files"]] {
                let outcome = try await registry.run(verb)
                try registry.expectRefusal(outcome, status: 1, saying: "times its size")
            }
        }
    }

    @Test("a layer that is cut short, or whose files lie outside, is not believed", arguments: ["cut", "outside"])
    func layer(kind: String) async throws {
        let name = kind == "cut" ? "file" : "../../etc/cron.d/evil"
        let whole = try HostileArchiveTests.tar([(name, Array(repeating: 1, count: 2000))])
        let layer = SampleBlob(kind == "cut" ? Array(whole.prefix(1500)) : whole)
        try await HostileRegistry.with(HostileImage(layer: layer), lie: { _ in nil }) { registry in
            let outcome = try await registry.run("layers", registry.image, "--quiet")
            try registry.expectRefusal(outcome, status: 1, saying: "is not to be trusted")
        }
    }

    // MARK: Pages

    @Test("a list that does not end is given up", .timeLimit(.minutes(3)), arguments: ["itself", "circle", "ever new"])
    func pages(kind: String) async throws {
        let lie: @Sendable (Asked) -> Said? = { asked in
            guard asked.target.contains("/tags/list") else { return nil }
            let number = asked.target.split(separator: "=").last.flatMap { Int($0) } ?? 0
            let next =
                switch kind {
                case "itself": asked.target
                case "circle": "/v2/team/app/tags/list?page=\(number % 2 + 1)"
                default: "/v2/team/app/tags/list?page=\(number + 1)"
                }
            let tag = kind == "ever new" ? "t\(1_000_000 + number)" : "a\(number)"
            return .json(200, #"{"name":"team/app","tags":["\#(tag)"]}"#, [("Link", "<\(next)>; rel=\"next\"")])
        }
        try await HostileRegistry.with(lie: lie) { registry in
            let outcome = try await registry.run("list", "\(registry.authority)/team/app")
            try registry.expectRefusal(outcome, status: kind == "ever new" ? 1 : 6, saying: "end")
            #expect(registry.server.asked.count <= 10_002)
        }
    }

    @Test("a list that names a tag twice ends no program", arguments: ["time", "version"])
    func twice(order: String) async throws {
        let image = HostileImage()
        let lie: @Sendable (Asked) -> Said? = { asked in
            if asked.target.contains("/tags/list") { return .json(200, #"{"name":"x","tags":["1","1","1"]}"#) }
            return nil
        }
        try await HostileRegistry.with(image, lie: lie) { registry in
            let repository = "\(registry.authority)/team/app"
            let arguments = ["prune", repository, "--keep", "1", "--sort", order, "--dry-run", "--format", "tag"]
            let outcome = try await registry.run(arguments)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput == "1\n", "\(outcome)")
        }
    }

    // MARK: Places

    @Test(
        "a redirect to itself or to a file is not followed",
        arguments: ["itself", "file:///etc/passwd", "/etc/passwd"]
    )
    func redirect(place: String) async throws {
        let lie: @Sendable (Asked) -> Said? = { asked in
            guard asked.target.contains("/manifests/") || asked.target.contains("passwd") else { return nil }
            return .answer(307, [("Location", place == "itself" ? asked.target : place)])
        }
        try await HostileRegistry.with(lie: lie) { registry in
            let outcome = try await registry.run("copy", registry.image, "oci:\(registry.layout):1", "--quiet")
            try registry.expectRefusal(outcome, status: 1, saying: "redirects")
            #expect(!outcome.standardError.contains("root:"))
            #expect(registry.server.asked.count < 20)
        }
    }

    /// What has a client go to another server.
    enum Lure: String, CaseIterable, Sendable {
        case manifest = "a redirect of a manifest"
        case blob = "a redirect of a blob"
        case page = "the next page of a list"
        case realm = "a challenge that names a token service in the clear"
        case challenge = "a redirect to a server with a challenge of its own"
        case upload = "the place of an upload"
    }

    @Test("a password goes nowhere but to the registry that it is for, whatever it says", arguments: Lure.allCases)
    func thief(lure: Lure) async throws {
        let image = HostileImage()
        let thiefAnswer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            if lure == .challenge { return .answer(401, [("WWW-Authenticate", "Basic realm=\"me\"")]) }
            return asked.target.contains("token") ? .json(200, #"{"token":"t"}"#) : image.answer(asked)
        }
        try await HostileServer.run(thiefAnswer) { thief in
            let elsewhere = "http://localhost:\(thief.port)"
            let lie: @Sendable (Asked) -> Said? = { Self.lie($0, lure, to: elsewhere) }
            try await HostileRegistry.with(image, lie: lie) { registry in
                try Self.keepLogin(for: registry)
                let layout = "oci:\(try await VerbParty.layout()):debian"
                switch lure {
                case .page: _ = try await registry.run("list", "\(registry.authority)/team/app")
                case .upload: _ = try await registry.run("push", layout, registry.image, "--quiet")
                default: _ = try await registry.run("copy", registry.image, "oci:\(registry.layout):1", "--quiet")
                }
                let sent = registry.server.asked.filter { $0.headers["authorization"] != nil }
                #expect(!sent.isEmpty || lure == .realm, "the registry itself gets it: \(registry.server.lines)")
                let stolen = thief.asked.filter { asked in
                    asked.headers["authorization"] != nil || asked.headers["cookie"] != nil
                        || String(decoding: asked.body, as: UTF8.self).contains("sesame")
                }
                #expect(stolen.isEmpty, "\(stolen)")
            }
        }
    }

    private static func lie(_ asked: Asked, _ lure: Lure, to elsewhere: String) -> Said? {
        guard asked.headers["authorization"] != nil else {
            let realm = lure == .realm ? "Bearer realm=\"\(elsewhere)/token\",service=\"s\"" : "Basic realm=\"r\""
            return .answer(401, [("WWW-Authenticate", realm)])
        }
        let away = Said.answer(307, [("Location", elsewhere + asked.target)])
        switch lure {
        case .manifest, .challenge: return asked.target.contains("/manifests/") ? away : nil
        case .blob: return asked.target.contains("/blobs/") ? away : nil
        case .page:
            guard asked.target.contains("/tags/list") else { return nil }
            let link = "<\(elsewhere)/v2/team/app/tags/list?n=2>; rel=\"next\""
            return .json(200, #"{"name":"team/app","tags":["1"]}"#, [("Link", link)])
        case .upload:
            guard asked.method == "POST" else { return asked.method == "HEAD" ? .answer(404, isHead: true) : nil }
            return .answer(202, [("Location", "\(elsewhere)/v2/team/app/blobs/uploads/1"), ("Range", "0-0")])
        case .realm: return nil
        }
    }

    /// A login as docker keeps it.
    private static func keepLogin(for registry: HostileRegistry) throws {
        let folder = "\(registry.folder.path)/docker"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = #"{"auths":{"\#(registry.authority)":{"username":"alice","password":"open sesame"}}}"#
        try text.write(toFile: "\(folder)/config.json", atomically: true, encoding: .utf8)
    }
}
