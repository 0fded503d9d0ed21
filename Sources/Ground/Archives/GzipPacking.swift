import CZlib

/// gzip, by zlib's raw deflate with a header and a trailer of ours, whose bytes are always the same.
final class GzipPacking: Packing {
    private let deflating: Deflating
    private let level: Int
    private var check = crc32(0, nil, 0)
    private var byteCount: UInt64 = 0
    private var isBegun = false

    init(level: Int) throws(ArchiveError) {
        self.level = level
        deflating = try Deflating(level: level)
    }

    func pack(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try begin(body)
        check = Self.check(check, bytes)
        byteCount += UInt64(bytes.count)
        try deflating.deflate(bytes, Z_NO_FLUSH, body)
    }

    func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try begin(body)
        try deflating.deflate(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, body)
        try Self.trailer(check, byteCount).withUnsafeBytes(body)
    }

    private func begin(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard !isBegun else { return }
        isBegun = true
        try Self.header(level: level).withUnsafeBytes(body)
    }

    /// Magic, deflate, no flags, no time, how hard it tried, no system (RFC 1952 section 2.3).
    static func header(level: Int) -> [UInt8] {
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, level == 9 ? 2 : level == 1 ? 4 : 0, 255]
    }

    /// The checksum and the size of what was packed, little-endian.
    static func trailer(_ check: UInt, _ byteCount: UInt64) -> [UInt8] {
        [UInt32(truncatingIfNeeded: check), UInt32(truncatingIfNeeded: byteCount)].flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
    }

    /// The checksum after more bytes.
    static func check(_ check: UInt, _ bytes: UnsafeRawBufferPointer) -> UInt {
        crc32_z(check, bytes.bindMemory(to: Bytef.self).baseAddress, bytes.count)
    }
}

/// A raw deflate stream (RFC 1951).
///
/// Not for several threads at once.
final class Deflating {
    // zlib keeps the address of the stream, so it must stay where it is.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    init(level: Int) throws(ArchiveError) {
        stream.initialize(to: z_stream())
        let size = CInt(MemoryLayout<z_stream>.size)
        // -15: the largest window, without headers.
        guard deflateInit2_(stream, CInt(level), Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { throw ArchiveError(.unsupported, "zlib does not begin") }
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        output.deallocate()
    }

    /// Begins anew, as if `dictionary` had been packed before.
    func restart(after dictionary: UnsafeRawBufferPointer) {
        deflateReset(stream)
        guard !dictionary.isEmpty else { return }
        deflateSetDictionary(stream, dictionary.bindMemory(to: Bytef.self).baseAddress, uInt(dictionary.count))
    }

    /// Packs all of `bytes`, at most 1 GiB of them at once.
    func deflate(
        _ bytes: UnsafeRawBufferPointer,
        _ flush: CInt,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: Bytef.self).baseAddress)
        stream.pointee.avail_in = uInt(bytes.count)
        repeat {
            stream.pointee.next_out = output.bindMemory(to: Bytef.self).baseAddress
            stream.pointee.avail_out = uInt(output.count)
            let status = CZlib.deflate(stream, flush)
            // A stream that is never ended twice has no other error.
            guard status != Z_STREAM_ERROR else { throw ArchiveError(.malformed, "zlib was called after the end") }
            let count = output.count - Int(stream.pointee.avail_out)
            if count > 0 { try body(UnsafeRawBufferPointer(rebasing: output[..<count])) }
        } while stream.pointee.avail_out == 0
    }
}
