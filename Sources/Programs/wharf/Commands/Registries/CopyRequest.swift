import ArgumentParser
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
    /// Whether it is only looked what would be done.
    var dryRun = false
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
    /// Whether anything at the target is other than it was: an image came, or a tag moved.
    var changed: Bool

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
        changed = !report.isUnchanged
    }
}

/// What a copy would do, for people and programs.
struct CopyOutlook: Encodable, TableRow {
    static let columns = ["TARGET", "DIGEST", "CHANGES"]

    /// Where the image would be.
    var target: String
    /// Its digest there.
    var digest: String
    /// Whether an image would come, or a tag move.
    var changed: Bool

    var cells: [String] { [target, digest, changed ? "yes" : "no"] }

    init(_ outlook: TransferOutlook, target: String) {
        self.target = target
        digest = outlook.root.digest.description
        changed = !outlook.isUnchanged
    }
}

extension Registries {
    /// Copies, shows how it goes, and writes what was done.
    func copy(_ request: CopyRequest, options: CopyOptions, output: OutputOptions) async throws {
        guard !request.allTags || request.target.digest == nil else {
            throw ValidationError("Every tag is copied, so that the target names no digest: leave it out.")
        }
        let source = try await place(request.source)
        guard !request.dryRun else { return try await look(request, from: source, options: options, output: output) }
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
                try await request.copies(from: source, to: target, by: transfer).asyncMap { copy in
                    CopyResult(try await transfer.copy(copy.reference, tags: copy.tags), target: copy.name)
                }
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

    /// Says what a copy would do, and changes nothing.
    private func look(
        _ request: CopyRequest,
        from source: OpenedLocation,
        options: CopyOptions,
        output: OutputOptions
    ) async throws {
        guard case .registry = request.target else {
            throw ValidationError("--dry-run looks at registries, and \(request.target) is in files.")
        }
        let target = try await place(request.target, forChange: true)
        let transfer = Transfer(from: source.place, to: target.place, options: options.transfer)
        let outlooks = try await request.copies(from: source, to: target, by: transfer).asyncMap { copy in
            CopyOutlook(try await transfer.outlook(copy.reference, tags: copy.tags), target: copy.name)
        }
        if let only = outlooks.first, !request.allTags { try output.show(only) } else { try output.show(outlooks) }
    }
}

extension [CopyRequest.Copy] {
    fileprivate func asyncMap<Result>(_ transform: (CopyRequest.Copy) async throws -> Result) async rethrows -> [Result]
    {
        var results: [Result] = []
        for copy in self { results.append(try await transform(copy)) }
        return results
    }
}

extension CopyRequest {
    /// One image of it.
    fileprivate struct Copy {
        var reference: Reference
        var tags: [Tag]
        /// As a person would write the target.
        var name: String
    }

    fileprivate func copies(
        from source: OpenedLocation,
        to target: OpenedLocation,
        by transfer: Transfer
    ) async throws -> [Copy] {
        guard allTags else {
            let tags = tagsAtTarget(from: source, to: target)
            let name = tags.first.map { target.name(tagged: $0) } ?? target.location.nameWithoutDigest
            return [Copy(reference: try await reference(at: source, for: transfer), tags: tags, name: name)]
        }
        return try await Listing.tags(of: source).map { tag in
            Copy(reference: .tag(tag), tags: [tag], name: target.name(tagged: tag))
        }
    }

    /// What is copied: where the target names a digest, the very manifest of which it was seen that it comes to that.
    ///
    /// - Throws: a `Failure` where it comes to another.
    private func reference(at source: OpenedLocation, for transfer: Transfer) async throws -> Reference {
        guard target.digest != nil else { return source.wanted }
        let found = try await source.registry.descriptor(of: source.wanted, in: source.repository)
        // Of platforms that are chosen, an index is made, whose digest is another than that of the source.
        try target.demand(try await transfer.outlook(.digest(found.digest)).root.digest)
        return .digest(found.digest)
    }

    /// The tag that the target names, else that of the source, and those that were asked for besides; a target that
    /// names a digest and no tag gets only the latter.
    private func tagsAtTarget(from source: OpenedLocation, to target: OpenedLocation) -> [Tag] {
        var all: [Tag] = []
        switch (target.reference, source.reference) {
        case (.tag(let tag)?, _): all = [tag]
        case (.digest?, _): all = target.location.tagBesideDigest.map { [$0] } ?? []
        case (nil, .tag(let tag)?) where tags.isEmpty: all = [tag]
        case (nil, nil) where tags.isEmpty: all = [ImageReference.latest]
        default: break
        }
        return all + tags.filter { !all.contains($0) }
    }
}
