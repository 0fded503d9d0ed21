import Access
import Selectors

/// What a token is asked for or lets its bearer do, as the Docker token protocol writes it:
/// `repository:team/app:pull,push`.
public struct TokenScope: Hashable, Sendable, Codable {
    /// Why a text is not a scope.
    public enum ParseError: Error, Hashable, Sendable {
        /// It has not three parts, its type or name is empty, or it has a byte that no scope has.
        case malformed
        /// It is longer than ``TokenScope/byteCountMax``.
        case tooLong
    }

    /// The longest scope that is read, in bytes.
    public static let byteCountMax = 1024

    /// What kind of thing: `repository` or `registry`.
    public var type: String
    /// Which one: the name of a repository, or `catalog`.
    public var name: String
    /// What may be done with it: `pull`, `push`, `delete`, `*`.
    public var actions: [String]

    /// Names a scope.
    public init(type: String, name: String, actions: [String]) {
        self.type = type
        self.name = name
        self.actions = actions
    }

    /// A scope of a repository.
    public static func repository(_ name: String, _ actions: String...) -> TokenScope {
        TokenScope(type: "repository", name: name, actions: actions)
    }

    /// Reads a scope; the name may have colons, as those with a port do.
    public init(_ text: some StringProtocol) throws(ParseError) {
        guard text.utf8.count <= Self.byteCountMax else { throw .tooLong }
        guard text.utf8.allSatisfy(Self.isScopeByte) else { throw .malformed }
        let text = String(text)
        guard let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"), first < last else {
            throw .malformed
        }
        let (type, name) = (text[..<first], text[text.index(after: first)..<last])
        let actions = text[text.index(after: last)...]
        // Docker's plugins come as `repository(plugin)`.
        let kind = type.prefix { $0 != "(" }
        guard !kind.isEmpty, !name.isEmpty else { throw .malformed }
        self.type = String(kind)
        self.name = String(name)
        self.actions = actions.split(separator: ",").map(String.init)
    }

    /// RFC 6749 section 3.3.
    private static func isScopeByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    enum CodingKeys: String, CodingKey {
        case type, name, actions
    }
}

extension TokenScope: CustomStringConvertible {
    /// The scope as it is asked for.
    public var description: String {
        "\(type):\(name):\(actions.joined(separator: ","))"
    }
}

extension TokenScope {
    /// What an action of the Docker token protocol lets its bearer do, if policy does too.
    static func actions(of name: String) -> ActionSet {
        switch name {
        case "pull": [.list, .pull]
        case "push": Role.pushing.union([.scan, .sign])
        case "delete": .delete
        case "*": .all
        default: []
        }
    }

    /// What a token with this scope is limited to.
    var policies: [Policy] {
        if type == "registry", name == "catalog" { return [Policy(.allow, .everything, .list)] }
        guard type == "repository", let pattern = try? Glob(exactly: name) else { return [] }
        let actions = actions.reduce(into: ActionSet()) { $0.formUnion(Self.actions(of: $1)) }
        return [Policy(.allow, pattern, actions)]
    }
}
