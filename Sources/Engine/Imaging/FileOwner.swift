/// Who owns a file or a folder of an image, with all that lies in it.
public struct FileOwner: Sendable, Hashable {
    /// The path in the image; empty for all of it.
    public var path: EntryName
    /// The number of the owner.
    public var owner: UInt32
    /// The number of the group.
    public var group: UInt32

    /// Names an owner.
    public init(of path: EntryName, owner: UInt32, group: UInt32) {
        self.path = path
        self.owner = owner
        self.group = group
    }

    /// Reads `/path=user:group`, both as numbers: names mean another number in every image; nil for anything else.
    ///
    /// One number alone is that of the group too.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard let equals = text.utf8.lastIndex(of: UInt8(ascii: "=")),
            let path = FileCollector.target(String(text[..<equals]))
        else { return nil }
        let words = text[text.utf8.index(after: equals)...].split(separator: ":", omittingEmptySubsequences: false)
        let numbers = words.compactMap(Self.number)
        guard let owner = numbers.first, let group = numbers.last, numbers.count == words.count, words.count <= 2
        else { return nil }
        self.init(of: path, owner: owner, group: group)
    }

    /// Whether a path is this one or lies in it.
    func covers(_ other: EntryName) -> Bool {
        guard !path.isEmpty, other != path else { return true }
        return other.bytes.starts(with: path.bytes + [UInt8(ascii: "/")])
    }

    /// A number in digits alone; the highest one stands for "no change" in the calls of the system.
    private static func number(_ word: Substring) -> UInt32? {
        guard word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt32(word).flatMap { $0 == .max ? nil : $0 }
    }
}

extension [CollectedFile] {
    /// The files with their owners; where several cover a file the last one counts.
    ///
    /// - Throws: `requestInvalid` for one that covers none of the files: its path is misspelt, and the image would not
    ///   do what it is for.
    func owned(by owners: [FileOwner]) throws(ImagingError) -> [CollectedFile] {
        var files = self
        for owner in owners {
            let covered = files.indices.filter { owner.covers(files[$0].path) }
            guard !covered.isEmpty else {
                throw ImagingError(
                    .requestInvalid,
                    "Nothing in the layer lies at /\(owner.path), which an owner is for."
                )
            }
            for index in covered {
                files[index].facts.owner = owner.owner
                files[index].facts.group = owner.group
            }
        }
        return files
    }
}
