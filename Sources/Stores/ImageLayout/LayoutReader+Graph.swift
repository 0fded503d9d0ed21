import OCI
import RegistryContract

// Going through everything that an index reaches.
extension LayoutReader {
    /// Every manifest that is reached from the index and is there, and every other digest that one of them names.
    struct Graph {
        var manifests: [Digest: ManifestFacts] = [:]
        /// What is named and is no manifest that is there.
        var content: Set<Digest> = []
    }

    /// Goes through everything that the index reaches.
    ///
    /// A manifest that is there and cannot be read is passed over, unless `isStrict`: what deletes must know all.
    func graph(of index: LayoutIndex, isStrict: Bool = false) throws -> Graph {
        var graph = Graph()
        var waiting = index.entries.map(\.descriptor)
        var seen: Set<Digest> = []
        while let next = waiting.popLast() {
            guard seen.insert(next.digest).inserted else { continue }
            guard seen.count <= limits.manifestCountMax else { throw tooMany }
            guard next.mediaType?.isManifest ?? true, let facts = try lookedAt(next.digest, index, isStrict) else {
                graph.content.insert(next.digest)
                continue
            }
            graph.manifests[next.digest] = facts
            waiting += facts.manifest.manifests
            graph.content.formUnion(facts.content)
        }
        graph.content.subtract(graph.manifests.keys)
        return graph
    }

    private func lookedAt(_ digest: Digest, _ index: LayoutIndex, _ isStrict: Bool) throws -> ManifestFacts? {
        do {
            return try facts(of: digest, in: index)
        } catch let error as RegistryError where !isStrict && error.code != .unavailable {
            return nil
        }
    }

    private var tooMany: RegistryError {
        RegistryError(
            .unsupported,
            "There are more than \(limits.manifestCountMax) manifests in \(source.name): they are not all looked "
                + "through. Split it into several."
        )
    }

    /// The manifests that refer to another, by their own word or by a fallback tag.
    func referrers(
        to subject: Digest,
        artifactType: String?,
        after last: Digest?,
        limit: Int
    ) throws -> Page<Descriptor> {
        let index: LayoutIndex
        do {
            index = try source.index()
        } catch let error as RegistryError where error.code == .nameUnknown {
            return Page([], hasMore: false)
        }
        let manifests = try graph(of: index).manifests
        var referring = Set(manifests.filter { $0.value.manifest.subject?.digest == subject }.keys)
        for entry in index.entries {
            guard let tag = entry.tag, tag.subject == subject else { continue }
            let target = entry.descriptor.digest
            if tag.description.hasSuffix(subject.encoded) {
                guard let facts = manifests[target], facts.manifest.kind == .index else { continue }
                referring.formUnion(facts.manifest.manifests.map(\.digest))
            } else {
                referring.insert(target)
            }
        }
        let type = artifactType.map { Array($0.utf8) }
        let found = referring.sorted().filter { digest in last.map { digest > $0 } ?? true }.compactMap { digest in
            manifests[digest].map { Descriptor(digest: digest, $0) }
        }
        return Page(found.filter { type == nil || $0.artifactType.map { Array($0.utf8) } == type }, limit: limit)
    }
}

extension Descriptor {
    /// What is said of a manifest where it is listed as a referrer.
    init(digest: Digest, _ facts: ManifestFacts) {
        self.init(
            mediaType: facts.manifest.mediaType,
            digest: digest,
            size: facts.byteCount,
            artifactType: facts.manifest.artifactType,
            annotations: facts.manifest.annotations
        )
    }
}
