import OCI

/// Lays layers upon each other, the lowest first, and says what each did.
struct LayerStack {
    private(set) var tree: FileTree
    private var layerCount = 0

    init(entryCountMax: Int) {
        tree = FileTree(nodeCountMax: entryCountMax)
    }

    /// What happened to one path in a layer.
    private struct Touched {
        var before: FileFacts?
        var hidden = FileTree.Hidden()
    }

    /// Lays a layer on top.
    ///
    /// - Parameter items: its entries, in their order.
    /// - Returns: what it did, in bytewise order of the paths; folders that it names again as they were are left out.
    /// - Throws: `limitExceeded`.
    mutating func lay(_ items: [LayerItem]) throws(ImagingError) -> [FileChange] {
        var touched: [Int32: Touched] = [:]
        var opened: [EntryName: FileTree.Hidden] = [:]
        for item in items {
            switch item {
            case .file: break
            case .whiteout(let path):
                guard let node = tree.node(at: path) else { continue }
                var its = touched[node] ?? Touched(before: tree.facts(node))
                tree.remove(node, into: &its.hidden)
                touched[node] = its
            case .opaque(let path):
                guard let node = tree.node(at: path) else { continue }
                tree.removeChildren(of: node, into: &opened[path, default: FileTree.Hidden()])
            }
        }
        for case .file(let path, let facts) in items where !path.bytes.isEmpty {
            let node = try tree.makeNode(at: path)
            if touched[node] == nil { touched[node] = Touched(before: tree.facts(node)) }
            let hidden = tree.put(facts, at: node, layer: layerCount)
            touched[node]?.hidden.add(hidden)
        }
        layerCount += 1
        return changes(touched, opened)
    }

    private func changes(_ touched: [Int32: Touched], _ opened: [EntryName: FileTree.Hidden]) -> [FileChange] {
        var changes: [FileChange] = touched.compactMap { node, touched in
            let after = tree.facts(node)
            let kind: FileChange.Kind
            switch (touched.before, after) {
            case (nil, nil):
                guard touched.hidden.fileCount > 0 else { return nil }
                kind = .removed
            case (nil, _?): kind = .added
            case (_?, nil): kind = .removed
            case (let before?, let after?):
                guard after.kind != .directory || !before.matches(after) || touched.hidden.fileCount > 0 else {
                    return nil
                }
                kind = .changed
            }
            return FileChange(
                kind: kind,
                path: tree.path(of: node),
                before: touched.before,
                after: after,
                hiddenByteCount: touched.hidden.byteCount,
                hiddenFileCount: touched.hidden.fileCount
            )
        }
        // The content of a folder was hidden, not the folder: it stands beside what else the layer says of the folder.
        for (path, hidden) in opened where hidden.fileCount > 0 {
            changes.append(
                FileChange(
                    kind: .removed,
                    path: EntryName(bytes: path.bytes + (path.bytes.isEmpty ? [] : [0x2F]) + [UInt8(ascii: "*")]),
                    before: nil,
                    after: nil,
                    hiddenByteCount: hidden.byteCount,
                    hiddenFileCount: hidden.fileCount
                )
            )
        }
        return changes.sorted { $0.path < $1.path }
    }
}

extension FileTree.Hidden {
    /// Adds what else was hidden.
    mutating func add(_ other: FileTree.Hidden) {
        fileCount += other.fileCount
        byteCount += other.byteCount
    }
}
