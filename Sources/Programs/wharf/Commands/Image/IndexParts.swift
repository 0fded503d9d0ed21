import Imaging
import OCI
import RegistryContract

/// What the indexes of a repository are made of, so that nobody takes a part away without knowing it.
///
/// An index that no tag leads to cannot be found in a registry, and so is not looked at.
struct IndexParts {
    /// All that each index names, and what the indexes in it name.
    private(set) var parts: [Digest: Set<Digest>] = [:]

    /// No more indexes are read: beyond that nobody would wait for the answer.
    static let indexCountMax = 10_000
    /// How many are read at once.
    private static let parallelMax = 16

    /// Reads indexes; those that are not there any more are made of nothing.
    ///
    /// Throws a `Failure` where there are more than ``indexCountMax``.
    init(of indexes: Set<Digest>, in place: OpenedLocation) async throws {
        var children: [Digest: [Descriptor]] = [:]
        var waiting = Array(indexes)
        while !waiting.isEmpty {
            guard children.count + waiting.count <= Self.indexCountMax else {
                throw Failure(
                    description: "\(place.name) has more than \(Self.indexCountMax) indexes: too many to look whether "
                        + "one of them is made of what is to go."
                )
            }
            for (digest, found) in try await Self.read(waiting, in: place) { children[digest] = found }
            let named = children.values.joined().filter { TagDetails.isIndex($0.mediaType?.description) }
            waiting = Set(named.map(\.digest)).filter { children[$0] == nil }
        }
        for index in indexes {
            var found: Set<Digest> = []
            var open = children[index] ?? []
            while let next = open.popLast() {
                if found.insert(next.digest).inserted { open += children[next.digest] ?? [] }
            }
            parts[index] = found
        }
    }

    /// All parts of all of them.
    var all: Set<Digest> { parts.values.reduce(into: []) { $0.formUnion($1) } }

    private static func read(
        _ indexes: [Digest],
        in place: OpenedLocation
    ) async throws -> [(Digest, [Descriptor])] {
        let reader = ImageReader(place.place)
        return try await withThrowingTaskGroup(of: (Digest, [Descriptor]).self) { group in
            var found: [(Digest, [Descriptor])] = []
            for (number, digest) in indexes.enumerated() {
                if number >= parallelMax, let next = try await group.next() { found.append(next) }
                group.addTask {
                    do {
                        return (digest, try await reader.manifest(.digest(digest)).manifest.manifests)
                    } catch let error as RegistryError where error.code == .manifestUnknown {
                        // An index may name what was never brought here.
                        return (digest, [])
                    }
                }
            }
            for try await next in group { found.append(next) }
            return found
        }
    }
}
