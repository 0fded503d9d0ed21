/// Every kind of caller, named as the columns of matrix.txt are.
enum Caller: String, CaseIterable, Sendable {
    case anonymous = "anon"
    case anonymousToken = "atok"
    case none, list, read, write, maint, admin, near, mixed, deny, root
    case robot, fleet
    case limitedToken = "pat"
    case boundToken = "addr"
    case pullBearer = "pull"
    case pushBearer = "push"
    case expired = "old"
    case foreignKey = "alien"
    case otherAudience = "other"
    case wrongPassword = "wrong"
    case closed
    case socket = "sock"

    /// The users of the town.
    static let users: [Caller] = [.none, .list, .read, .write, .maint, .admin, .near, .mixed, .deny, .root, .closed]

    /// The name of the account that the caller is, or says to be.
    var account: String {
        switch self {
        case .none, .list, .read, .write, .maint, .admin, .near, .mixed, .deny, .root, .closed, .fleet: rawValue
        case .robot: "team+robot"
        case .pushBearer: "write"
        case .limitedToken, .boundToken, .pullBearer, .expired, .foreignKey, .otherAudience, .wrongPassword: "root"
        // Who has no account asks about somebody's.
        case .anonymous, .anonymousToken, .socket: "none"
        }
    }
}

/// How a caller says who it is.
struct CallerCredentials: Sendable {
    /// The header; nil for none.
    var authorization: String?
    /// What it would type as its password; nil where it has nothing at all.
    var password: String?
    /// What it would send as its refresh token; nil where it has nothing at all.
    var refreshToken: String?
}
