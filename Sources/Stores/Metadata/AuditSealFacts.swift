/// An entry of the audit as it is stored.
public struct AuditRecord: Hashable, Sendable {
    /// Its number, in the order in which entries were written; some are missing, and a later one may be seen earlier.
    public var id: Int64
    /// The seal that it is part of; nil while it has none.
    public var seal: Int64?
    /// Its place among those of the seal, from 0; nil while it has no seal.
    public var place: Int64?
    /// What happened.
    public var fact: AuditFact

    /// Describes a stored entry.
    public init(id: Int64, seal: Int64?, place: Int64?, fact: AuditFact) {
        self.id = id
        self.seal = seal
        self.place = place
        self.fact = fact
    }

    /// Where it stands among the others, newest first.
    public var key: AuditKeyset { AuditKeyset(at: fact.at, id: id) }
}

/// A place in the list of entries, newest first.
public struct AuditKeyset: Hashable, Sendable {
    /// When the entry happened.
    public var at: Timestamp
    /// Its number.
    public var id: Int64

    /// Names a place.
    public init(at moment: Timestamp, id: Int64) {
        at = moment
        self.id = id
    }
}

/// A seal over entries and over the seal before it.
public struct AuditSealFact: Hashable, Sendable {
    /// Its number, from 1, without a gap.
    public var number: Int64
    /// When it was made.
    public var sealedAt: Timestamp
    /// How many entries it covers.
    public var entryCount: Int64
    /// The hashes of its entries, 32 bytes each, in order.
    public var leaves: [UInt8]
    /// The hash of the seal before it, in hexadecimal.
    public var previous: String
    /// Its own hash, in hexadecimal.
    public var hash: String

    /// Describes a seal.
    public init(
        number: Int64,
        sealedAt: Timestamp,
        entryCount: Int64,
        leaves: [UInt8],
        previous: String,
        hash: String
    ) {
        self.number = number
        self.sealedAt = sealedAt
        self.entryCount = entryCount
        self.leaves = leaves
        self.previous = previous
        self.hash = hash
    }
}

/// A signed statement about a place in the chain of seals.
public struct AuditMarkFact: Hashable, Sendable {
    /// What it says.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The chain had come to this seal.
        case head
        /// All up to this seal was pruned.
        case cut
    }

    /// What it says.
    public var kind: Kind
    /// The number of the seal.
    public var number: Int64
    /// The hash of the seal, in hexadecimal.
    public var hash: String
    /// When it was signed.
    public var signedAt: Timestamp
    /// The id of the key.
    public var keyID: String
    /// The signature, as ES256 has it (RFC 7518 section 3.4).
    public var signature: [UInt8]

    /// Describes a mark.
    public init(
        kind: Kind,
        number: Int64,
        hash: String,
        signedAt: Timestamp,
        keyID: String,
        signature: [UInt8]
    ) {
        self.kind = kind
        self.number = number
        self.hash = hash
        self.signedAt = signedAt
        self.keyID = keyID
        self.signature = signature
    }
}

/// A key that signs marks.
public struct AuditKeyFact: Sendable {
    /// Its id.
    public var id: String
    /// The private key; whoever has it can sign in the name of the registry.
    public var privateKey: [UInt8]

    /// Describes a key.
    public init(id: String, privateKey: [UInt8]) {
        self.id = id
        self.privateKey = privateKey
    }
}

extension AuditKeyFact: CustomStringConvertible, CustomReflectable {
    /// The id alone.
    public var description: String { "AuditKeyFact(\(id), <redacted>)" }
    /// Nothing to look at.
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

/// A row of the audit as it is found, also where somebody has put in what this program never would.
public struct AuditRow<Value: Sendable>: Sendable {
    /// The number that it is found by.
    public var number: Int64
    /// What it says; nil where that cannot be read.
    public var value: Value?
}
