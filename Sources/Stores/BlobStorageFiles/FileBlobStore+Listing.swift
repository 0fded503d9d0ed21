import BlobStorage

extension FileBlobStore {
    /// Each page reads the folder again in which the page before stopped, and no other twice.
    func listNow(after token: String?, limit: Int) throws -> BlobListing {
        var walk = ListingWalk(calls: calls, root: layout.folder, limit: limit, token: token)
        try walk.visit([], resuming: token != nil)
        return BlobListing(entries: walk.entries, strangers: walk.strangers, next: walk.isFull ? walk.last : nil)
    }
}

/// A walk through the three levels of a layout that begins after a path and stops when a page is full.
///
/// A token is the path, relative to the layout's folder, of the last thing that was shown.
private struct ListingWalk {
    let calls: any FileSystemCalls
    let root: String
    let limit: Int
    let resumeAt: [String]
    private(set) var entries: [BlobListing.Entry] = []
    private(set) var strangers: [String] = []
    private(set) var last: String?

    init(calls: any FileSystemCalls, root: String, limit: Int, token: String?) {
        self.calls = calls
        self.root = root
        self.limit = limit
        resumeAt = (token ?? "").split(separator: "/").map(String.init)
    }

    var isFull: Bool { entries.count + strangers.count >= limit }

    /// Visits what is in a folder; `resuming` while everything so far lies on the way to the token.
    mutating func visit(_ folder: [String], resuming: Bool) throws {
        let marker = resuming && folder.count < resumeAt.count ? resumeAt[folder.count] : nil
        let precedes = order(folder.count)
        for name in try calls.names(in: absolute(folder)).sorted(by: precedes) {
            if isFull { return }
            if let marker, precedes(name, marker) { continue }
            let path = folder + [name]
            if path == ["identity"] { continue }
            let isMarked = name == marker
            if try isFolder(path) {
                try visit(path, resuming: isMarked)
            } else if !isMarked {
                try show(path)
            }
        }
    }

    private mutating func show(_ path: [String]) throws {
        let relative = path.joined(separator: "/")
        // Nothing is there when it was finished, discarded or removed since the folder was read.
        guard let status = try calls.statusIfPresent(at: absolute(path)) else { return }
        last = relative
        if path.count == 3, status.kind == .file,
            let found = BlobLayout.meaning(kind: path[0], prefix: path[1], name: path[2])
        {
            entries.append(.init(key: found.key, digest: found.digest, byteCount: status.byteCount))
        } else {
            strangers.append(relative)
        }
    }

    /// Whether the layout has such a folder, and it is one.
    private func isFolder(_ path: [String]) throws -> Bool {
        let isPlanned =
            switch path.count {
            case 1: BlobLayout.kinds.contains(path[0])
            case 2: BlobLayout.isPrefix(path[1])
            default: false
            }
        guard isPlanned else { return false }
        return try calls.status(at: absolute(path)).kind == .folder
    }

    private func absolute(_ path: [String]) -> String {
        path.reduce(root) { "\($0)/\($1)" }
    }

    /// Bytewise order, but the kinds of content come first, in their own order.
    private func order(_ level: Int) -> (String, String) -> Bool {
        { left, right in
            if level == 0 {
                let (first, second) = (Self.rank(left), Self.rank(right))
                if first != second { return first < second }
            }
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }

    private static func rank(_ kind: String) -> Int {
        BlobLayout.kinds.firstIndex(of: kind) ?? BlobLayout.kinds.count
    }
}
