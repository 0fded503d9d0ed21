import Archives
import Foundation
import Hashing
import OCI
import RegistryTesting
import Testing
import Transfer

@testable import Imaging

@Suite struct BuildPlanTests {
    private let amd64 = Platform(architecture: "amd64", os: "linux")
    private let arm64 = Platform(architecture: "arm64", os: "linux")

    /// The same files in two folders, made in another order, at another time, by another umask.
    private func folders() throws -> (TemporaryFolder, TemporaryFolder) {
        let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
        let names = ["bin/app", "etc/b.conf", "etc/a.conf", "etc/a-dir/x", "z"]
        for (folder, names, mode, time) in [
            (first, names, 0o644, 1_000_000), (second, names.reversed(), 0o660, 2_000_000),
        ] {
            for name in names {
                let isProgram = name == "bin/app"
                try write(
                    Array(name.utf8),
                    to: "\(folder.path)/\(name)",
                    mode: isProgram ? mode | 0o100 : mode,
                    modified: time
                )
            }
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/link",
                withDestinationPath: "etc/a.conf"
            )
            try FileManager.default.linkItem(atPath: folder.path + "/z", toPath: folder.path + "/hard")
        }
        return (first, second)
    }

    private func entries(_ image: Image, _ house: House) async throws -> [TarEntry] {
        var entries: [TarEntry] = []
        for layer in image.layers {
            var reader = TarReader()
            try reader.read(try unpacked(try await house.bytes(layer))) { event in
                if case .entry(let entry, _) = event { entries.append(entry) }
            }
        }
        return entries
    }

    @Test(arguments: LayerCompression.allCases)
    func `the same files give the same digest, whoever made them and when`(compression: LayerCompression) async throws {
        let (first, second) = try folders()
        var digests: [Digest] = []
        for folder in [first, second] {
            var plan = BuildPlan([.init(platform: amd64, layers: [[FileSource(folder.path, to: "/")]])])
            plan.maker.compression = compression
            plan.config.entrypoint = .set(["/bin/app"])
            digests.append(try await plan.draft().root.digest)
        }
        #expect(digests[0] == digests[1])
    }

    @Test func `an image has the files with one owner, one time and plain modes, in order`() async throws {
        let (folder, _) = try folders()
        let house = try House()
        var plan = BuildPlan([
            .init(platform: amd64, layers: [[FileSource(folder.path, to: "/opt/app", owner: 10, group: 20)]])
        ])
        plan.created = 86400
        plan.config.labels = TextChanges(assigned: [NamedText("a", "1")])
        plan.annotations = [NamedText("b", "2")]
        let image = try await house.push(try await plan.draft(), tag: "new")
        let told = try await entries(image, house).map { entry in
            "\(entry.path) \(String(entry.mode, radix: 8)) \(entry.userID):\(entry.groupID)"
                + (entry.target.isEmpty ? "" : " -> \(String(decoding: entry.target, as: UTF8.self))")
        }
        #expect(
            told == [
                "opt/ 755 0:0", "opt/app/ 755 10:20", "opt/app/bin/ 755 10:20", "opt/app/bin/app 755 10:20",
                "opt/app/etc/ 755 10:20", "opt/app/etc/a-dir/ 755 10:20", "opt/app/etc/a-dir/x 644 10:20",
                "opt/app/etc/a.conf 644 10:20", "opt/app/etc/b.conf 644 10:20", "opt/app/hard 644 10:20",
                "opt/app/link 777 10:20 -> etc/a.conf", "opt/app/z 644 10:20 -> opt/app/hard",
            ]
        )
        #expect(try await entries(image, house).allSatisfy { $0.modified == .init(seconds: 86400) })
        #expect(image.config.created == "1970-01-02T00:00:00Z")
        #expect(image.config.history.map(\.createdBy) == ["wharf build /opt/app"])
        #expect(image.config.labels == [NamedText("a", "1")])
        #expect(image.manifest.manifest.annotations == ["b": "2"])
        #expect(try await house.contents(image).files.count == 12)
    }

    @Test func `an owner is of a path and all in it, and of nothing that only begins like it`() async throws {
        let folder = try TemporaryFolder()
        for name in ["data/in", "data/deep/er", "database", "other"] { try write([1], to: "\(folder.path)/\(name)") }
        let house = try House()
        var plan = BuildPlan([.init(platform: amd64, layers: [[FileSource(folder.path, to: "/srv")]])])
        plan.maker.owners = ["/srv/data=65532:7", "/srv/data/deep=8"].compactMap { FileOwner($0) }
        let image = try await house.push(try await plan.draft(), tag: "new")
        #expect(
            try await entries(image, house).map { "\($0.path) \($0.userID):\($0.groupID)" } == [
                "srv/ 0:0", "srv/data/ 65532:7", "srv/data/deep/ 8:8", "srv/data/deep/er 8:8", "srv/data/in 65532:7",
                "srv/database 0:0", "srv/other 0:0",
            ]
        )
        plan.maker.owners = [try #require(FileOwner("/srv/dta=1:1"))]
        let misspelt = await #expect(throws: ImagingError.self) { try await plan.draft() }
        #expect(misspelt?.message == "Nothing in the layer lies at /srv/dta, which an owner is for.")
    }

    @Test(arguments: [
        "/data", "data=1:1", "/data=", "/data=wharf", "/data=1:", "/data=:1", "/data=1:2:3", "/data=-1", "/data=+1",
        "/../data=1", "/data=4294967295",
    ])
    func `what says no owner by numbers is none`(text: String) {
        #expect(FileOwner(text) == nil)
    }

    @Test func `several platforms make an index, and share a layer that is the same`() async throws {
        let folder = try TemporaryFolder()
        for name in ["amd64", "arm64", "common"] { try write(Array(name.utf8), to: "\(folder.path)/\(name)") }
        let house = try House()
        let common = [FileSource(folder.path + "/common", to: "/etc/")]
        let plan = BuildPlan(
            [amd64, arm64].map { platform in
                .init(
                    platform: platform,
                    layers: [
                        common,
                        [FileSource("\(folder.path)/\(platform.architecture)", to: "/app", mode: .fixed(0o555))],
                    ]
                )
            }
        )
        let draft = try await plan.draft()
        _ = try await draft.push(to: house.place, tags: [try Tag("new")])
        let images = try await house.reader.images(try tag("new"))
        #expect(images.map(\.platform) == [amd64, arm64])
        #expect(images[0].layers[0] == images[1].layers[0] && images[0].layers[1] != images[1].layers[1])
        #expect(draft.newBlobs.count == 5)
        #expect(try await house.contents(images[1]).files.map(\.path.description) == ["app", "etc", "etc/common"])
    }

    @Test func `on top of a base, its layers and its config stay, and its folders too`() async throws {
        let folder = try TemporaryFolder()
        try write([1, 2, 3], to: folder.path + "/app", mode: 0o755)
        let house = try House()
        let base = try tar([(TarEntry(path: "tmp/", kind: .folder, mode: 0o1777), [])])
        var children: [Descriptor] = []
        for platform in ["linux/amd64", "linux/arm64"] {
            children.append(
                try await house.push(layers: [base], platform: platform) { $0.environment = ["FROM=\(platform)"] }
            )
        }
        try await house.push(ManifestText.index(children: children), tag: "base")
        var plan = BuildPlan(
            [.init(platform: arm64, layers: [[FileSource(folder.path + "/app", to: "/tmp/bin/app")]])],
            base: .init(place: house.place, reference: try tag("base"))
        )
        plan.config.entrypoint = .set(["/tmp/bin/app"])
        let image = try await house.push(try await plan.draft(), tag: "new")
        #expect(image.config.environment == ["FROM=linux/arm64"])
        #expect(image.config.platform == arm64)
        let files = try await house.contents(image).files
        #expect(files.map { "\($0.path) \(String($0.facts.mode, radix: 8))" } == ["tmp 1777", "tmp/bin/app 755"])
        plan.images[0].platform = Platform(architecture: "s390x", os: "linux")
        await #expect(throws: ImagingError(.platformUnknown, "")) { try await plan.draft() }
    }

    @Test func `a pipe, a file twice and a file in a file are refused by name`() async throws {
        let folder = try TemporaryFolder()
        try write([1], to: folder.path + "/a")
        try write([2], to: folder.path + "/b")
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        func refusal(_ sources: [FileSource]) async -> ImagingError? {
            await #expect(throws: ImagingError.self) {
                try await BuildPlan([.init(platform: amd64, layers: [sources])]).draft()
            }
        }
        let pipe = await refusal([FileSource(folder.path, to: "/")])
        #expect(pipe?.code == .fileUnusable && pipe?.message.contains("/pipe is a socket, device or pipe") == true)
        let twice = await refusal([FileSource(folder.path + "/a", to: "/x"), FileSource(folder.path + "/b", to: "/x")])
        #expect(twice?.message == "Two sources name /x: give one of them another path.")
        let within = await refusal([
            FileSource(folder.path + "/a", to: "/x"), FileSource(folder.path + "/b", to: "/x/y"),
        ])
        #expect(within?.message == "/x is a file, and so nothing can lie in it.")
        let relative = await refusal([FileSource(folder.path + "/a", to: "/x/../y")])
        #expect(relative?.code == .requestInvalid)
        let absent = await refusal([FileSource(folder.path + "/none", to: "/x")])
        #expect(absent?.message == "\(folder.path)/none cannot be read: No such file or directory.")
    }

    @Test func `GNU tar unpacks a layer to the files that were put in`() async throws {
        let (folder, _) = try folders()
        let house = try House()
        let plan = BuildPlan([.init(platform: amd64, layers: [[FileSource(folder.path, to: "/")]])])
        let image = try await house.push(try await plan.draft(), tag: "new")
        let work = try TemporaryFolder()
        try write(try await house.bytes(image.layers[0]), to: work.path + "/layer.tar.gz")
        try FileManager.default.createDirectory(atPath: work.path + "/out", withIntermediateDirectories: false)
        try await Command("tar", ["-xzf", work.path + "/layer.tar.gz", "-C", work.path + "/out"]).output()
        try await Command("diff", ["-r", "--no-dereference", folder.path, work.path + "/out"]).output()
    }

    @Test func `nothing is left behind in the temporary folder, not even while a draft lives`() async throws {
        let (folder, _) = try folders()
        let work = try TemporaryFolder()
        var plan = BuildPlan([.init(platform: amd64, layers: [[FileSource(folder.path, to: "/")]])])
        plan.maker.temporaryFolder = work.path
        let draft = try await plan.draft()
        #expect(try names(in: work.path).isEmpty)
        #expect(draft.newBlobs.values.allSatisfy { $0 > 0 })
        plan.maker.temporaryFolder = work.path + "/none"
        await #expect(throws: ImagingError(.fileUnusable, "")) { try await plan.draft() }
    }

    @Test func `a build that is cancelled ends`() async throws {
        let folder = try TemporaryFolder()
        for number in 0..<40 {
            try write(SampleBlob(count: 1 << 20, seed: UInt64(number)).bytes, to: "\(folder.path)/\(number)")
        }
        let plan = BuildPlan([.init(platform: amd64, layers: [[FileSource(folder.path, to: "/")]])])
        let task = Task { try await plan.draft() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
