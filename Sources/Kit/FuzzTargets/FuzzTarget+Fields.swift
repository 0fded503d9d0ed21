import Foundation
import Outgoing
import RegistryClient

extension FuzzTarget {
    /// What other fields of an answer say is within its bounds, and reads the same when it is written again.
    ///
    /// `Link`, `Content-Range`, `Range`, `Retry-After` and `Location`, of which each line is one.
    static func checkFields(_ bytes: [UInt8]) throws(Violation) {
        let fields = lines(bytes)
        let here = try? OutgoingURL("https://registry.example/v2/_catalog?n=1")
        if let target = LinkField.next(fields) {
            try require(!target.utf8.contains(UInt8(ascii: ">")), "\(target) ends at its bracket")
            let again = LinkField.next(["<\(target)>; rel=\"next\""])
            try require(again.map { Array($0.utf8) } == Array(target.utf8), "\(target) reads as it was written")
            if let url = try? here?.resolving(target) { try checkURL(url) }
        }
        for field in fields {
            if let url = try? OutgoingURL(field) { try checkURL(url) }
            if let url = try? here?.resolving(field) { try checkURL(url) }
            try checkContentRange(field)
            try checkUploadOffset(field)
            guard let wait = RetryAfter.duration(field, now: Date(timeIntervalSince1970: 0)) else { continue }
            try require(wait >= .zero && wait <= .seconds(366 * 86_400), "\(field) is a time that can be waited")
        }
    }

    private static func checkContentRange(_ field: String) throws(Violation) {
        guard let content = ContentRange(field) else { return }
        let range = content.range
        try require(range.lowerBound >= 0 && !range.isEmpty, "\(field) has bytes: \(range)")
        try require(content.byteCount.map { range.upperBound <= $0 } ?? true, "\(field) lies within the whole")
        let total = content.byteCount.map { "\($0)" } ?? "*"
        let again = ContentRange("bytes \(range.lowerBound)-\(range.upperBound - 1)/\(total)")
        try require(again == content, "\(range) reads as it was written")
    }

    private static func checkUploadOffset(_ field: String) throws(Violation) {
        guard let offset = UploadOffset.value(field, isOneLikely: false) else { return }
        // Chunks are counted on from it.
        try require((0...(1 << 60)).contains(offset), "\(field) is an offset that can be counted on from")
        let again = UploadOffset.value("0-\(max(offset, 1) - 1)", isOneLikely: false)
        try require(again == offset, "\(offset) reads as it was written")
    }
}
