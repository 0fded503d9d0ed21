import CSHA
import OCI

/// A running hash of content whose state can be kept and taken up again, in this process or another.
///
/// A value: a copy is a checkpoint. See FIPS 180-4 for the functions; libcrypto computes them.
public struct ContentHash: Sendable {
    /// The algorithm that is running.
    public let algorithm: Digest.Algorithm
    private var state = wharf_sha_state()

    /// Begins a hash of nothing.
    public init(_ algorithm: Digest.Algorithm) {
        self.algorithm = algorithm
        wharf_sha_init(&state, algorithm == .sha512 ? 1 : 0)
    }

    /// How many bytes were hashed so far.
    public var byteCount: Int64 {
        Int64(clamping: state.length)
    }

    /// Hashes more bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        wharf_sha_update(&state, bytes.baseAddress, bytes.count)
    }

    /// Hashes more bytes.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of all bytes so far.
    ///
    /// The hash itself may go on.
    public func digest() -> Digest {
        Digest(algorithm: algorithm, hash: bytes())
    }

    private func bytes() -> [UInt8] {
        var state = state
        return [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
            wharf_sha_final(&state, buffer.baseAddress)
            count = algorithm.byteCount
        }
    }

    /// The digest of `bytes`.
    public static func digest(of bytes: [UInt8], _ algorithm: Digest.Algorithm = .sha256) -> Digest {
        var hash = ContentHash(algorithm)
        hash.update(bytes)
        return hash.digest()
    }
}

// MARK: - Keeping the state

extension ContentHash {
    private static let version: UInt8 = 1
    private static let tailOffset = 74
    private static let checkByteCount = 8

    /// The state as bytes: 82 to 209 of them, integers big-endian.
    ///
    ///     offset  0: version (1)
    ///     offset  1: algorithm (1 = SHA-256, 2 = SHA-512)
    ///     offset  2: bytes hashed so far, 8 bytes
    ///     offset 10: the chaining value, eight words of 8 bytes
    ///     offset 74: the bytes that do not fill a block yet
    ///     at the end: the first 8 bytes of the SHA-256 of all before
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = [Self.version, algorithm == .sha512 ? 2 : 1]
        Self.append(state.length, to: &bytes)
        withUnsafeBytes(of: state.words) { raw in
            for word in raw.bindMemory(to: UInt64.self) { Self.append(word, to: &bytes) }
        }
        withUnsafeBytes(of: state.tail) { raw in
            bytes.append(contentsOf: raw.prefix(Int(state.length % UInt64(Self.blockSize(algorithm)))))
        }
        return bytes + Self.check(bytes)
    }

    /// Takes a kept state up again.
    ///
    /// Nil when the version is unknown or the bytes are damaged: then hash again.
    public init?(encoded bytes: [UInt8]) {
        guard bytes.count >= Self.tailOffset + Self.checkByteCount, bytes[0] == Self.version else { return nil }
        guard bytes[1] == 1 || bytes[1] == 2 else { return nil }
        let kept = Array(bytes.dropLast(Self.checkByteCount))
        guard bytes.suffix(Self.checkByteCount).elementsEqual(Self.check(kept)) else { return nil }
        self.init(bytes[1] == 2 ? .sha512 : .sha256)
        state.length = Self.integer(bytes[2..<10])
        let tail = kept[Self.tailOffset...]
        guard tail.count == Int(state.length % UInt64(Self.blockSize(algorithm))) else { return nil }
        withUnsafeMutableBytes(of: &state.words) { raw in
            let words = raw.bindMemory(to: UInt64.self)
            for index in 0..<8 { words[index] = Self.integer(bytes[(10 + index * 8)..<(18 + index * 8)]) }
        }
        withUnsafeMutableBytes(of: &state.tail) { $0.copyBytes(from: tail) }
    }

    /// What a damaged state is known by.
    private static func check(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        var hash = ContentHash(.sha256)
        hash.update(bytes)
        return hash.bytes().prefix(checkByteCount)
    }

    private static func blockSize(_ algorithm: Digest.Algorithm) -> Int {
        algorithm == .sha512 ? 128 : 64
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
