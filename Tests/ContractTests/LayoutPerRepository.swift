import Foundation
import ImageLayout
import OCI
import RegistryContract
import RegistryTesting
import Synchronization

/// A registry of many repositories, each in a layout folder of its own: so that a layout, which is one repository, can
/// be asked to keep what is promised of several.
///
/// What it adds is only what lies between repositories: their list, and mounts, which copy.
final class LayoutPerRepository: ForwardingRegistry {
    private let folder: TemporaryFolder
    private let layouts = Mutex<[RepositoryName: LayoutRegistry]>([:])

    init() throws {
        folder = try TemporaryFolder(inMemory: true)
    }

    private func layout(_ repository: RepositoryName) -> LayoutRegistry {
        layouts.withLock { layouts in
            if let layout = layouts[repository] { return layout }
            let layout = LayoutRegistry(path: "\(folder.path)/\(repository.description.replacing("/", with: "+"))")
            layouts[repository] = layout
            return layout
        }
    }

    private var present: [RepositoryName] {
        let all = layouts.withLock { Array($0.keys) }
        return all.filter { FileManager.default.fileExists(atPath: "\(layout($0).path)/index.json") }.sorted()
    }

    func destination(of repository: RepositoryName) throws -> (registry: any Registry, name: RepositoryName) {
        (layout(repository), repository)
    }

    func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        if try await layout(repository).mountBlob(digest, from: source, into: repository) { return true }
        for other in present where source.includes(other) {
            guard let content = try? await layout(other).blob(digest, in: other) else { continue }
            let bytes = try await content.allBytes()
            try await push(SampleBlob(bytes, algorithm: digest.algorithm), to: repository)
            return true
        }
        return false
    }

    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        let rest = present.filter { name in
            last.map { $0.utf8.lexicographicallyPrecedes(name.description.utf8) } ?? true
        }
        return Page(rest, limit: limit)
    }
}
