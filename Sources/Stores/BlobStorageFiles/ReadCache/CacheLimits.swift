/// How much a read cache may take, and how long it waits.
public struct CacheLimits: Sendable, Hashable {
    /// The room for all files, those of downloads included, in bytes; a file counts in whole blocks of 4 KiB.
    public var byteCountMax: Int64
    /// The largest blob that is put there: what is larger would drive out all else.
    public var blobByteCountMax: Int64
    /// The most blobs: each takes some 500 bytes of memory.
    public var blobCountMax = 65_536
    /// The most downloads and checks at once; what is asked for beyond is read from the base.
    public var fillCountMax = 64
    /// How far ahead of a download a read may begin that goes along with it, and how far from the start one may begin
    /// that begins a download: what reads here and there in a large blob does not want all of it.
    public var aheadByteCountMax: Int64 = 16 << 20
    /// How many bytes of the disk stay free for others.
    public var reserveByteCount: Int64 = 0
    /// How long a download may give nothing before its readers go on by themselves.
    public var stallDuration = Duration.seconds(30)
    /// How long a verified file is believed before it is hashed again, so that what rots on a disk is found.
    public var trustDuration = Duration.seconds(86_400)
    /// How many descriptors of blobs that were read lately may stay open.
    public var openBlobsMax = 512

    /// The usual limits of a cache of a size: a blob may take a quarter of it.
    public init(byteCountMax: Int64) {
        self.byteCountMax = byteCountMax
        blobByteCountMax = byteCountMax / 4
    }

    /// How long nothing is put into the cache after its disk has failed.
    static let pauseAfterFailure = Duration.seconds(30)
    /// How long a cache that has made itself smaller stays so before it takes an eighth of its size again.
    static let regrowthInterval = Duration.seconds(600)
}
