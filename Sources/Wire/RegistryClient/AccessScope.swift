import DistributionGrammar
import OCI

/// What a token is to let its bearer do, as Docker's token specification writes it: `type:name:action,action`.
struct AccessScope: Hashable, Sendable, CustomStringConvertible {
    var type: String
    var name: String
    var actions: Set<String>

    init(type: String, name: String, actions: Set<String>) {
        self.type = type
        self.name = name
        self.actions = actions
    }

    static func repository(_ name: RepositoryName, _ actions: String...) -> AccessScope {
        AccessScope(type: "repository", name: name.description, actions: Set(actions))
    }

    static let catalog = AccessScope(type: "registry", name: "catalog", actions: ["*"])

    /// Reads one; a name may have colons, since it may begin with a host and port.
    init?(_ text: Substring) {
        let bytes = text.utf8
        guard let first = bytes.firstIndex(of: UInt8(ascii: ":")), let last = bytes.lastIndex(of: UInt8(ascii: ":")),
            first != last
        else { return nil }
        type = String(text[..<first])
        name = String(text[bytes.index(after: first)..<last])
        actions = Set(text[bytes.index(after: last)...].split(separator: ",").map(String.init))
    }

    var description: String {
        "\(type):\(name):\(actions.sorted().joined(separator: ","))"
    }
}

/// Scopes with each thing in them once.
struct AccessScopes: Hashable, Sendable {
    /// What a challenge names beyond this is passed over.
    static let countMax = 16
    /// A challenge's list of scopes is read up to here, in bytes.
    static let byteCountMax = 8 << 10

    /// The scopes in the order of their texts.
    private(set) var scopes: [AccessScope] = []

    init(_ scopes: [AccessScope]) {
        for scope in scopes { insert(scope) }
    }

    /// The list of a challenge, with spaces in between.
    init(challenge text: String?) {
        for word in (text ?? "").utf8.prefix(Self.byteCountMax).split(separator: 0x20).prefix(Self.countMax) {
            if let scope = AccessScope(Substring(word)) { insert(scope) }
        }
    }

    mutating func insert(_ scope: AccessScope) {
        if let index = scopes.firstIndex(where: { $0.type == scope.type && $0.name == scope.name }) {
            scopes[index].actions.formUnion(scope.actions)
        } else {
            scopes.append(scope)
            scopes.sort { $0.description.utf8.lexicographicallyPrecedes($1.description.utf8) }
        }
    }

    func union(_ other: AccessScopes) -> AccessScopes {
        AccessScopes(scopes + other.scopes)
    }

    /// Whether who may do this may do the other as well.
    func covers(_ other: AccessScopes) -> Bool {
        other.scopes.allSatisfy { wanted in
            scopes.contains {
                $0.type == wanted.type && $0.name == wanted.name && $0.actions.isSuperset(of: wanted.actions)
            }
        }
    }
}
