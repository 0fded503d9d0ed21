import CZstd

/// Zstandard, by libzstd: one frame, with a checksum, on the thread of the caller.
final class ZstdPacking: Packing {
    private let context: OpaquePointer
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)

    init(level: Int) throws(ArchiveError) {
        guard let context = ZSTD_createCCtx() else { throw ArchiveError(.unsupported, "zstd does not begin") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        ZSTD_freeCCtx(context)
        output.deallocate()
    }

    func pack(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try compress(bytes, ZSTD_e_continue, body)
    }

    func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try compress(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end, body)
    }

    private func compress(
        _ bytes: UnsafeRawBufferPointer,
        _ directive: ZSTD_EndDirective,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            var result = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let left = ZSTD_compressStream2(context, &result, &input, directive)
            guard ZSTD_isError(left) == 0 else {
                let reason = ZSTD_getErrorName(left).map { String(cString: $0) } ?? "error"
                throw ArchiveError(.malformed, "zstd cannot go on (\(reason))")
            }
            if result.pos > 0 { try body(UnsafeRawBufferPointer(rebasing: output[..<result.pos])) }
            let isDone = directive == ZSTD_e_end ? left == 0 : input.pos == input.size
            if isDone { return }
        }
    }
}
