import Foundation
import RegistryTesting
import Testing

/// Copies by the real program, over connections that are cut at random places.
///
/// 192 MiB in twelve layers, and 1 GiB where long tests run.
@Suite("Connections that are cut", .serialized)
struct CutTests {
    private static let layerCount = 12
    private static let byteCount: Int64 = TestSeed.isSoaking ? 1 << 30 : 192 << 20
    /// The source is the slower side: what a reset loses is then what is on the line, and not what waits in the buffers
    /// of this machine for the target.
    private static let (sourceRate, targetRate): (Int64, Int64) = (32 << 20, 64 << 20)

    /// From where to where.
    enum Way: String, CaseIterable, CustomTestStringConvertible {
        case registryToRegistry = "from registry to registry"
        case folderToRegistry = "from a folder to a registry"
        case registryToFolder = "from a registry to a folder"
        case distributionToRegistry = "from docker-registry to wharf"
        case distributionToFolder = "from docker-registry to a folder"

        var testDescription: String { rawValue }

        var source: VerbParty.Kind {
            [.distributionToRegistry, .distributionToFolder].contains(self) ? .distribution : .wharf
        }
        var isFromFolder: Bool { self == .folderToRegistry }
        var isToFolder: Bool { self == .registryToFolder || self == .distributionToFolder }
    }

    @Test(
        "One run of the command goes on from there, and sends at most a tenth more than the image",
        arguments: Way.allCases
    )
    func copies(way: Way) async throws {
        let situation: Comment = "TEST_SEED=\(TestSeed.run)"
        print("\(Self.byteCount >> 20) MiB \(way.rawValue), cut (1 GiB with SOAK=1), \(situation)")
        try await VerbParty.with(way.source) { source in
            try await VerbParty.with(.wharf) { target in
                let image = try Self.image(in: source)
                let stored = way.isFromFolder ? image.location : "\(source.authority)/big:1"
                if !way.isFromFolder { try await source.long("push", image.location, stored, "--quiet") }
                try await Self.behindProxies(source, target) { from, to in
                    let origin = way.isFromFolder ? image.location : "\(from.authority)/big:1"
                    let end = way.isToFolder ? "oci:\(target.folder.path)/out:1" : "\(to.authority)/big:1"
                    let result = try await target.command("copy", origin, end, "--quiet").run()
                    #expect(result.status == 0, "\(result) \(situation) \(from.log) \(to.log)")
                    let (sent, received) = (try await to.counts().up, try await from.counts().down)
                    let most = Self.byteCount / 10 * 11
                    if !way.isToFolder {
                        #expect((Self.byteCount...most).contains(sent), "\(situation) \(to.log)")
                        #expect(to.cutCount >= 7, "\(to.log)")
                    }
                    if !way.isFromFolder {
                        #expect((Self.byteCount...most).contains(received), "\(situation) \(from.log)")
                        #expect(from.cutCount >= 7, "\(from.log)")
                    }
                }
                let copy = way.isToFolder ? "oci:\(target.folder.path)/out:1" : "\(target.authority)/big:1"
                #expect(try await target.output("digest", copy) == image.digest + "\n", situation)
                try await target.long("copy", copy, "oci:\(target.folder.path)/check:1", "--quiet")
            }
        }
    }

    /// docker-registry 2.8 puts the offset that it knows into a signed place of the upload, and takes no further byte
    /// when others have arrived there: what a cut has interrupted is lost for every client.
    @Test("A registry that forgets an upload which was cut is sent that blob anew, and no other")
    func forgetful() async throws {
        let situation: Comment = "TEST_SEED=\(TestSeed.run)"
        try await VerbParty.with(.distribution) { target in
            let image = try Self.image(in: target)
            try await CuttingProxy.with(
                before: target.authority,
                cuts: 8,
                within: Self.byteCount,
                rate: Self.targetRate
            ) { proxy in
                let result = try await target.command("copy", image.location, "\(proxy.authority)/big:1", "--quiet")
                    .run()
                #expect(result.status == 0, "\(result) \(situation) \(proxy.log)")
                #expect(proxy.cutCount >= 5, "\(proxy.log)")
                let layer = Self.byteCount / Int64(Self.layerCount)
                let most = Self.byteCount + Int64(proxy.cutCount) * layer + (1 << 20)
                #expect(try await proxy.counts().up <= most, "\(situation) \(proxy.log)")
            }
            #expect(try await target.output("digest", "\(target.authority)/big:1") == image.digest + "\n", situation)
            try await target.long("copy", "\(target.authority)/big:1", "oci:\(target.folder.path)/check:1", "--quiet")
        }
    }

    private static func image(in party: VerbParty) throws -> LargeImage {
        try LargeImage(in: "\(party.folder.path)/image", layers: layerCount, byteCount: byteCount / 12 * 12)
    }

    private static func behindProxies(
        _ source: VerbParty,
        _ target: VerbParty,
        _ body: (CuttingProxy, CuttingProxy) async throws -> Void
    ) async throws {
        func proxied(
            _ party: VerbParty,
            _ rate: Int64,
            _ seed: UInt64,
            _ body: (CuttingProxy) async throws -> Void
        ) async throws {
            try await CuttingProxy.with(
                before: party.authority,
                cuts: 10,
                within: byteCount / 10 * 9,
                rate: rate,
                seed: seed,
                body
            )
        }
        try await proxied(source, sourceRate, TestSeed.run) { from in
            try await proxied(target, targetRate, TestSeed.run &+ 1) { to in try await body(from, to) }
        }
    }
}

extension VerbParty {
    /// A command that may take its time.
    func command(_ arguments: String...) -> Command {
        command(arguments)
    }

    /// A command that may take its time, with more variables.
    func command(_ arguments: [String], _ variables: [String: String] = [:]) -> Command {
        let own = ["HOME": folder.path, "DOCKER_CONFIG": "\(folder.path)/docker", "XDG_RUNTIME_DIR": folder.path]
        var command = WharfProcess.command(arguments, environment: own.merging(variables) { $1 })
        for name in ["REGISTRY_AUTH_FILE", "XDG_STATE_HOME"] { command.environment.updateValue(nil, forKey: name) }
        command.timeout = .seconds(300)
        return command
    }

    /// A command that must succeed, and may take its time.
    func long(_ arguments: String...) async throws {
        let result = try await command(arguments).run()
        try #require(result.status == 0, "wharf \(arguments.joined(separator: " ")): \(result)")
    }
}
