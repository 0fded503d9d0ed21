import Archives
import Hashing
import OCI
import RegistryTesting
import Testing

@testable import Imaging

@Suite struct LayerMakerTests {
    private let step = HistoryStep(createdBy: "append")

    private func layer(_ bytes: [UInt8], limits: ContentLimits = ContentLimits()) async throws -> LayerDraft {
        let folder = try TemporaryFolder()
        try write(bytes, to: folder.path + "/layer")
        return try await LayerMaker().layer(tar: folder.path + "/layer", history: step, limits: limits)
    }

    @Test func `an archive of GNU tar becomes a layer with both digests, compressed in one pass`() async throws {
        let folder = try TemporaryFolder()
        try write(Array("hello".utf8), to: folder.path + "/in/a")
        try await Command("tar", ["-cf", folder.path + "/a.tar", "-C", folder.path + "/in", "."]).output()
        let tar = try contents(of: folder.path + "/a.tar")
        let layer = try await LayerMaker().layer(tar: folder.path + "/a.tar", history: step)
        #expect(layer.diffID == ContentHash.digest(of: tar))
        #expect(layer.compression == .gzip)
        #expect(layer.byteCount < Int64(tar.count))
    }

    @Test func `an archive that is compressed stays as it is`() async throws {
        let plain = try tar(files: [("a", 3)])
        let packed = try gzip(plain)
        let layer = try await layer(packed)
        #expect(layer.digest == ContentHash.digest(of: packed))
        #expect(layer.diffID == ContentHash.digest(of: plain))
        #expect(layer.byteCount == Int64(packed.count))
    }

    @Test func `what is no archive, or one that lies, is refused`() async throws {
        let whole = try tar(files: [("a", 3000)])
        let hostile = [
            [], SampleBlob(count: 3000, seed: 3).bytes, Array(whole.prefix(1500)), Array(try gzip(whole).dropLast(9)),
            try tar(files: [("../a", 1)]), try gzip(try tar(files: [("a/../../b", 1)])),
        ]
        for bytes in hostile {
            await #expect(throws: ImagingError(.layerInvalid, "")) { try await layer(bytes) }
        }
    }

    @Test func `an archive that unpacks to more than the caller allows is refused`() async throws {
        var limits = ContentLimits()
        limits.unpackedByteCountMax = 1 << 20
        let bomb = try gzip(try tar(files: [("a", 2 << 20)], fill: 0))
        await #expect(throws: ImagingError.self) { try await layer(bomb, limits: limits) }
    }
}
