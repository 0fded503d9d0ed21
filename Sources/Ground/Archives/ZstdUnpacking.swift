import CZstd

/// Zstandard, by libzstd: frames one behind the other (RFC 8878 section 3).
final class ZstdUnpacking: Unpacking {
    private let context: OpaquePointer
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
    private var isWithin = false
    private var isEmpty = true

    init() throws(ArchiveError) {
        guard let context = ZSTD_createDCtx() else { throw ArchiveError(.unsupported, "zstd does not begin") }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
        output.deallocate()
    }

    var isAtBoundary: Bool { !isWithin && !isEmpty }

    func unpack(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var offset = offset
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        isEmpty = false
        while true {
            var result = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let status = ZSTD_decompressStream(context, &result, &input)
            guard ZSTD_isError(status) == 0 else {
                let reason = ZSTD_getErrorName(status).map { String(cString: $0) } ?? "error"
                throw ArchiveError(.malformed, "the zstd stream is damaged (\(reason))", offset: offset)
            }
            isWithin = status != 0
            offset += Int64(result.pos)
            if result.pos > 0 { try body(UnsafeRawBufferPointer(rebasing: output[..<result.pos])) }
            if input.pos == input.size, result.pos < result.size { return }
        }
    }
}
