import ArgumentParser
import Foundation
import Hashing
import NIOCore
import OCI
import RegistryContract

/// `wharf blob put`: brings a blob into a repository.
struct BlobPut: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Bring a file into a repository as a blob, and show its digest.",
        discussion: """
            A blob that no manifest names is collected by most registries after a while.

            Examples:
              wharf blob put localhost:5000/team/app config.json
              wharf blob put localhost:5000/team/app - < layer.tar.gz
            """
    )

    @Argument(help: ArgumentHelp("The repository.", valueName: "repository"), transform: Typed.location)
    var repository: ImageLocation

    @Argument(help: ArgumentHelp("The file; - for standard input.", valueName: "file"))
    var file: String

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        try await registries.writing(repository) { place in
            let (registry, name) = (place.registry, place.repository)
            let stream = try InputBytes(path: file)
            let upload = try await registry.startUpload(in: name, algorithm: .sha256)
            do {
                _ = try await registry.append(stream, to: upload.id, at: 0, in: name)
                _ = try await registry.finishUpload(
                    upload.id,
                    appending: nil,
                    at: stream.byteCount,
                    expecting: stream.digest,
                    in: name
                )
            } catch {
                // In a task of its own: after Ctrl-C this one would ask nothing more.
                await Task { try? await registry.cancelUpload(upload.id, in: name) }.value
                throw error
            }
            print(stream.digest)
        }
    }
}
