/// How a database in SQLite is opened.
public struct SQLiteOptions: Sendable {
    /// What may be done with it.
    public enum Access: Sendable {
        /// Everything; a database that is not there is made.
        case readWrite
        /// Only reading; it must be there. Another process may write meanwhile.
        case readOnly
        /// Only reading, while nobody writes: then no file is made beside it, unless one was left that must be read.
        case still
    }

    /// What may be done with it.
    public var access: Access
    /// How many reads run at once; more wait.
    public var readerCount: Int
    /// What the connection that writes keeps in memory, in KiB; each that reads keeps a quarter of it.
    public var cacheKibibytes: Int
    /// The largest that the file may become, in bytes; nil leaves it to the disk.
    public var byteCountMax: Int64?

    /// States how a database is opened.
    public init(
        access: Access = .readWrite,
        readerCount: Int = 4,
        cacheKibibytes: Int = 8192,
        byteCountMax: Int64? = nil
    ) {
        self.access = access
        self.readerCount = readerCount
        self.cacheKibibytes = cacheKibibytes
        self.byteCountMax = byteCountMax
    }
}
