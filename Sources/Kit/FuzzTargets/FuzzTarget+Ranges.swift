import DistributionGrammar

extension FuzzTarget {
    /// No range reaches out of its content, and what a range is written as reads the same again.
    static func checkRanges(_ bytes: [UInt8]) throws(Violation) {
        let header = String(decoding: bytes, as: UTF8.self)
        for byteCount: Int64 in [0, 1, 10, 1000, .max] {
            guard case .part(let range) = ByteRange(header: header, byteCount: byteCount) else { continue }
            try require(
                range.lowerBound >= 0 && range.upperBound <= byteCount && !range.isEmpty,
                "\(header) of \(byteCount) bytes lies within them: \(range)"
            )
            let again = ByteRange(header: "bytes=\(range.lowerBound)-\(range.upperBound - 1)", byteCount: byteCount)
            try require(again == .part(range), "\(range) reads as it was written")
        }
        guard let chunk = ChunkRange(header) else { return }
        let (end, overflow) = chunk.first.addingReportingOverflow(chunk.byteCount)
        try require(chunk.first >= 0 && chunk.byteCount >= 0 && !overflow, "\(header) has an end: \(chunk)")
        let again = ChunkRange("bytes \(chunk.first)-\(end - 1)/*")
        try require(end == 0 || again == chunk, "\(chunk) reads as it was written")
    }
}
