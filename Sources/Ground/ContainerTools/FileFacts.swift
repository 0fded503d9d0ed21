import CLinux
import Glibc

/// What the system tells of a file, links followed.
struct FileFacts {
    let byteCount: Int
    let mode: UInt32
    let owner: UInt32
    let group: UInt32

    /// Of what lies at a path; nil when there is nothing, or it may not be asked for.
    init?(_ path: String) {
        var facts = wharf_file_facts()
        guard wharf_look(path, -1, &facts) == 0 else { return nil }
        self.init(facts)
    }

    /// Of an open file.
    init?(descriptor: CInt) {
        var facts = wharf_file_facts()
        guard wharf_look(nil, descriptor, &facts) == 0 else { return nil }
        self.init(facts)
    }

    private init(_ facts: wharf_file_facts) {
        byteCount = Int(facts.byte_count)
        mode = facts.mode
        owner = facts.owner
        group = facts.group
    }

    private var kind: UInt32 { mode & 0o170000 }
    var isRegular: Bool { kind == 0o100000 }
    var isFolder: Bool { kind == 0o040000 }
    /// A device such as `/dev/null`, which is a way to say that there is no file.
    var isDevice: Bool { kind == 0o020000 }
    /// Whether everybody on the machine may read it.
    var isWorldReadable: Bool { mode & 0o004 != 0 }
}
