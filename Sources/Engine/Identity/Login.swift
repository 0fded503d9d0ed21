import Access
import Metadata
import NetworkAddress

/// What a caller sends to say who it is.
public enum Credentials: Sendable {
    /// A name with a password, or with a secret that was handed out for it.
    case basic(name: String, Secret)
    /// A token of the token service.
    case bearer(Secret)

    /// Whether it is a name with a password, which somebody could guess.
    public var isPassword: Bool {
        guard case .basic(_, let secret) = self else { return false }
        return HandedOutSecret.kind(of: secret) == nil
    }
}

/// Where a call comes from.
public struct Origin: Sendable, Hashable {
    /// The address of the client, as far as trusted proxies tell it; empty where there is none.
    public var address: String
    /// The program, as it calls itself.
    public var client: String

    /// Names an origin.
    public init(address: String, client: String = "") {
        self.address = address
        // What a stranger says is kept, so it has a limit.
        self.client =
            client.utf8.count <= Self.clientByteCountMax
            ? client : String(decoding: client.utf8.prefix(Self.clientByteCountMax), as: UTF8.self)
    }

    private static let clientByteCountMax = 200

    /// Nothing is known.
    public static let unknown = Origin(address: "")
}

/// Somebody who has said who they are, and how.
public struct Login: Sendable {
    /// Who it is, as policy sees it.
    public let principal: Principal
    /// The name of the account; nil for nobody.
    public let account: String?
    /// The id of the credential that was used; nil for a password.
    public let credential: String?
    /// Until when that credential holds; nil for ever.
    public let credentialEnd: Timestamp?
    /// What that credential is limited to, as the text of policies; nil where it is not limited.
    let limit: String?
    /// The blocks of addresses that it may be used from, with a space between; empty for everywhere.
    let addresses: String
    /// The epoch of the account; 0 for nobody.
    let epoch: Int64
    /// Whether a token of the token service was used, so that another one may get further.
    public let isByToken: Bool
    /// Whether something was computed or looked up to find out: a login that the audit should tell of.
    public let isNew: Bool
    /// Has a password that was compared remembered; nil for all else.
    private let remember: (@Sendable () -> Void)?

    init(
        principal: Principal,
        account: AccountFact? = nil,
        credential: Used? = nil,
        isByToken: Bool = false,
        isNew: Bool = true,
        remember: (@Sendable () -> Void)? = nil
    ) {
        self.principal = principal
        self.account = account?.name
        epoch = account?.epoch ?? 0
        self.credential = credential?.id
        credentialEnd = credential?.expiresAt
        limit = credential?.policies
        addresses = credential?.addresses ?? ""
        self.isByToken = isByToken
        self.isNew = isNew
        self.remember = remember
    }

    /// The caller is let through, and may be told so: a password that was compared is remembered from now on.
    public func letThrough() {
        remember?()
    }

    /// Nobody has said who they are.
    public static let anonymous = anonymous(from: .unknown)

    /// Nobody has said who they are.
    public static func anonymous(from origin: Origin) -> Login {
        Login(principal: Principal(kind: .anonymous, name: "", address: IPAddress(origin.address)), isNew: false)
    }

    /// Whoever may open the socket in the data folder.
    public static let local = Login(principal: .local, isNew: false)

    /// Whether the caller came with the password itself, which may do what no secret in its place may.
    public var isByPassword: Bool { account != nil && credential == nil && !isByToken }

    /// What of a credential goes on to what is made by it.
    struct Used: Sendable {
        var id: String?
        var policies: String?
        var addresses: String
        var expiresAt: Timestamp?

        init(_ fact: CredentialFact) {
            (id, policies, addresses, expiresAt) = (fact.id, fact.policies, fact.addresses, fact.expiresAt)
        }

        init(_ token: AccessToken) {
            (id, policies, addresses) = (token.credential, token.limit, token.addresses ?? "")
            expiresAt = token.credentialEnd.map { Timestamp(microseconds: $0 * 1_000_000) }
        }
    }
}

/// The credentials are not those of anybody.
///
/// It tells nothing more: not whether there is such an account, nor what was wrong.
public struct NotAuthenticated: Error, Sendable {
    /// A sentence for the log.
    public let reason: String

    /// States the reason.
    public init(reason: String) {
        self.reason = reason
    }
}

/// Blocks of addresses in a text, with a space between; empty for everywhere.
enum AddressList {
    /// Whether the blocks of a text have an address in them.
    ///
    /// A text that cannot be read lets nobody through.
    static func allows(_ text: String, _ address: String) -> Bool {
        guard !text.isEmpty else { return true }
        return text.split(separator: " ").compactMap { AddressBlock(String($0)) }.contain(address)
    }

    /// The blocks of a text.
    static func blocks(_ text: String) -> [AddressBlock] {
        text.split(separator: " ").compactMap { AddressBlock(String($0)) }
    }
}
