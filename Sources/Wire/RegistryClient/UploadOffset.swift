/// Where an upload stands, by the `Range` of an answer: `0-<last>`, both ends inclusive.
///
/// Of no bytes there is no such range; registries then say `0-0`, which one byte has as well.
package enum UploadOffset {
    /// No upload has more bytes; what stands higher is no offset, and could not be counted on.
    private static let byteCountMax: Int64 = 1 << 60

    /// The offset of the next byte, by the value of `Range`; nil when it says nothing.
    ///
    /// `isOneLikely` says what `0-0` stands for.
    package static func value(_ field: String?, isOneLikely: Bool) -> Int64? {
        guard var text = field?[...] else { return nil }
        if text.lowercased().hasPrefix("bytes") { text = text.dropFirst(6) }
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, bounds[0] == "0", let last = Int64(bounds[1]), last >= 0, last < byteCountMax else {
            return nil
        }
        return last == 0 ? (isOneLikely ? 1 : 0) : last + 1
    }
}
