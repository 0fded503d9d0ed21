import Archives

extension FuzzTarget {
    /// What is unpacked is the same however its bytes come, is never more than may be, and what is packed unpacks.
    ///
    /// The first byte says what the others are.
    static func checkCompression(_ bytes: [UInt8]) throws(Violation) {
        guard let first = bytes.first else { return }
        let formats: [ArchiveFormat?] = [nil, .plain, .gzip, .zstd]
        let (format, content) = (formats[Int(first & 3)], Array(bytes.dropFirst()))
        let limit = ExpansionLimit(byteCountMax: 1 << 20)
        let whole = unpacked(content, format, limit, pieceByteCount: content.count)
        try require(whole.bytes.count <= 1 << 20, "no more comes out than may")
        let pieces = unpacked(content, format, limit, pieceByteCount: Int(first >> 2) + 1)
        try require(pieces.isWhole == whole.isWhole, "pieces end as the whole does")
        try require(!whole.isWhole || pieces.bytes == whole.bytes, "pieces unpack to the same")
        let narrow = ExpansionLimit(byteCountMax: 1 << 20, ratioMax: 10, byteCountFree: 1 << 10)
        let few = unpacked(content, format, narrow, pieceByteCount: content.count)
        let isWithin = few.bytes.count <= 1 << 10 || few.bytes.count / max(content.count, 1) < 10
        try require(isWithin, "not more than ten times as much comes out")
        for format in ArchiveFormat.allCases { try checkPacking(content, format) }
    }

    private static func checkPacking(_ content: [UInt8], _ format: ArchiveFormat) throws(Violation) {
        var packed: [UInt8] = []
        do {
            let compressor = try Compressor(format)
            try compressor.write(content) { packed += $0 }
            try compressor.finish { packed += $0 }
        } catch {
            throw Violation(description: "\(format) packs: \(error)")
        }
        let again = unpacked(packed, format, .none, pieceByteCount: packed.count)
        try require(again.isWhole && again.bytes == content, "\(format) unpacks what it packed")
        guard format != .plain else { return }
        let told = unpacked(packed, nil, .none, pieceByteCount: 1)
        try require(told.isWhole && told.bytes == content, "\(format) is told by its first bytes")
    }

    private static func unpacked(
        _ content: [UInt8],
        _ format: ArchiveFormat?,
        _ limit: ExpansionLimit,
        pieceByteCount: Int
    ) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        do {
            let decompressor = try Decompressor(format, limit: limit)
            for start in stride(from: 0, to: content.count, by: max(1, pieceByteCount)) {
                try decompressor.read(Array(content[start..<min(content.count, start + pieceByteCount)])) {
                    bytes += $0
                }
            }
            try decompressor.finish { bytes += $0 }
            return (bytes, true)
        } catch {
            return (bytes, false)
        }
    }
}
