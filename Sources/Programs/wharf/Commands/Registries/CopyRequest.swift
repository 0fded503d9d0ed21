import OCI
import RegistryContract
import Transfer

/// A copy as it was asked for.
struct CopyRequest: Sendable {
    /// Where images are.
    var source: ImageLocation
    /// Where they are to be.
    var target: ImageLocation
    /// Tags at the target, besides its own.
    var tags: [Tag] = []
    /// Whether every tag of the source is copied.
    var allTags = false
}

/// What a copy did, for people and programs.
struct CopyResult: Encodable, TableRow {
    static let columns = ["TARGET", "DIGEST", "COPIED", "THERE", "MOUNTED", "BYTES"]

    /// Where the image is now.
    var target: String
    /// Its digest there.
    var digest: String
    /// How many blobs were sent.
    var copied: Int
    /// How many were there.
    var skipped: Int
    /// How many were mounted from another repository.
    var mounted: Int
    /// The bytes of blobs that were sent.
    var sentBytes: Int64

    var cells: [String] {
        [target, digest, "\(copied)", "\(skipped)", "\(mounted)", HumanText.bytes(sentBytes)]
    }

    init(_ report: TransferReport, target: String) {
        self.target = target
        digest = report.root.digest.description
        copied = report.copied.count
        skipped = report.skipped.count
        mounted = report.mounted.count
        sentBytes = report.sentByteCount
    }
}

extension Registries {
    /// Copies, shows how it goes, and writes what was done.
    func copy(_ request: CopyRequest, options: CopyOptions, output: OutputOptions) async throws {
        let source = try await place(request.source)
        let display = ProgressDisplay.standard(quiet: options.quiet, verbose: self.options.verbose)
        let results = try await writing(request.target) { target in
            let transfer = Transfer(
                from: source.place,
                to: target.place,
                options: options.transfer,
                session: TransferSession(blobsInParallelMax: options.parallel),
                observer: ProgressObserver(display: display)
            )
            return try await display.whileShown {
                try await request.run(transfer, from: source, to: target)
            }
        }
        if output.form == .table, output.field == nil {
            for result in results { print("\(result.target)@\(result.digest)") }
        } else if let only = results.first, !request.allTags {
            try output.show(only)
        } else {
            try output.show(results)
        }
    }
}

extension CopyRequest {
    fileprivate func run(
        _ transfer: Transfer,
        from source: OpenedLocation,
        to target: OpenedLocation
    ) async throws -> [CopyResult] {
        guard allTags else {
            let tags = tagsAtTarget(from: source, to: target)
            let report = try await transfer.copy(source.wanted, tags: tags)
            let name = tags.first.map { target.name(tagged: $0) } ?? target.name
            return [CopyResult(report, target: name)]
        }
        var results: [CopyResult] = []
        for tag in try await Listing.tags(of: source) {
            let report = try await transfer.copy(.tag(tag), tags: [tag])
            results.append(CopyResult(report, target: target.name(tagged: tag)))
        }
        return results
    }

    /// The tag that the target names, else that of the source, and those that were asked for besides; a target that
    /// names a digest gets only the latter.
    private func tagsAtTarget(from source: OpenedLocation, to target: OpenedLocation) -> [Tag] {
        var all: [Tag] = []
        switch (target.reference, source.reference) {
        case (.tag(let tag)?, _): all = [tag]
        case (.digest?, _): all = []
        case (nil, .tag(let tag)?) where tags.isEmpty: all = [tag]
        case (nil, nil) where tags.isEmpty: all = [ImageReference.latest]
        default: break
        }
        return all + tags.filter { !all.contains($0) }
    }
}
