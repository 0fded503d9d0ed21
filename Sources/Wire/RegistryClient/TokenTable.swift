import Outgoing

/// A token, and until when it is good.
struct Token: Sendable {
    var text: String
    var scopes: AccessScopes
    /// When it is asked for anew: a little before it ends.
    var renewal: ContinuousClock.Instant
}

/// What a client knows of how to be let in.
///
/// It begins with `open`: nothing goes along. A challenge leads to `basic` or to `bearer`, and another challenge from
/// each of the three to another of them; nothing leads back to `open`.
struct TokenTable: Sendable {
    /// What goes along with a request.
    enum Way: Sendable, Hashable {
        /// Nothing: nobody has asked.
        case open
        /// Name and password.
        case basic
        /// A token from there.
        case bearer(TokenRealm)
    }

    /// What the next request needs.
    enum Step: Sendable, Equatable {
        /// It goes as it is.
        case nothing
        /// Name and password go along.
        case basic
        /// This token goes along.
        case token(String)
        /// A token has to be asked for first.
        case fetch(TokenRealm, AccessScopes)
    }

    /// More tokens than this of one token service are not kept: the one that ends first goes.
    static let countMax = 512
    /// More token services than this are none that a sound registry names.
    static let realmCountMax = 16

    private(set) var way = Way.open
    private var tokens: [TokenRealm: [Token]] = [:]
    /// What a challenge has asked for beyond what was thought to be needed.
    private var widened: [AccessScopes: AccessScopes] = [:]

    /// What goes along with a request that needs `scopes`.
    func step(for scopes: AccessScopes, at now: ContinuousClock.Instant) -> Step {
        switch way {
        case .open: return .nothing
        case .basic: return .basic
        case .bearer(let realm):
            let needed = widened[scopes] ?? scopes
            let token = tokens[realm]?.first { $0.renewal > now && $0.scopes.covers(needed) }
            return token.map { .token($0.text) } ?? .fetch(realm, needed)
        }
    }

    /// A registry asks for a token; `refused` is the one that was sent along.
    mutating func challenge(_ realm: TokenRealm, asking asked: AccessScopes, for scopes: AccessScopes, refused: String?)
    {
        way = .bearer(realm)
        let needed = scopes.union(asked)
        if needed != scopes {
            if widened.count >= Self.countMax { widened = [:] }
            widened[scopes] = needed
        }
        if let refused { tokens[realm]?.removeAll { $0.text == refused } }
    }

    /// A registry asks for name and password.
    mutating func challengeBasic() {
        way = .basic
    }

    /// A token was given.
    mutating func insert(_ token: Token, from realm: TokenRealm) {
        var kept = tokens[realm, default: []]
        kept.removeAll { token.scopes.covers($0.scopes) }
        if tokens[realm] == nil, tokens.count >= Self.realmCountMax { tokens = [:] }
        if kept.count >= Self.countMax, let first = kept.indices.min(by: { kept[$0].renewal < kept[$1].renewal }) {
            kept.remove(at: first)
        }
        kept.append(token)
        tokens[realm] = kept
    }
}
