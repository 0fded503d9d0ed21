/// What a disk holds of a folder, and what it only was told: the two apart.
///
/// The model is the one that POSIX permits and no file system is kinder than: the bytes of a file are durable after
/// fsync(2) of the file, an entry after fsync(2) of its folder, and neither implies the other. Only one thing is taken
/// from journaling file systems, because all of them keep it: a rename is never half done so that the file is nowhere.
struct PowerLossModel {
    /// The name of a file or folder, for ever; the root is 0.
    typealias Node = Int

    private struct File {
        var durable: [UInt8] = []
        var current: [UInt8] = []
    }

    private struct Folder {
        var durable: [String: Node] = [:]
        var current: [String: Node] = [:]
    }

    private struct Move {
        var node: Node
        var destination: Node
        var name: String
    }

    private var files: [Node: File] = [:]
    private var folders: [Node: Folder] = [0: Folder()]
    private var moves: [Move] = []
    private var nodeCount = 1

    /// The file or folder at a path below the root; nil when there is none.
    func node(at path: [String]) -> Node? {
        path.reduce(0 as Node?) { node, name in node.flatMap { folders[$0]?.current[name] } }
    }

    /// Makes a file that is not durable in any way.
    mutating func makeFile(at path: [String]) -> Node {
        let node = add(at: path)
        files[node] = File()
        return node
    }

    /// Makes a folder that is not durable in any way.
    mutating func makeFolder(at path: [String]) {
        folders[add(at: path)] = Folder()
    }

    /// Overwrites bytes.
    mutating func write(_ bytes: [UInt8], to node: Node, at offset: Int) {
        guard var content = files[node]?.current else { return }
        if content.count < offset + bytes.count {
            content += Array(repeating: 0, count: offset + bytes.count - content.count)
        }
        content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        files[node]?.current = content
    }

    /// Cuts a file short, or makes it longer with zeros.
    mutating func truncate(_ node: Node, to count: Int) {
        guard let content = files[node]?.current else { return }
        files[node]?.current = content.prefix(count) + Array(repeating: 0, count: max(count - content.count, 0))
    }

    /// Makes the bytes of a file durable.
    mutating func synchronize(_ node: Node) {
        if let content = files[node]?.current { files[node]?.durable = content }
    }

    /// Makes the entries of a folder durable.
    mutating func synchronizeFolder(at path: [String]) {
        guard let node = node(at: path), let entries = folders[node]?.current else { return }
        folders[node]?.durable = entries
        moves.removeAll { $0.destination == node }
    }

    /// Moves an entry.
    mutating func rename(_ path: [String], to destination: [String]) {
        guard let node = node(at: path), let folder = self.node(at: destination.dropLast()),
            let name = destination.last
        else { return }
        unlink(path)
        folders[folder]?.current[name] = node
        moves.append(Move(node: node, destination: folder, name: name))
    }

    /// Removes an entry.
    mutating func unlink(_ path: [String]) {
        guard let folder = node(at: path.dropLast()), let name = path.last else { return }
        folders[folder]?.current[name] = nil
    }

    /// All is durable: what was there before the watching began.
    mutating func synchronizeAll() {
        for node in files.keys { synchronize(node) }
        folders = folders.mapValues { Folder(durable: $0.current, current: $0.current) }
        moves = []
    }

    private mutating func add(at path: [String]) -> Node {
        let node = nodeCount
        nodeCount += 1
        if let folder = self.node(at: path.dropLast()), let name = path.last { folders[folder]?.current[name] = node }
        return node
    }
}

// MARK: - Losing power

extension PowerLossModel {
    /// A file or folder of the state after the loss, in an order in which it can be made.
    enum Remains: Equatable {
        case folder([String])
        case file([String], [UInt8])
    }

    /// What is left when every change that is not durable survives with the given chance, each by itself.
    ///
    /// A chance of 0 is the worst case, 1 is a process that was killed on a machine that goes on.
    func remains(chance: Double, using generator: inout SeededGenerator) -> [Remains] {
        var entries: [Node: [String: Node]] = [:]
        for (node, folder) in folders.sorted(by: { $0.key < $1.key }) {
            let names = Set(folder.durable.keys).union(folder.current.keys).sorted()
            entries[node] = [:]
            for name in names {
                let survives = Double.random(in: 0..<1, using: &generator) < chance
                entries[node]?[name] = survives ? folder.current[name] : folder.durable[name]
            }
        }
        for move in moves where !entries.values.contains(where: { $0.values.contains(move.node) }) {
            guard folders[move.destination]?.current[move.name] == move.node else { continue }
            entries[move.destination]?[move.name] = move.node
        }
        var remains: [Remains] = []
        collect(0, [], entries, chance, &generator, into: &remains)
        return remains
    }

    private func collect(
        _ folder: Node,
        _ path: [String],
        _ entries: [Node: [String: Node]],
        _ chance: Double,
        _ generator: inout SeededGenerator,
        into remains: inout [Remains]
    ) {
        for (name, node) in (entries[folder] ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let file = files[node] {
                remains.append(.file(path + [name], Self.mixed(file.durable, file.current, chance, &generator)))
            } else {
                remains.append(.folder(path + [name]))
                collect(node, path + [name], entries, chance, &generator, into: &remains)
            }
        }
    }

    /// Each sector is the old or the new one, and so is the size; what was never written reads as zeros.
    private static func mixed(
        _ durable: [UInt8],
        _ current: [UInt8],
        _ chance: Double,
        _ generator: inout SeededGenerator
    ) -> [UInt8] {
        guard durable != current else { return durable }
        let size = Double.random(in: 0..<1, using: &generator) < chance ? current.count : durable.count
        var bytes = [UInt8](repeating: 0, count: size)
        for start in stride(from: 0, to: size, by: 512) {
            let source = Double.random(in: 0..<1, using: &generator) < chance ? current : durable
            for index in start..<max(min(start + 512, size, source.count), start) { bytes[index] = source[index] }
        }
        return bytes
    }
}
