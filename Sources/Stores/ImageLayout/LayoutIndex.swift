import Documents
public import OCI
import RegistryContract

/// One line of an `index.json`: what it names, and by what name.
public struct LayoutEntry: Sendable, Hashable {
    /// What is named.
    public let descriptor: Descriptor
    /// The name as it stands there: a tag, or a whole reference such as `docker.io/library/nginx:1.25`.
    public let name: String?
    /// The tag that the name stands for: itself, or that of the reference; nil where it is neither.
    public let tag: Tag?

    /// Reads a name.
    init(descriptor: Descriptor, name: String?) {
        self.descriptor = descriptor
        self.name = name
        tag = name.flatMap { name in
            if let tag = try? Tag(name) { return tag }
            guard let reference = try? ImageReference(name), reference.digest == nil else { return nil }
            return reference.tag ?? ImageReference.latest
        }
    }

    /// Whether the name is the tag, without a repository before it.
    var isPlainTag: Bool { tag.map { $0.description == name } ?? false }
}

/// The `index.json` of a layout, read for its entries and kept for what else it says.
///
/// Members that are not known here (annotations of the index, fields of descriptors) are written back as they were.
package struct LayoutIndex: Sendable {
    /// The annotation that names an image (image specification, annotations.md).
    static let nameAnnotation = "org.opencontainers.image.ref.name"
    /// The one by which containerd and Docker name an image in full.
    static let fullNameAnnotation = "io.containerd.image.name"
    /// The largest `index.json` that is read, in bytes.
    static let byteCountMax = 16 << 20

    private struct Line {
        var entry: LayoutEntry
        var json: JSONValue
    }

    private var members: [JSONValue.Member]
    private var lines: [Line]

    /// An index of nothing.
    init() {
        members = [.init("schemaVersion", .number("2")), .init("mediaType", .string("\(MediaType.imageIndex)"))]
        lines = []
    }

    /// Reads an index.
    ///
    /// - Throws: A sentence part that follows the name of the file.
    package init(parsing bytes: [UInt8]) throws(LayoutProblem) {
        let manifest: Manifest
        do throws(Manifest.ParseError) {
            manifest = try Manifest(parsing: bytes, contentType: .imageIndex)
        } catch {
            throw LayoutProblem(error.sentence)
        }
        let document: JSONValue
        do throws(JSONValue.Problem) {
            document = try JSONValue(json: bytes)
        } catch {
            throw LayoutProblem("it is no JSON: \(error)")
        }
        guard case .object(let members) = document else { throw LayoutProblem("it is not a JSON object") }
        self.members = members
        guard case .array(let items)? = document["manifests"] else {
            lines = []
            return
        }
        lines = zip(manifest.manifests, items).map { descriptor, item in
            func named(_ name: String) -> String? {
                descriptor.annotations.first { $0.name == name }?.value
            }
            // In full where it is given: the other one is a tag then.
            let name = named(Self.fullNameAnnotation) ?? named(Self.nameAnnotation)
            return Line(entry: LayoutEntry(descriptor: descriptor, name: name), json: item)
        }
    }

    /// The document, in the order in which it was read.
    package func json() -> [UInt8] {
        var members = members.filter { $0.name != "manifests" }
        members.append(.init("manifests", .array(lines.map(\.json))))
        return JSONValue.object(members).json()
    }

    /// The same lines by their names, and those without one behind them by their digests: whatever came first.
    var sorted: LayoutIndex {
        var sorted = self
        sorted.lines.sort { left, right in
            func key(_ line: Line) -> (Int, [UInt8]) {
                let text = line.entry.name ?? line.entry.descriptor.digest.description
                return (line.entry.name == nil ? 1 : 0, Array(text.utf8))
            }
            let (first, second) = (key(left), key(right))
            return first.0 != second.0 ? first.0 < second.0 : first.1.lexicographicallyPrecedes(second.1)
        }
        return sorted
    }

    /// Every line, in its order.
    package var entries: [LayoutEntry] { lines.map(\.entry) }

    /// What a tag names: the line of that very name before one whose name only ends in it, as the first that fits.
    package func entry(of tag: Tag) -> LayoutEntry? {
        position(of: tag).map { lines[$0].entry }
    }

    private func position(of tag: Tag) -> Int? {
        let text = tag.description
        return lines.firstIndex { $0.entry.name == text } ?? lines.firstIndex { $0.entry.tag == tag }
    }

    /// Every tag, each once, in bytewise order.
    package var tags: [Tag] {
        Set(lines.compactMap(\.entry.tag)).sorted()
    }

    /// The lines that name a digest.
    func entries(of digest: Digest) -> [LayoutEntry] {
        lines.map(\.entry).filter { $0.descriptor.digest == digest }
    }

    // MARK: - Changing

    /// Lets a tag name something, in the place of what it named before.
    ///
    /// A line without a name for the same digest is not needed beside it.
    package mutating func name(_ descriptor: Descriptor, _ tag: Tag) {
        let line = Self.line(descriptor, tag)
        if let position = position(of: tag) {
            lines[position] = line
            let text = tag.description
            for other in lines.indices.reversed() where other != position && lines[other].entry.name == text {
                lines.remove(at: other)
            }
        } else {
            lines.append(line)
        }
        lines.removeAll { $0.entry.name == nil && $0.entry.descriptor.digest == descriptor.digest }
    }

    /// Adds a line with a name of any form, or without one.
    mutating func add(_ descriptor: Descriptor, name: String?) {
        lines.append(
            Line(entry: LayoutEntry(descriptor: descriptor, name: name), json: Self.line(descriptor, nil).json)
        )
    }

    /// Lists something without a name, unless it is listed.
    mutating func list(_ descriptor: Descriptor) {
        guard entries(of: descriptor.digest).isEmpty else { return }
        lines.append(Self.line(descriptor, nil))
    }

    /// Takes the line of a tag away; returns what it named.
    mutating func remove(_ tag: Tag) -> Descriptor? {
        guard let position = position(of: tag) else { return nil }
        let removed = lines.remove(at: position).entry.descriptor
        let text = tag.description
        lines.removeAll { $0.entry.name == text }
        return removed
    }

    /// Takes every line of a digest away.
    mutating func remove(_ digest: Digest) {
        lines.removeAll { $0.entry.descriptor.digest == digest }
    }

    /// Takes the lines without a name away that name one of `digests`, unless `isKept` wants them.
    mutating func unlist(_ digests: Set<Digest>, unless isKept: (Digest) throws -> Bool) rethrows {
        try lines.removeAll { line in
            let digest = line.entry.descriptor.digest
            return try line.entry.name == nil && digests.contains(digest) && !isKept(digest)
        }
    }

    private static func line(_ descriptor: Descriptor, _ tag: Tag?) -> Line {
        var members: [JSONValue.Member] = []
        if let type = descriptor.mediaType { members.append(.init("mediaType", .string(type.description))) }
        members.append(.init("digest", .string(descriptor.digest.description)))
        members.append(.init("size", .number("\(descriptor.size)")))
        if let type = descriptor.artifactType { members.append(.init("artifactType", .string(type))) }
        var annotations: [JSONValue.Member] = []
        if let tag { annotations.append(.init(nameAnnotation, .string(tag.description))) }
        if !annotations.isEmpty { members.append(.init("annotations", .object(annotations))) }
        return Line(entry: LayoutEntry(descriptor: descriptor, name: tag?.description), json: .object(members))
    }
}

/// What is wrong with a document of a layout: a sentence part that follows its name.
package struct LayoutProblem: Error, Hashable {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Manifest.ParseError {
    /// What is wrong, as a sentence part that follows the name of the document.
    var sentence: String {
        switch self {
        case .notJSON(let reason): "it cannot be read: \(reason)"
        case .unsupportedMediaType(let type): "it is of type \(type), which is no manifest that is read here"
        case .contradiction(let contentType, let body):
            "it is said to be of type \(contentType) and calls itself \(body)"
        case .undeclared: "nothing says of which type it is"
        case .field(let field, let reason): "its field \(field) \(reason)"
        case .ambiguous: "it has the fields of an image and of an index, so that two readers could differ on it"
        }
    }
}
