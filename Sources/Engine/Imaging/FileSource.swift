/// Files of this machine that are to be put into an image.
public struct FileSource: Sendable, Hashable {
    /// Which permissions they get.
    public enum ModeRule: Sendable, Hashable {
        /// 0755 for folders and for files that their owner may run, 0644 for others: whatever the umask of the machine.
        case normalized
        /// Those that they have, with all twelve bits.
        case kept
        /// These, all of them.
        case fixed(UInt16)
    }

    /// A file or folder of this machine; of a folder, what lies in it is taken.
    public var path: String
    /// The absolute path in the image: of the file (or of the folder to put it in, with a slash at its end), or of what
    /// the folder becomes.
    public var target: String
    /// The number of the owner.
    public var owner: UInt32
    /// The number of the group.
    public var group: UInt32
    /// Which permissions they get.
    public var mode: ModeRule

    /// Maps files of this machine to a path of an image.
    ///
    /// - Parameters:
    ///   - path: a file or folder of this machine.
    ///   - target: the absolute path in the image.
    ///   - owner: the number of the owner.
    ///   - group: the number of the group.
    ///   - mode: which permissions they get.
    public init(
        _ path: String,
        to target: String,
        owner: UInt32 = 0,
        group: UInt32 = 0,
        mode: ModeRule = .normalized
    ) {
        self.path = path
        self.target = target
        self.owner = owner
        self.group = group
        self.mode = mode
    }

    /// Reads `path:target`, or a folder alone, which then is what the image begins with; nil for neither.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            guard !text.isEmpty else { return nil }
            self.init(text, to: "/")
            return
        }
        let target = String(text[text.utf8.index(after: colon)...])
        guard colon > text.startIndex, target.hasPrefix("/") else { return nil }
        self.init(String(text[..<colon]), to: target)
    }
}
