import Documents
import OCI

/// In what two images differ.
public struct ImageDifference: Sendable, Hashable {
    /// A field of config or manifest.
    public struct Field: Sendable, Hashable {
        /// The names on the way to it, such as `config`, `Env`, `PATH`.
        public var path: [String]
        /// What the left image has there.
        public var left: JSONValue?
        /// What the right image has there.
        public var right: JSONValue?
    }

    /// A file.
    public struct File: Sendable, Hashable {
        /// Where it is.
        public var path: EntryName
        /// What the left image has there.
        public var left: FileFacts?
        /// What the right image has there.
        public var right: FileFacts?

        /// What the right image did to it.
        public var kind: FileChange.Kind {
            left == nil ? .added : right == nil ? .removed : .changed
        }
    }

    /// Fields of the configs and annotations of the manifests, in the order in which they are written.
    public var fields: [Field]
    /// The layers that both have, the lowest first: those of the left image.
    public var commonLayers: [Descriptor]
    /// The layers that lie on them in the left image only.
    public var leftLayers: [Descriptor]
    /// The layers that lie on them in the right image only.
    public var rightLayers: [Descriptor]
    /// The files, in bytewise order of their paths; nil when they were not compared.
    public var files: [File]?

    /// Whether nothing that was compared differs.
    public var isEmpty: Bool {
        fields.isEmpty && leftLayers.isEmpty && rightLayers.isEmpty && (files ?? []).isEmpty
    }

    /// Compares two images, and their files where both were read.
    ///
    /// Layers are the same when their tar archives are, however they are compressed.
    ///
    /// - Parameters:
    ///   - left: one image, the older as a rule.
    ///   - right: the other.
    ///   - files: the files of both.
    public init(_ left: Image, _ right: Image, files: (left: [ImageContents.File], right: [ImageContents.File])? = nil)
    {
        fields = Self.fields(left.config.document, right.config.document, path: [])
        fields += Self.fields(
            left.manifest.manifest.annotations.document ?? .object([]),
            right.manifest.manifest.annotations.document ?? .object([]),
            path: ["annotations"]
        )
        let commonCount = Self.commonLayerCount(left, right)
        commonLayers = Array(left.layers.prefix(commonCount))
        leftLayers = Array(left.layers.dropFirst(commonCount))
        rightLayers = Array(right.layers.dropFirst(commonCount))
        self.files = files.map { Self.files($0.left, $0.right) }
    }

    private static func commonLayerCount(_ left: Image, _ right: Image) -> Int {
        var count = 0
        let ids = (left: left.config.diffIDs, right: right.config.diffIDs)
        for (index, pair) in zip(left.layers, right.layers).enumerated() {
            let isSameBlob = pair.0.digest == pair.1.digest
            let isSameTar = index < ids.left.count && index < ids.right.count && ids.left[index] == ids.right[index]
            guard isSameBlob || isSameTar else { break }
            count += 1
        }
        return count
    }

    // MARK: - Fields

    /// Fields that are shown as layers are: not here.
    private static let layerFields = ["rootfs", "history"]

    private static func fields(_ left: JSONValue?, _ right: JSONValue?, path: [String]) -> [Field] {
        let (left, right) = (readable(left, at: path), readable(right, at: path))
        guard left != right else { return [] }
        guard let before = membersOrNone(left), let after = membersOrNone(right), !before.isEmpty || !after.isEmpty
        else {
            return [Field(path: path, left: left, right: right)]
        }
        let isTop = path.isEmpty
        let values = Dictionary(after.map { (Array($0.name.utf8), $0.value) }) { first, _ in first }
        let names = Set(before.map { Array($0.name.utf8) })
        let both = before.flatMap { member in
            isTop && layerFields.contains(member.name)
                ? [] : fields(member.value, values[Array(member.name.utf8)], path: path + [member.name])
        }
        let new = after.filter { !names.contains(Array($0.name.utf8)) }.flatMap { member in
            isTop && layerFields.contains(member.name) ? [] : fields(nil, member.value, path: path + [member.name])
        }
        return both + new
    }

    /// The members of an object, none of nothing, nil for any other value.
    private static func membersOrNone(_ value: JSONValue?) -> [JSONValue.Member]? {
        guard let value else { return [] }
        return value.members
    }

    /// Null as nothing, and the environment as an object of its variables, so that one of many can differ.
    private static func readable(_ value: JSONValue?, at path: [String]) -> JSONValue? {
        guard let value, value != .null else { return nil }
        guard path == ["config", "Env"], let texts = value.texts else { return value }
        let variables = TextChanges(assigned: texts.map { NamedText(assignment: $0) ?? NamedText($0, "") })
        return .object(variables.applied(to: []).map { .init($0.name, .string($0.value)) })
    }

    // MARK: - Files

    private static func files(_ left: [ImageContents.File], _ right: [ImageContents.File]) -> [File] {
        var differences: [File] = []
        var (i, j) = (0, 0)
        while i < left.count || j < right.count {
            if j == right.count || (i < left.count && left[i].path < right[j].path) {
                differences.append(File(path: left[i].path, left: left[i].facts, right: nil))
                i += 1
            } else if i == left.count || right[j].path < left[i].path {
                differences.append(File(path: right[j].path, left: nil, right: right[j].facts))
                j += 1
            } else {
                let isSame = left[i].facts.matches(right[j].facts)
                if !isSame { differences.append(File(path: left[i].path, left: left[i].facts, right: right[j].facts)) }
                (i, j) = (i + 1, j + 1)
            }
        }
        return differences
    }
}
