import Archives
import Foundation
import Hashing
import NIOCore
import OCI
import RegistryContract
import RegistryTesting

@testable import ImageLayout

/// The repository that a layout is asked by; which one does not matter.
let anywhere: RepositoryName = {
    guard let name = try? RepositoryName("anywhere") else { preconditionFailure("a name of letters is one") }
    return name
}()

/// An image whose layers are real ones, so that engines can load it.
struct RealImage {
    let layers: [SampleBlob]
    let diffs: [SampleBlob]
    let config: SampleBlob
    let manifest: SampleManifest

    /// An image of two layers, compressed or not, whose content follows from `seed`.
    init(seed: UInt64, format: ArchiveFormat = .gzip) throws {
        diffs = try (0..<2).map { number in
            var writer = TarWriter()
            let content = SampleBlob(count: 5000, seed: seed &+ UInt64(number)).bytes
            let file = try writer.whole(TarEntry(path: "etc/file-\(seed)-\(number)"), content)
            return SampleBlob(
                try writer.whole(TarEntry(path: "etc", kind: .folder, mode: 0o755)) + file + writer.finish()
            )
        }
        layers = try diffs.map { diff in
            let compressor = try Compressor(format)
            var bytes: [UInt8] = []
            try compressor.write(diff.bytes) { bytes += $0 }
            try compressor.finish { bytes += $0 }
            return SampleBlob(bytes)
        }
        let diffList = diffs.map { #""\#($0.digest)""# }.joined(separator: ",")
        let architecture = Self.architecture
        config = SampleBlob(
            #"{"architecture":"\#(architecture)","os":"linux","created":"2024-01-01T00:00:00Z","#
                + #""config":{"Env":["SEED=\#(seed)"]},"#
                + #""rootfs":{"type":"layers","diff_ids":[\#(diffList)]},"#
                + #""history":[{"created_by":"a"},{"created_by":"b"}]}"#
        )
        let ending = [ArchiveFormat.plain: "", .gzip: "+gzip", .zstd: "+zstd"][format] ?? ""
        manifest = .image(
            config: config.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: layers.map { $0.descriptor("application/vnd.oci.image.layer.v1.tar\(ending)") }
        )
    }

    var blobs: [SampleBlob] { layers + [config] }

    /// Pushes blobs and manifest.
    func push(to registry: any Registry, tags: String...) async throws {
        for blob in blobs { try await registry.push(blob, to: anywhere) }
        _ = try await registry.putManifest(manifest.push(tags: tags.map { try Tag($0) }), in: anywhere)
    }

    /// Throws unless the registry gives all of it back.
    func demandWhole(in registry: any Registry, as reference: String) async throws {
        try await registry.demandWhole(manifest, as: reference, in: anywhere)
        for blob in blobs { try await registry.demandWhole(blob, in: anywhere) }
    }

    private static let architecture = {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }()
}

extension Registry {
    /// Every digest that a reference reaches, after reading all of it and comparing it with its digest.
    func verified(_ reference: Reference) async throws -> [String] {
        let stored = try await manifest(reference, in: anywhere)
        let bytes = Array(stored.bytes.readableBytesView)
        let manifest = try Manifest(parsing: bytes, contentType: stored.mediaType)
        var digests = [ContentHash.digest(of: bytes, stored.digest.algorithm).description]
        for child in manifest.manifests { digests += try await verified(.digest(child.digest)) }
        for descriptor in (manifest.config.map { [$0] } ?? []) + manifest.layers {
            let content = try await blob(descriptor.digest, in: anywhere).allBytes()
            let actual = ContentHash.digest(of: content, descriptor.digest.algorithm)
            guard actual == descriptor.digest, content.count == descriptor.size else {
                throw WrongContent(description: "\(descriptor.digest) has the content of \(actual)")
            }
            digests.append(actual.description)
        }
        return digests
    }
}

struct WrongContent: Error, CustomStringConvertible {
    let description: String
}

/// What lies in a folder, by path; folders end in a slash.
func listing(_ folder: String) throws -> [String] {
    let files = FileManager.default
    return try files.subpathsOfDirectory(atPath: folder).map { path in
        var isFolder: ObjCBool = false
        _ = files.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
        return isFolder.boolValue ? path + "/" : path
    }.sorted()
}

extension [UInt8] {
    init(file path: String) throws {
        self = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    func write(to path: String) throws {
        try Data(self).write(to: URL(fileURLWithPath: path))
    }
}

extension String {
    func write(to path: String) throws {
        try Array(utf8).write(to: path)
    }
}

/// A `RegistryError` that must have a code and say certain words.
func expectRefusal(
    _ code: RegistryError.Code,
    saying words: String,
    _ body: () async throws -> Void
) async -> String? {
    do {
        try await body()
        return "nothing was refused"
    } catch let error as RegistryError {
        return error.code == code && error.message.contains(words) ? nil : error.description
    } catch {
        return "\(error)"
    }
}
