import Foundation
import ImageLayout
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

extension InteropTests {
    @Suite("Archives of Docker and containerd")
    struct Archives {
        private static let repository = "anywhere"

        @Test("docker loads what is exported, of a layout in a folder, and finds the same image")
        func dockerLoads() async throws {
            let parties = try Parties.current
            let docker = DockerClient(parties: parties)
            let path = parties.fresh("export")
            let named = try ImageReference("example.com/team/exported")
            let draft = try await ImageArchiveDraft.begin(path: path, as: .dockerArchive, image: named)
            try await Self.copy(LayoutRegistry(path: parties.images.layout), "debian", to: draft, as: ["1", "2"])
            try await draft.finish()
            try await docker.forget()
            _ = try await docker.docker("load", "--quiet", "--input", path)
            for tag in ["1", "2"] {
                let format = "{{.Id}} {{range .RootFS.Layers}}{{.}} {{end}}"
                let name = "example.com/team/exported:\(tag)"
                let facts = try await docker.docker("image", "inspect", "--format", format, name).words
                #expect(facts == [parties.images.debian.config] + parties.images.debian.diffs)
            }
        }

        @Test("What docker saves is read: one image, and several that share layers")
        func dockerSaves() async throws {
            let parties = try Parties.current
            let docker = DockerClient(parties: parties)
            try await docker.loadTestImage(as: "example.com/team/first:1")
            try await docker.loadTestImage(as: "example.com/team/second:2")
            let path = parties.fresh("saved")
            _ = try await docker.docker("save", "-o", path, "example.com/team/first:1", "example.com/team/second:2")
            let archive = try await ImageArchive.open(path: path, as: .dockerArchive)
            for name in ["example.com/team/first:1", "example.com/team/second:2"] {
                let reference = try await archive.reference(of: ImageReference(name))
                let stored = try await archive.manifest(reference, in: RepositoryName(Self.repository))
                let bytes = Array(stored.bytes.readableBytesView)
                let manifest = try Manifest(parsing: bytes, contentType: stored.mediaType)
                #expect(manifest.config?.digest.description == parties.images.debian.config)
                #expect(manifest.layers.map(\.digest.description) == parties.images.debian.diffs)
                // Every byte has its digest: the layout that it is copied to compares them.
                let copy = LayoutRegistry(path: parties.fresh("copy"))
                try await Self.copy(archive, reference.description, to: copy, as: ["1"])
            }
        }

        @Test("containerd imports an archive of a layout, and what it exports is read, with the digest that it had")
        func containerdTakesTurns() async throws {
            let parties = try Parties.current
            func ctr(_ arguments: String...) async throws {
                let all = ["--address", parties.containerd.socket, "--namespace", "archives", "image"] + arguments
                _ = try await parties.command(.ctr, all).output()
            }
            let (written, saved) = (parties.fresh("export"), parties.fresh("saved"))
            let draft = try await ImageArchiveDraft.begin(path: written, as: .archive)
            try await Self.copy(LayoutRegistry(path: parties.images.layout), "debian", to: draft, as: ["1"])
            try await draft.finish()
            try await ctr("import", "--no-unpack", "--base-name", "example.com/team/app", written)
            try await ctr("export", saved, "example.com/team/app:1")
            let archive = try await ImageArchive.open(path: saved, as: .archive)
            let copy = LayoutRegistry(path: parties.fresh("copy"))
            try await Self.copy(archive, "1", to: copy, as: ["1"])
            let stored = try await copy.manifest(.tag(Tag("1")), in: RepositoryName(Self.repository))
            #expect(stored.digest.description == parties.images.debian.digest)
        }

        /// Copies a manifest with its blobs.
        private static func copy(
            _ source: any Registry,
            _ reference: String,
            to target: any Registry,
            as tags: [String]
        ) async throws {
            let repository = try RepositoryName(repository)
            let stored = try await source.manifest(Reference(reference), in: repository)
            let bytes = Array(stored.bytes.readableBytesView)
            let manifest = try Manifest(parsing: bytes, contentType: stored.mediaType)
            for blob in (manifest.config.map { [$0] } ?? []) + manifest.layers {
                let content = try await source.blob(blob.digest, in: repository).allBytes()
                let id = try await target.startUpload(in: repository, algorithm: .sha256).id
                _ = try await target.finishUpload(
                    id,
                    appending: SampleBlob(content).body(),
                    at: 0,
                    expecting: blob.digest,
                    in: repository
                )
            }
            let push = ManifestPush(
                digest: stored.digest,
                tags: try tags.map { try Tag($0) },
                contentType: stored.mediaType,
                bytes: bytes
            )
            _ = try await target.putManifest(push, in: repository)
        }
    }
}
