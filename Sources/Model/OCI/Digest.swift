/// The name of content by its hash: `algorithm:encoded` (image specification, descriptor.md, "Digests").
///
/// Only the two registered algorithms exist as values, each with its exact length in lower-case hexadecimal digits.
public struct Digest: Hashable, Sendable {
    /// A registered hash algorithm.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// SHA-256: 32 bytes, 64 digits.
        case sha256
        /// SHA-512: 64 bytes, 128 digits.
        case sha512

        /// The length of the hash, in bytes.
        public var byteCount: Int {
            switch self {
            case .sha256: 32
            case .sha512: 64
            }
        }

        /// The length of a digest as text, in bytes.
        fileprivate var textByteCount: Int { rawValue.utf8.count + 1 + byteCount * 2 }
    }

    /// Why a text is not a digest.
    public enum ParseError: Error, Hashable, Sendable {
        /// Not of the form `algorithm:encoded`.
        case malformed
        /// The form is right but the algorithm is not one that is served.
        case unknownAlgorithm(String)
        /// The encoded part has the wrong number of digits for its algorithm.
        case wrongLength(expected: Int, found: Int)
        /// The encoded part holds something else than lower-case hexadecimal digits.
        case notHexadecimal
    }

    /// The algorithm that made the hash.
    public let algorithm: Algorithm
    /// The canonical text, `algorithm:encoded`.
    public let description: String

    /// Reads the canonical text of a digest.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        if let algorithm = Self.algorithm(ofWhole: text) {
            (self.algorithm, description) = (algorithm, text)
            return
        }
        let bytes = text.utf8
        guard let colon = bytes.firstIndex(of: ASCII.colon) else { throw .malformed }
        let encoded = bytes[bytes.index(after: colon)...]
        guard !encoded.isEmpty, Self.isAlgorithmName(bytes[..<colon]) else { throw .malformed }
        // The name is ASCII here, so cutting and comparing it as text is safe and cheap.
        let name = text[..<colon]
        guard let algorithm = Algorithm.allCases.first(where: { $0.rawValue == name }) else {
            throw .unknownAlgorithm(String(name.prefix(64)))
        }
        let expected = algorithm.byteCount * 2
        guard encoded.count == expected else { throw .wrongLength(expected: expected, found: encoded.count) }
        guard encoded.allSatisfy(ASCII.isLowerHex) else { throw .notHexadecimal }
        self.algorithm = algorithm
        description = text
    }

    /// Names a finished hash.
    ///
    /// - Precondition: `hash` has the length of `algorithm`: a shorter one would be our own mistake, not a caller's.
    public init(algorithm: Algorithm, hash: some Collection<UInt8>) {
        precondition(hash.count == algorithm.byteCount, "a hash has the length of its algorithm")
        self.algorithm = algorithm
        let prefix = algorithm.rawValue.utf8
        description = String(unsafeUninitializedCapacity: prefix.count + 1 + hash.count * 2) { text in
            var at = text.initialize(fromContentsOf: prefix)
            text.initializeElement(at: at, to: ASCII.colon)
            at += 1
            for byte in hash {
                text.initializeElement(at: at, to: Self.digit(byte >> 4))
                text.initializeElement(at: at + 1, to: Self.digit(byte & 15))
                at += 2
            }
            return at
        }
    }

    /// The hexadecimal digits after the colon.
    public var encoded: Substring {
        description.dropFirst(algorithm.rawValue.utf8.count + 1)
    }

    /// Two digests are one when their text is.
    public static func == (left: Digest, right: Digest) -> Bool {
        left.description == right.description
    }

    /// Feeds the text, which holds all there is.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
    }

    /// The algorithm of a text that is a digest, looked at in one pass over its bytes; nil when there is something
    /// wrong with it, or it is not stored as such bytes.
    private static func algorithm(ofWhole text: String) -> Algorithm? {
        text.utf8.withContiguousStorageIfAvailable { bytes -> Algorithm? in
            let known = Algorithm.allCases.first { bytes.count == $0.textByteCount }
            guard let algorithm = known else { return nil }
            let prefix = algorithm.rawValue.utf8
            guard bytes.starts(with: prefix), bytes[prefix.count] == ASCII.colon else { return nil }
            var isHexadecimal = true
            for byte in bytes[(prefix.count + 1)...] { isHexadecimal = isHexadecimal && ASCII.isLowerHex(byte) }
            return isHexadecimal ? algorithm : nil
        } ?? nil
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    /// `[a-z0-9]+([+._-][a-z0-9]+)*`, and upper case as old texts of the specification allowed it.
    private static func isAlgorithmName(_ name: Substring.UTF8View) -> Bool {
        var separated = true
        for byte in name {
            switch byte {
            case _ where ASCII.isAlphanumeric(byte): separated = false
            case ASCII.plus, ASCII.dot, ASCII.underscore, ASCII.dash:
                guard !separated else { return false }
                separated = true
            default: return false
            }
        }
        return !separated
    }
}

extension Digest: CustomStringConvertible {}

extension Digest: Comparable {
    /// Bytewise order of the text.
    public static func < (left: Digest, right: Digest) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
