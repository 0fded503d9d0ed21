import DistributionGrammar

extension FuzzTarget {
    /// What is read can be written, and reads the same again; what is written is fit for a header field.
    static func checkRequest(_ bytes: [UInt8]) throws(Violation) {
        let text = String(decoding: bytes, as: UTF8.self)
        let space = text.utf8.firstIndex(of: UInt8(ascii: " ")) ?? text.endIndex
        let target = text[space...].dropFirst()
        try checkPercentEncoding(target)
        let request: DistributionRequest
        do throws(GrammarError) {
            request = try DistributionRequest(method: String(text[..<space]), target: target)
        } catch {
            // 300 characters of the client's, each printed as at most eight.
            try require("\(error)".utf8.count < 3000, "a message of bounded length")
            return
        }
        let written = request.target
        try require(written.utf8.allSatisfy(isFitForHeader), "\(written) may stand in a Link or Location")
        let again = try? DistributionRequest(method: request.method, target: written)
        try require(again == request, "\(written) reads as it was written: \(request)")
    }

    private static func checkPercentEncoding(_ text: Substring) throws(Violation) {
        guard let decoded = PercentEncoding.decode(text) else { return }
        let again = PercentEncoding.decode(PercentEncoding.encode(decoded)[...])
        try require(again.map { Array($0.utf8) } == Array(decoded.utf8), "\(text) survives percent-encoding")
    }

    /// RFC 3986's characters of a path and a query, without those that end an URI in a header.
    private static func isFitForHeader(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "/?&=%:._~-".utf8.contains(byte)
        }
    }
}
