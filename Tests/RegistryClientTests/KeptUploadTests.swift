import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import RegistryClient

@Suite("An upload that is remembered")
struct KeptUploadTests {
    private static let blob = SampleBlob(count: 3 << 20, seed: 9)
    private static let start = "POST /v2/team/app/blobs/uploads/"

    private static var descriptor: Descriptor {
        get throws { Descriptor(mediaType: .octetStream, digest: try blob.name, size: Int64(blob.bytes.count)) }
    }

    /// Runs a client that remembers the upload `/up/old` from an earlier program; `answer` says how that one stands.
    private static func run(
        _ answer: @escaping @Sendable (Int) -> Said,
        begin: @escaping @Sendable () -> Said = { .answer(202, [("Location", "/up/new")]) },
        place: @escaping @Sendable (Int) -> String = { "http://127.0.0.1:\($0)/up/old" },
        _ body: @Sendable (RegistryClient, HostileServer, Notes) async throws -> Void
    ) async throws {
        let looks = Mutex(0)
        let serve: @Sendable (Asked, Int) async -> Said = { asked, _ in
            guard asked.method == "GET" else { return begin() }
            return answer(
                looks.withLock { looks in
                    looks += 1
                    return looks
                }
            )
        }
        try await HostileServer.run(serve) { server in
            let name = UploadName(
                registry: "http://127.0.0.1:\(server.port)",
                repository: try .app,
                digest: try blob.name
            )
            let notes = Notes(name, place(server.port))
            try await TestClient.run(port: server.port) { configuration in
                configuration.uploadMemory = notes
            } _: { test in
                try await body(test.client, server, notes)
            }
        }
    }

    private static func standing(at byteCount: Int) -> Said {
        .answer(204, [("Range", "0-\(byteCount - 1)"), ("Location", "/up/old")])
    }

    /// What passes.
    enum Trouble: CaseIterable, Sendable {
        case unwell, tooMany, lost

        var said: Said {
            switch self {
            case .unwell: .answer(503)
            case .tooMany: .answer(429)
            case .lost: Said(bytes: [], ends: true)
            }
        }
    }

    @Test(
        "stays so when the registry cannot be asked for a while, and is gone on with then",
        arguments: Trouble.allCases
    )
    func trouble(trouble: Trouble) async throws {
        // The client asks four times before it gives an answer.
        let answer: @Sendable (Int) -> Said = { $0 <= 4 ? trouble.said : Self.standing(at: 2_000_000) }
        try await Self.run(answer) { client, server, notes in
            let error = try await refusal { _ = try await client.startUpload(of: Self.descriptor, in: .app) }
            #expect(error.code == (trouble == .tooMany ? .tooManyRequests : .unavailable))
            #expect(notes.place?.hasSuffix("/up/old") == true && !notes.isHeld)
            let status = try await client.startUpload(of: Self.descriptor, in: .app)
            #expect(status.offset == 2_000_000 && notes.isHeld)
            #expect(!server.lines.contains(Self.start))
        }
    }

    @Test("is given up when the registry is well and can never be asked about it")
    func never() async throws {
        try await Self.run({ _ in .answer(500) }) { client, server, notes in
            for _ in 1...2 {
                _ = try await refusal { _ = try await client.startUpload(of: Self.descriptor, in: .app) }
            }
            let status = try await client.startUpload(of: Self.descriptor, in: .app)
            #expect(status.offset == 0 && server.lines.last == Self.start)
            #expect(notes.place?.hasSuffix("/up/new") == true)
        }
    }

    @Test("stays so where no other can be begun in its place", arguments: [403, 503])
    func noOther(status: Int) async throws {
        try await Self.run({ _ in .answer(403) }, begin: { .answer(status) }) { client, _, notes in
            _ = try await refusal { _ = try await client.startUpload(of: Self.descriptor, in: .app) }
            #expect(notes.place?.hasSuffix("/up/old") == true && !notes.isHeld)
        }
    }

    @Test(
        "is forgotten when it has ended, or cannot be of the blob",
        arguments: [Said.answer(404), standing(at: 4 << 20), .answer(204, [("Location", "/up/old")])]
    )
    func gone(said: Said) async throws {
        try await Self.run({ _ in said }) { client, server, notes in
            let status = try await client.startUpload(of: Self.descriptor, in: .app)
            #expect(status.offset == 0 && server.lines.last == Self.start)
            #expect(notes.forgotten == 1 && notes.place?.hasSuffix("/up/new") == true)
        }
    }

    @Test("is forgotten, and nobody asked, when it is of another server")
    func elsewhere() async throws {
        try await Self.run(
            { _ in Self.standing(at: 2_000_000) },
            place: { "http://localhost:\($0)/up/old" }
        ) { client, server, notes in
            let status = try await client.startUpload(of: Self.descriptor, in: .app)
            #expect(status.offset == 0 && server.lines == [Self.start])
            #expect(notes.forgotten == 1)
        }
    }

    @Test("and that a copy has left is gone on with by the next one of the same program")
    func left() async throws {
        try await Self.run({ _ in Self.standing(at: 2_000_000) }) { client, server, notes in
            let first = try await client.startUpload(of: Self.descriptor, in: .app)
            await client.leaveUpload(first.id, in: try .app)
            #expect(!notes.isHeld && notes.place?.hasSuffix("/up/old") == true)
            let second = try await client.startUpload(of: Self.descriptor, in: .app)
            #expect(second.offset == 2_000_000 && !server.lines.contains(Self.start))
            // Nothing more is sent to it under its first name.
            let ended = try await refusal { _ = try await client.upload(first.id, in: .app) }
            #expect(ended.code == .uploadUnknown)
        }
    }
}

/// What is remembered of one upload, which one at a time may be at.
private final class Notes: UploadMemory {
    private struct State {
        var place: String?
        var isHeld = false
        var forgotten = 0
    }

    private let name: UploadName
    private let state: Mutex<State>

    init(_ name: UploadName, _ place: String) {
        self.name = name
        state = Mutex(State(place: place))
    }

    var place: String? { state.withLock { $0.place } }
    var isHeld: Bool { state.withLock { $0.isHeld } }
    /// How often something was forgotten that was held.
    var forgotten: Int { state.withLock { $0.forgotten } }

    func place(of upload: UploadName) async -> String? {
        state.withLock { state in
            guard upload == name, !state.isHeld, let place = state.place else { return nil }
            state.isHeld = true
            return place
        }
    }

    func keep(_ place: String, of upload: UploadName) async {
        state.withLock { ($0.place, $0.isHeld) = (place, true) }
    }

    func release(_ upload: UploadName) async {
        state.withLock { $0.isHeld = false }
    }

    func forget(_ upload: UploadName) async {
        state.withLock { state in
            guard state.isHeld else { return }
            state = State(place: nil, isHeld: false, forgotten: state.forgotten + 1)
        }
    }
}
