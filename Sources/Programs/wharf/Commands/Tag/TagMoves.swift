import OCI
import RegistryContract

/// The moves of a tag, the newest first, asked for as they are needed.
struct TagMoves {
    /// More moves of one tag are not read.
    private static let countMax = 1_000_000
    /// Nor more pages, however little is in each.
    private static let pageCountMax = 2000

    /// The tag.
    let tag: Tag
    private let place: OpenedLocation
    /// Before this moment it is forgotten where the tag pointed; nil until its oldest move was read, and where nothing
    /// is forgotten.
    private(set) var forgottenBefore: Moment?
    private var page: ArraySlice<TagHistoryEntry> = []
    private var oldest: TagHistoryEntry?
    private var hasMore = true
    private var count = 0
    private var pageCount = 0

    /// The moves of the tag that a place names.
    init(of place: OpenedLocation) throws {
        guard case .tag(let tag) = place.wanted else {
            throw Failure(
                description: "\(place.name) names a digest, which never moves: write the tag alone, "
                    + "\(place.location.nameWithoutDigest):TAG."
            )
        }
        self.place = place
        self.tag = tag
    }

    /// The next older one; nil after the first that there was.
    mutating func next() async throws -> TagHistoryEntry? {
        if page.isEmpty, hasMore {
            // What is looked for is mostly new.
            let limit = oldest == nil ? 100 : 1000
            let found = try await place.registry.tagHistory(
                of: tag,
                in: place.repository,
                before: oldest?.version,
                limit: limit
            )
            page = found.elements[...]
            hasMore = found.hasMore && !page.isEmpty
            pageCount += 1
            guard count < Self.countMax, pageCount < Self.pageCountMax else {
                throw Failure(
                    description: "\(place.name(tagged: tag)) has moved too often to be read: \(count) moves in "
                        + "\(pageCount) pages are not all."
                )
            }
        }
        guard let move = page.popFirst() else {
            // What came before it may be forgotten since the page was asked for.
            if let oldest, oldest.version > 1, forgottenBefore == nil { forgottenBefore = oldest.movedAt }
            return nil
        }
        oldest = move
        forgottenBefore = move.forgottenBefore
        count += 1
        return move
    }

    /// Where the tag pointed at a time.
    ///
    /// Versions order the moves, so it is the last one whose time is not after that.
    ///
    /// - Parameters:
    ///   - time: When.
    ///   - newest: The newest move, where it was taken already.
    /// - Returns: That move, and where it went.
    /// - Throws: `NotAtThatTime` where it pointed nowhere, or that is forgotten.
    mutating func current(
        at time: TagTime,
        behind newest: TagHistoryEntry? = nil
    ) async throws -> (entry: TagHistoryEntry, digest: Digest) {
        let name = place.name(tagged: tag)
        var later: TagHistoryEntry?
        var found = newest
        if found == nil { found = try await next() }
        while let move = found {
            guard move.movedAt > time.moment else {
                if let digest = move.digest { return (move, digest) }
                throw NotAtThatTime(
                    description: "There was no \(name) at \(time.moment.toSecond): it was deleted at "
                        + "\(move.movedAt.toSecond)."
                )
            }
            later = move
            found = try await next()
        }
        if let begin = forgottenBefore, time.moment < begin {
            throw NotAtThatTime(
                description: "Where \(name) pointed at \(time.moment.toSecond) is forgotten: its history goes back to "
                    + "\(begin.toSecond)."
            )
        }
        let first = later.map { "it came first at \($0.movedAt.toSecond)" } ?? "it has no history"
        throw NotAtThatTime(description: "There was no \(name) at \(time.moment.toSecond): \(first).")
    }
}

/// A tag that pointed nowhere at the time that was asked for, or to what is gone, or of which that is forgotten.
struct NotAtThatTime: ExitStatusError, CustomStringConvertible {
    let description: String
    var exitStatus: ExitStatus { .notFound }
}

extension OpenedLocation {
    /// The same by the digest of the image that its tag named at a time; itself where none is given.
    func turned(to time: TagTime?) async throws -> OpenedLocation {
        guard let time else { return self }
        var moves = try TagMoves(of: self)
        var turned = self
        turned.reference = .digest(try await moves.current(at: time).digest)
        return turned
    }

    /// Explains an error about an image of another time, where it is that the image is gone.
    func explaining(_ error: any Error, _ time: TagTime?) -> any Error {
        guard let time, case .digest(let digest)? = reference, let error = error as? RegistryError,
            error.code == .manifestUnknown, error.digests.isEmpty || error.digests.contains(digest)
        else { return error }
        return NotAtThatTime(
            description: "What \(location.nameWithoutDigest) was at \(time.moment.toSecond) is gone: \(digest) was "
                + "deleted since."
        )
    }
}
