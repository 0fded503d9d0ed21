/// How much compressed bytes may become: against archives that are small and unpack to a disk full.
public struct ExpansionLimit: Sendable, Hashable {
    /// The most bytes that may come out.
    public var byteCountMax: Int64
    /// How many times as many bytes may come out as went in.
    public var ratioMax: Int64
    /// How many bytes may come out before the ratio counts, since little says nothing.
    public var byteCountFree: Int64

    /// States a limit.
    ///
    /// - Parameters:
    ///   - byteCountMax: The most bytes that may come out.
    ///   - ratioMax: How many times as many may come out as went in. Both formats reach 1000 with empty files.
    ///   - byteCountFree: How many may come out before the ratio counts.
    public init(byteCountMax: Int64 = .max, ratioMax: Int64 = .max, byteCountFree: Int64 = 64 << 20) {
        self.byteCountMax = byteCountMax
        self.ratioMax = ratioMax
        self.byteCountFree = byteCountFree
    }

    /// None: for those who only pass the bytes on, or count them themselves.
    public static let none = ExpansionLimit()

    /// Refuses what is too much.
    func check(in input: Int64, out output: Int64) throws(ArchiveError) {
        guard output <= byteCountMax else {
            throw ArchiveError(.tooLarge, "it unpacks to more than \(byteCountMax) bytes", offset: output)
        }
        guard output > byteCountFree, ratioMax < .max else { return }
        guard output / max(input, 1) < ratioMax else {
            throw ArchiveError(
                .tooLarge,
                "it unpacks to more than \(ratioMax) times its size: this looks like an attack",
                offset: output
            )
        }
    }
}
