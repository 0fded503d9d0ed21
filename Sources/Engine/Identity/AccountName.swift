import OCI

/// The names that accounts, groups and roles may have.
///
/// None has a colon, which ends the name in Basic credentials, nor a slash, a space or a control character. A plus sign
/// is in the names of projects' robots alone: `PROJECT+NAME`.
public enum AccountName {
    /// The longest name of a user, a group or a role, in bytes.
    public static let byteCountMax = 128
    /// The longest name of a robot, without its project, in bytes.
    public static let robotByteCountMax = 64

    /// Whether a user, a group or a role may be called that: letters, digits and `._-@`, the first a letter or digit.
    public static func isName(_ text: String) -> Bool {
        isPlain(text, byteCountMax, also: "._-@")
    }

    /// The name of a robot: of the installation, or of a project; nil where it cannot be called that.
    public static func robot(_ name: String, in project: String?) -> String? {
        guard isPlain(name, robotByteCountMax, also: "._-") else { return nil }
        guard let project else { return name }
        guard (try? RepositoryName(project)) != nil else { return nil }
        return "\(project)+\(name)"
    }

    /// The project of a robot, by its name; nil for one of the installation.
    public static func project(ofRobot name: String) -> String? {
        name.lastIndex(of: "+").map { String(name[..<$0]) }
    }

    private static func isPlain(_ text: String, _ byteCountMax: Int, also others: String) -> Bool {
        guard (1...byteCountMax).contains(text.utf8.count), let first = text.utf8.first else { return false }
        return isLetterOrDigit(first) && text.utf8.allSatisfy { isLetterOrDigit($0) || others.utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
