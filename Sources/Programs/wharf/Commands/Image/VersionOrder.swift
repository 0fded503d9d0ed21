/// The order of tags as versions: numbers by their value, a pre-release before its release (semver.org, section 11).
///
/// Tags that are no versions come first, in bytewise order. `v1.2` and `1.2` are one version.
struct VersionOrder: Comparable {
    private let numbers: [UInt64]
    /// The pre-release identifiers; empty for a release.
    private let prerelease: [Substring]
    private let isVersion: Bool
    private let text: String

    init(_ text: String) {
        self.text = text
        var rest = text[...]
        if rest.hasPrefix("v") || rest.hasPrefix("V") { rest = rest.dropFirst() }
        let core = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false).map { UInt64($0) }
        let after = rest[core.endIndex...]
        isVersion = !parts.isEmpty && parts.allSatisfy { $0 != nil } && (after.isEmpty || after.first == "-")
        numbers = isVersion ? parts.compactMap { $0 } : []
        prerelease = isVersion ? after.dropFirst().split(separator: ".") : []
    }

    static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    static func < (left: Self, right: Self) -> Bool {
        guard left.isVersion, right.isVersion else {
            return left.isVersion == right.isVersion ? bytewise(left.text, right.text) : right.isVersion
        }
        let count = max(left.numbers.count, right.numbers.count)
        for index in 0..<count {
            let (one, other) = (left.number(index), right.number(index))
            if one != other { return one < other }
        }
        if left.prerelease.isEmpty != right.prerelease.isEmpty { return !left.prerelease.isEmpty }
        for (one, other) in zip(left.prerelease, right.prerelease) where one != other {
            switch (UInt64(one), UInt64(other)) {
            case (let one?, let other?) where one != other: return one < other
            case (.some, nil): return true
            case (nil, .some): return false
            default: return bytewise(String(one), String(other))
            }
        }
        if left.prerelease.count != right.prerelease.count { return left.prerelease.count < right.prerelease.count }
        if left.numbers.count != right.numbers.count { return left.numbers.count < right.numbers.count }
        return bytewise(left.text, right.text)
    }

    private func number(_ index: Int) -> UInt64 { index < numbers.count ? numbers[index] : 0 }

    private static func bytewise(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
