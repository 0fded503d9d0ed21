import OCI

/// What comes back from the trash.
extension Facts {
    /// How many tags that were deleted before their manifest come back with it.
    private static let tagCountMax = 1000

    /// Brings something back as it was, with all that went with it; its entry is gone then.
    ///
    /// A manifest that was pushed again meanwhile stays as it is, and its tags come back. Tags that point elsewhere
    /// meanwhile stay there, unless they are to move.
    ///
    /// - Parameters:
    ///   - id: The entry.
    ///   - way: How it comes back.
    ///   - moment: When.
    ///   - actor: The id of who does it.
    ///   - ask: Throws where a tag may not come to point to a manifest; asked of each before it does.
    /// - Returns: What came back.
    /// - Throws: ``TrashRefusal``; what `ask` throws; what the database ran into.
    public func restore(
        _ id: Int64,
        _ way: TrashReturn = TrashReturn(),
        at moment: Timestamp,
        by actor: String,
        asking ask: (Tag, Digest) throws -> Void = { _, _ in }
    ) throws -> TrashRestored {
        guard let entry = try trashEntry(id) else { throw TrashRefusal.missing }
        if let repository = entry.isWithin { throw TrashRefusal.within(repository) }
        guard entry.purgeAt != nil else { throw TrashRefusal.purging }
        let occasion = EventNotice.Occasion(repository: entry.repository, at: moment, actor: actor)
        let restored =
            switch entry.kind {
            case .tag: try restoreTag(entry, way, occasion, ask)
            case .manifest: try restoreManifest(entry, way, occasion, ask)
            case .repository: try restoreRepository(entry, way, occasion)
            // It comes back by steps of its own.
            case .project: throw TrashRefusal.missing
            }
        try forgetTrash(id)
        if let project = entry.projectEntry { try closeTrash(ofProject: project) }
        return restored
    }

    private func restoreRepository(
        _ entry: TrashFact,
        _ way: TrashReturn,
        _ occasion: EventNotice.Occasion
    ) throws -> TrashRestored {
        let name = way.name ?? entry.name
        guard try repository(name) == nil else { throw TrashRefusal.nameTaken(name) }
        let project = String(name.components.first ?? "")
        try post(Statements.renameRepository, .id(entry.repository), .name(name), .text(project))
        // It was broken by who could where the repository was, and of rules that held there then.
        try post(Statements.deleteGlassOf, .id(entry.repository))
        try countMove(of: entry.repository, to: name)
        tell(EventNotice(occasion: occasion, kind: .repositoryRestored, subject: .repository))
        return TrashRestored(entry: entry, name: name)
    }

    private func restoreManifest(
        _ entry: TrashFact,
        _ way: TrashReturn,
        _ occasion: EventNotice.Occasion,
        _ ask: (Tag, Digest) throws -> Void
    ) throws -> TrashRestored {
        guard let digest = entry.digest else { throw Self.damaged(entry) }
        var restored = TrashRestored(entry: entry, name: entry.name)
        if try row(Statements.restoreManifest, .integer(entry.id)) != nil {
            try post(Statements.restoreEdges, .integer(entry.id))
            try countManifestBack(digest, in: entry.repository)
            try countNamed(by: digest, in: entry.repository)
            tell(
                EventNotice(
                    occasion: occasion,
                    kind: .manifestRestored,
                    subject: .manifest(digest),
                    new: digest
                )
            )
        }
        for row in try rows(Statements.trashTags, .integer(entry.id)) {
            try bringBack(try row.tag(0), to: digest, from: entry.id, as: nil, way, occasion, ask, &restored)
        }
        // Clients take away the tags of an image one by one before the image: those come back with it, too.
        let earlier = try rows(
            Statements.trashedTags,
            .id(entry.repository),
            .digest(digest),
            .count(Self.tagCountMax)
        )
        for row in earlier {
            let (id, tag) = (try row.integer(0), try row.tag(1))
            guard !restored.tags.contains(tag), !restored.keptTags.contains(tag) else { continue }
            try bringBack(tag, to: digest, from: id, as: nil, way, occasion, ask, &restored)
            if restored.tags.contains(tag) { try forgetTrash(id) }
        }
        return restored
    }

    private func restoreTag(
        _ entry: TrashFact,
        _ way: TrashReturn,
        _ occasion: EventNotice.Occasion,
        _ ask: (Tag, Digest) throws -> Void
    ) throws -> TrashRestored {
        guard let digest = entry.digest, let tag = entry.tag else { throw Self.damaged(entry) }
        guard try row(Statements.manifestMediaType, .id(entry.repository), .digest(digest)) != nil else {
            let manifest = try row(Statements.trashedManifest, .id(entry.repository), .digest(digest))
            if let manifest { throw TrashRefusal.manifestTrashed(try manifest.integer(0)) }
            throw TrashRefusal.manifestGone(digest)
        }
        var restored = TrashRestored(entry: entry, name: entry.name)
        try bringBack(tag, to: digest, from: entry.id, as: way.tag, way, occasion, ask, &restored)
        guard restored.keptTags.isEmpty else {
            let name = way.tag ?? tag
            throw TrashRefusal.taken(name, try self.tag(name, in: entry.repository)?.digest ?? digest)
        }
        return restored
    }

    /// Points a tag where it pointed, with the referrers that came by it, unless it points elsewhere meanwhile.
    private func bringBack(
        _ tag: Tag,
        to digest: Digest,
        from entry: Int64,
        as other: Tag?,
        _ way: TrashReturn,
        _ occasion: EventNotice.Occasion,
        _ ask: (Tag, Digest) throws -> Void,
        _ restored: inout TrashRestored
    ) throws {
        let name = other ?? tag
        let standing = try self.tag(name, in: occasion.repository)?.digest
        if let standing, standing != digest, !way.movesTags {
            restored.keptTags.append(name)
            return
        }
        try ask(name, digest)
        try moveTag(name, to: digest, in: occasion.repository, at: occasion.at, by: occasion.actor)
        restored.tags.append(name)
        // Only a tag's own name says to what its manifest refers.
        guard name == tag else { return }
        try post(Statements.restoreTagEdges, .integer(entry), .name(tag))
    }

    /// Forgets an entry and what it has; nobody needs it any more.
    func forgetTrash(_ id: Int64) throws {
        for statement in [
            Statements.deleteTrashEdges, Statements.deleteTrashTags, Statements.deleteTrashManifest,
            Statements.deleteTrash,
        ] { try post(statement, .integer(id)) }
    }

    private static func damaged(_ entry: TrashFact) -> MetadataError {
        MetadataError(.corrupt, "the entry \(entry.id) of the trash does not say what it is of")
    }
}
