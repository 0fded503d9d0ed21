/// One way to say which names are meant.
public enum NamePattern: Hashable, Sendable {
    /// This one.
    case exactly(String)
    /// Those that the glob stands for.
    case glob(Glob)
    /// Those that the regular expression matches as a whole.
    case regex(Pattern)
    /// Tags that are versions in the range.
    case semver(VersionRange)

    /// Whether a name is meant.
    public func matches(_ name: String) -> Bool {
        switch self {
        case .exactly(let text): text.utf8.elementsEqual(name.utf8)
        case .glob(let glob): glob.matches(name)
        case .regex(let pattern): pattern.matches(name)
        case .semver(let range): SemanticVersion(tag: name).map(range.contains) ?? false
        }
    }
}

/// Which names are meant: those that one pattern includes and none excludes.
public struct NameSelector: Hashable, Sendable {
    /// A name must match one of these; all names are meant where there are none.
    public var include: [NamePattern]
    /// A name may match none of these.
    public var exclude: [NamePattern]

    /// Makes a selector.
    public init(include: [NamePattern] = [], exclude: [NamePattern] = []) {
        self.include = include
        self.exclude = exclude
    }

    /// Whether a name is meant.
    public func matches(_ name: String) -> Bool {
        (include.isEmpty || include.contains { $0.matches(name) }) && !exclude.contains { $0.matches(name) }
    }

    /// The names, where each is written out and no list is needed to find them.
    public var names: [String]? {
        var names: [String] = []
        for pattern in include {
            guard case .exactly(let name) = pattern else { return nil }
            names.append(name)
        }
        return names.isEmpty ? nil : names.filter(matches)
    }
}
