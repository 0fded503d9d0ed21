import OCI
import RegistryContract

extension Walk {
    private static let pageCount = 100

    /// Brings what refers to the manifests that were brought, and what refers to that, and so on.
    func bringReferrers() async throws {
        var known: Set<Digest> = []
        for depth in 1...TransferOptions.referrerDepthMax {
            let subjects = record.takeSubjects().map(\.digest).filter { known.insert($0).inserted }
            if subjects.isEmpty { return }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for subject in subjects {
                    group.addTask { try await bringReferrers(to: subject, depth: depth) }
                }
                try await group.waitForAll()
            }
        }
    }

    private func bringReferrers(to subject: Digest, depth: Int) async throws {
        if run.options.copiesReferrers {
            for referrer in try await referrers(to: subject) {
                try await bring(Node(descriptor: referrer, subject: subject))
            }
        }
        if run.options.copiesSignatureTags {
            for suffix in [".sig", ".att", ".sbom"] {
                let name = "\(subject.algorithm.rawValue)-\(subject.encoded)\(suffix)"
                if let tag = try? Tag(name) { try await bring(tag) }
            }
        }
    }

    private func bring(_ tag: Tag) async throws {
        async let standing = run.targetDescriptor(of: .tag(tag))
        let found = try await run.reading("manifest \(tag)") {
            try await run.session.questionSlots.with {
                try await CopyRun.unlessUnknown {
                    try await run.source.registry.descriptor(of: .tag(tag), in: run.source.repository)
                }
            }
        }
        guard let found else {
            _ = try await standing
            return
        }
        let isThere = try await standing?.digest == found.digest && !run.options.force
        var node = Node(descriptor: found, tags: isThere ? [] : [tag])
        if isThere { node.isThere = true }
        try await bring(node)
    }

    private func referrers(to subject: Digest) async throws -> [Descriptor] {
        try await run.reading("the referrers of \(subject)") {
            var found: [Descriptor] = []
            while true {
                let last = found.last?.digest
                let page = try await run.session.questionSlots.with {
                    try await CopyRun.unlessUnknown {
                        try await run.source.registry.referrers(
                            to: subject,
                            artifactType: nil,
                            in: run.source.repository,
                            after: last,
                            limit: Self.pageCount
                        )
                    }
                }
                guard let page, let end = page.elements.last else { return found }
                found += page.elements
                guard page.hasMore, end.digest != last, found.count < TransferOptions.manifestCountMax else {
                    return found
                }
            }
        }
    }
}
