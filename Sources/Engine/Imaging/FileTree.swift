/// The files of an image while its layers are laid upon each other.
///
/// Nodes lie in one array and know each other by index, so that neither depth nor number of files costs stack. What a
/// layer takes away leaves the tree in time linear in its size, once: whiteouts of a layer are applied before its
/// files, and concern only layers below.
struct FileTree {
    struct Node {
        var name: ArraySlice<UInt8>
        var parent: Int32
        var children: [Int32] = []
        /// Nil for a folder that no layer names, but that something lies in.
        var facts: FileFacts?
        /// The layer that the facts are from.
        var layer: Int32 = 0
    }

    private struct Key: Hashable {
        var parent: Int32
        var name: ArraySlice<UInt8>
    }

    /// Files that were there and are not to be seen any more.
    struct Hidden {
        var fileCount = 0
        var byteCount: Int64 = 0
    }

    private var nodes: [Node] = [Node(name: [], parent: -1)]
    private var index: [Key: Int32] = [:]
    /// How many nodes there may be, folders that no layer names among them.
    let nodeCountMax: Int
    /// By path, what was hidden there.
    private(set) var waste: [EntryName: Hidden] = [:]

    init(nodeCountMax: Int) {
        self.nodeCountMax = nodeCountMax
    }

    /// Where a path is; nil where nothing is.
    func node(at path: EntryName) -> Int32? {
        var node: Int32 = 0
        for name in path.components {
            guard let next = index[Key(parent: node, name: name)] else { return nil }
            node = next
        }
        return node
    }

    /// What a layer says of a node.
    func facts(_ node: Int32) -> FileFacts? {
        nodes[Int(node)].facts
    }

    /// Where a path is, made if it was not there.
    mutating func makeNode(at path: EntryName) throws(ImagingError) -> Int32 {
        var node: Int32 = 0
        for name in path.components {
            if let next = index[Key(parent: node, name: name)] {
                node = next
                continue
            }
            guard nodes.count < nodeCountMax else {
                throw ImagingError(
                    .limitExceeded,
                    "The image has more than \(nodeCountMax) files, which is the limit for reading it."
                )
            }
            let next = Int32(nodes.count)
            nodes.append(Node(name: name, parent: node))
            nodes[Int(node)].children.append(next)
            index[Key(parent: node, name: name)] = next
            node = next
        }
        return node
    }

    /// Puts what a layer says in place of what stood there; says what that hid.
    mutating func put(_ facts: FileFacts, at node: Int32, layer: Int) -> Hidden {
        var hidden = Hidden()
        if facts.kind != .directory { removeChildren(of: node, into: &hidden) }
        hide(node, into: &hidden)
        nodes[Int(node)].facts = facts
        nodes[Int(node)].layer = Int32(layer)
        return hidden
    }

    /// Takes away all below a node.
    mutating func removeChildren(of top: Int32, into hidden: inout Hidden) {
        var rest = nodes[Int(top)].children
        nodes[Int(top)].children = []
        while let node = rest.popLast() {
            hide(node, into: &hidden)
            rest += nodes[Int(node)].children
            nodes[Int(node)].children = []
            index[Key(parent: nodes[Int(node)].parent, name: nodes[Int(node)].name)] = nil
        }
    }

    /// Takes away a node and all below it; the node stays as a folder that no layer names.
    mutating func remove(_ node: Int32, into hidden: inout Hidden) {
        removeChildren(of: node, into: &hidden)
        hide(node, into: &hidden)
    }

    private mutating func hide(_ node: Int32, into hidden: inout Hidden) {
        guard let facts = nodes[Int(node)].facts else { return }
        nodes[Int(node)].facts = nil
        guard facts.kind == .file else { return }
        hidden.fileCount += 1
        hidden.byteCount += facts.size
        guard facts.size > 0 else { return }
        waste[path(of: node), default: Hidden()].fileCount += 1
        waste[path(of: node), default: Hidden()].byteCount += facts.size
    }

    /// The path of a node that is in the tree.
    func path(of node: Int32) -> EntryName {
        var names: [ArraySlice<UInt8>] = []
        var node = node
        while node > 0 {
            names.append(nodes[Int(node)].name)
            node = nodes[Int(node)].parent
        }
        return EntryName(bytes: Array(names.reversed().joined(separator: [UInt8(ascii: "/")])))
    }

    /// All files that are to be seen, in bytewise order of their paths, with the layers that they are from.
    func files() -> [(path: EntryName, facts: FileFacts, layer: Int)] {
        var files: [(path: EntryName, facts: FileFacts, layer: Int)] = []
        var rest: [(node: Int32, path: [UInt8])] = [(0, [])]
        while let (node, path) = rest.popLast() {
            if let facts = nodes[Int(node)].facts, node > 0 {
                files.append((EntryName(bytes: path), facts, Int(nodes[Int(node)].layer)))
            }
            for child in nodes[Int(node)].children {
                let name = nodes[Int(child)].name
                rest.append((child, path.isEmpty ? Array(name) : path + [UInt8(ascii: "/")] + name))
            }
        }
        return files.sorted { $0.path < $1.path }
    }
}
