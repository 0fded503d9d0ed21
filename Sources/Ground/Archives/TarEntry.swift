/// One entry of a tar archive: everything but its data.
public struct TarEntry: Sendable, Hashable {
    /// What an entry is.
    public enum Kind: Sendable, Hashable {
        /// A file with data.
        case file
        /// Another name of an entry that came before.
        case hardLink
        /// A symbolic link.
        case symbolicLink
        /// A device that is read and written by characters.
        case characterDevice
        /// A device that is read and written by blocks.
        case blockDevice
        /// A folder.
        case folder
        /// A named pipe.
        case pipe
        /// A kind that is none of those, by its type flag; its data is passed on.
        case other(UInt8)
    }

    /// An extended attribute.
    public struct Attribute: Sendable, Hashable {
        /// The name, such as `security.capability`.
        public var name: String
        /// The value.
        public var value: [UInt8]

        /// Names a value.
        public init(name: String, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// A moment as archives keep it.
    public struct Time: Sendable, Hashable {
        /// Seconds since 1970, in UTC.
        public var seconds: Int64
        /// Nanoseconds after that, less than a second of them.
        public var nanoseconds: Int32

        /// Names a moment.
        public init(seconds: Int64, nanoseconds: Int32 = 0) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }
    }

    /// The name, in the bytes that stand in the archive, never empty; two names are one when their bytes are.
    public var name: [UInt8]
    /// What it is.
    public var kind: Kind
    /// How many bytes of data follow; 0 for all that has none.
    public var size: Int64
    /// The permissions and the bits above them, 12 in all.
    public var mode: UInt32
    /// The number of the user that owns it.
    public var userID: Int64
    /// The number of the group that owns it.
    public var groupID: Int64
    /// The name of the user; empty when none is given.
    public var userName: String
    /// The name of the group; empty when none is given.
    public var groupName: String
    /// When it was changed last.
    public var modified: Time
    /// What a link names; empty otherwise.
    public var target: [UInt8]
    /// The major number of a device.
    public var deviceMajor: UInt32
    /// The minor number of a device.
    public var deviceMinor: UInt32
    /// Extended attributes, in the order of the archive.
    public var attributes: [Attribute]

    /// Describes an entry.
    public init(
        name: [UInt8],
        kind: Kind = .file,
        size: Int64 = 0,
        mode: UInt32 = 0o644,
        userID: Int64 = 0,
        groupID: Int64 = 0,
        userName: String = "",
        groupName: String = "",
        modified: Time = Time(seconds: 0),
        target: [UInt8] = [],
        deviceMajor: UInt32 = 0,
        deviceMinor: UInt32 = 0,
        attributes: [Attribute] = []
    ) {
        self.name = name
        self.kind = kind
        self.size = size
        self.mode = mode
        self.userID = userID
        self.groupID = groupID
        self.userName = userName
        self.groupName = groupName
        self.modified = modified
        self.target = target
        self.deviceMajor = deviceMajor
        self.deviceMinor = deviceMinor
        self.attributes = attributes
    }

    /// Describes an entry by a name in text.
    public init(path: String, kind: Kind = .file, size: Int64 = 0, mode: UInt32 = 0o644, target: String = "") {
        self.init(name: Array(path.utf8), kind: kind, size: size, mode: mode, target: Array(target.utf8))
    }

    /// The name as text; bytes that are no UTF-8 become U+FFFD.
    public var path: String { String(decoding: name, as: UTF8.self) }
}

extension TarEntry.Kind {
    /// Whether it has data in an archive: the others have none, whatever size they state, as Go reads them.
    var hasData: Bool {
        switch self {
        case .file, .other: true
        default: false
        }
    }
}
