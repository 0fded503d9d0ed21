import NetworkAddress

/// Who calls, as policy sees it: a name and the groups that it is in, wherever they come from.
public struct Principal: Hashable, Sendable {
    /// What kind of caller it is.
    public enum Kind: String, Hashable, Sendable, Codable {
        /// A person, or a program that logs in as one.
        case user
        /// A credential of a program.
        case robot
        /// Nobody has said who calls.
        case anonymous
        /// Whoever may open the socket in the data folder.
        case local
    }

    /// What kind of caller it is.
    public let kind: Kind
    /// The name, unique within its kind; empty for a kind that has one member.
    public let name: String
    /// The names of the groups that it is in.
    public let groups: Set<String>
    /// What the credentials in use may do at most, each of them; none where they may do all that their owner may.
    public let limits: [[Policy]]
    /// From where the call comes; nil where that is not known.
    public let address: IPAddress?

    /// Names a caller.
    public init(
        kind: Kind,
        name: String,
        groups: Set<String> = [],
        limits: [[Policy]] = [],
        address: IPAddress? = nil
    ) {
        self.kind = kind
        self.name = name
        self.groups = groups
        self.limits = limits
        self.address = address
    }

    /// A caller who has not said who it is.
    public static let anonymous = Principal(kind: .anonymous, name: "")
    /// Whoever may open the socket in the data folder.
    public static let local = Principal(kind: .local, name: "")
}

extension Principal: CustomStringConvertible {
    /// As logs and the audit name it, such as `user:alice`.
    public var description: String {
        name.isEmpty ? kind.rawValue : "\(kind.rawValue):\(name)"
    }
}

/// Whom a grant is for.
public enum Subject: Hashable, Sendable {
    case user(String)
    case group(String)
    case robot(String)
    /// Everyone who has logged in.
    case authenticated
    /// Everyone, also those who have not.
    case anyone

    /// Whether a caller is meant.
    public func includes(_ principal: Principal) -> Bool {
        switch self {
        case .user(let name): principal.kind == .user && principal.name == name
        case .robot(let name): principal.kind == .robot && principal.name == name
        case .group(let name): principal.groups.contains(name)
        case .authenticated: principal.kind != .anonymous
        case .anyone: true
        }
    }
}

extension Subject {
    /// Reads what ``description`` wrote; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "anyone": self = .anyone
        case "authenticated": self = .authenticated
        default:
            guard let colon = text.firstIndex(of: ":") else { return nil }
            let name = String(text[text.index(after: colon)...])
            switch text[..<colon] {
            case _ where name.isEmpty: return nil
            case "user": self = .user(name)
            case "group": self = .group(name)
            case "robot": self = .robot(name)
            default: return nil
            }
        }
    }
}
