/// What may be done with a repository.
public enum Action: String, CaseIterable, Hashable, Sendable, Codable {
    /// See that the repository exists, and its tags.
    case list
    /// Read manifests, blobs and referrers.
    case pull
    /// Add blobs and manifests.
    case push
    /// Give a manifest a tag that was free.
    case tag
    /// Point a tag that exists to another manifest.
    case overwrite
    /// Delete tags, manifests and blobs.
    case delete
    /// Ask for a scan, and read what it found.
    case scan
    /// Sign and attest.
    case sign
    /// Change the settings and the members of a project.
    case manage
}

extension Action {
    /// Its place among the actions, without looking through them: each request asks for it.
    fileprivate var place: UInt16 {
        switch self {
        case .list: 0
        case .pull: 1
        case .push: 2
        case .tag: 3
        case .overwrite: 4
        case .delete: 5
        case .scan: 6
        case .sign: 7
        case .manage: 8
        }
    }
}

/// Some of the actions.
public struct ActionSet: OptionSet, Hashable, Sendable {
    /// A bit for each action, in the order of ``Action``.
    public let rawValue: UInt16

    /// The set of the bits.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The set of one action.
    public init(_ action: Action) {
        self.init(rawValue: 1 << action.place)
    }

    /// The set of ``Action/list``.
    public static let list = ActionSet(.list)
    /// The set of ``Action/pull``.
    public static let pull = ActionSet(.pull)
    /// The set of ``Action/push``.
    public static let push = ActionSet(.push)
    /// The set of ``Action/tag``.
    public static let tag = ActionSet(.tag)
    /// The set of ``Action/overwrite``.
    public static let overwrite = ActionSet(.overwrite)
    /// The set of ``Action/delete``.
    public static let delete = ActionSet(.delete)
    /// The set of ``Action/scan``.
    public static let scan = ActionSet(.scan)
    /// The set of ``Action/sign``.
    public static let sign = ActionSet(.sign)
    /// The set of ``Action/manage``.
    public static let manage = ActionSet(.manage)
    /// All of them.
    public static let all = ActionSet(Action.allCases.map { ActionSet($0) })

    /// Its actions, in the order of ``Action``.
    public var actions: [Action] {
        Action.allCases.filter { contains(ActionSet($0)) }
    }
}
