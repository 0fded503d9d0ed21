import Crypto
import Metadata

/// What the seals of the audit are hashes of.
///
/// All integers are 8 bytes, big-endian; a text is its length in bytes and then its UTF-8.
///
///     leaf  SHA-256 of: "wharf audit entry 1", id, at, principal, address, request, action, target, outcome, reason,
///           details, times
///     seal  SHA-256 of: "wharf audit seal 1", the hash of the seal before (64 digits, zeros for the first), number,
///           sealed at, count of entries, their leaves in order
enum AuditChain {
    /// What stands for the seal before the first.
    static let genesis = String(repeating: "0", count: 64)
    /// The size of a leaf, in bytes.
    static let leafByteCount = 32
    /// The most entries that a seal covers.
    static let entriesPerSeal = 1000

    /// The hash of an entry: of all that is stored of it, its seal and place apart.
    static func leaf(of record: AuditRecord) -> [UInt8] {
        var encoding = Encoding("wharf audit entry 1")
        let fact = record.fact
        encoding.add(record.id)
        encoding.add(fact.at.microseconds)
        for text in [
            fact.principal, fact.address, fact.requestID, fact.action, fact.target, fact.outcome.rawValue, fact.reason,
            fact.details,
        ] {
            encoding.add(text)
        }
        encoding.add(fact.times)
        return encoding.hash
    }

    /// A seal over entries that comes after another seal, or after none.
    static func seal(
        over entries: [AuditRecord],
        after head: AuditHead?,
        at moment: Timestamp
    ) -> AuditSealFact {
        var seal = AuditSealFact(
            number: (head?.number ?? 0) + 1,
            sealedAt: moment,
            entryCount: Int64(entries.count),
            leaves: entries.flatMap(leaf),
            previous: head?.hash ?? genesis,
            hash: ""
        )
        seal.hash = hash(of: seal)
        return seal
    }

    /// The hash that a seal should have.
    static func hash(of seal: AuditSealFact) -> String {
        var encoding = Encoding("wharf audit seal 1")
        encoding.add(seal.previous)
        encoding.add(seal.number)
        encoding.add(seal.sealedAt.microseconds)
        encoding.add(seal.entryCount)
        encoding.bytes += seal.leaves
        return hexadecimal(encoding.hash)
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private struct Encoding {
        var bytes: [UInt8]

        init(_ kind: StaticString) {
            bytes = Array(kind.description.utf8)
        }

        mutating func add(_ number: Int64) {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }

        mutating func add(_ text: String) {
            add(Int64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }

        var hash: [UInt8] { Array(SHA256.hash(data: bytes)) }
    }
}

extension AuditSealFact {
    /// The place in the chain that the seal is.
    var head: AuditHead { AuditHead(number: number, hash: hash) }
}

extension AuditMarkFact {
    /// The place in the chain that the mark speaks of.
    var head: AuditHead { AuditHead(number: number, hash: hash) }
}
