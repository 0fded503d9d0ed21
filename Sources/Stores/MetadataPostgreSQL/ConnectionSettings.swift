import CPostgreSQL
import Metadata

/// Where a server is, and how to get in: what libpq calls a connection string.
///
/// Everything that libpq knows may stand in it (several hosts, `sslmode`, `sslrootcert`, `sslcert`, `sslkey`,
/// `passfile`); what does not comes from libpq's environment variables. However it is printed, secrets are not.
public struct ConnectionSettings: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    private var values: [String: String]

    /// What stands in the place of a secret.
    private static let redacted = "<redacted>"

    /// What is used where neither the string nor the environment says anything.
    ///
    /// A server that is away is noticed in seconds, and of several hosts the one that writes is used.
    private static let defaults = [
        "application_name": "wharf",
        "connect_timeout": "5",
        "gssencmode": "disable",
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "target_session_attrs": "read-write",
        "tcp_user_timeout": "15000",
    ]

    /// Reads a string of the form `host=… dbname=…`, or a `postgresql://` address.
    ///
    /// - Parameters:
    ///   - text: The string.
    ///   - password: A password that is kept elsewhere, in place of one in the string.
    /// - Throws: ``MetadataError/Code/unavailable`` when libpq cannot read it; what it holds is not in the error.
    public init(_ text: String, password: String? = nil) throws {
        if let problem = wharf_load_libpq() {
            throw MetadataError(
                .unavailable,
                "libpq, the library of PostgreSQL's clients, cannot be loaded (\(String(cString: problem))). Debian "
                    + "has it in the package libpq5"
            )
        }
        guard let options = PQconninfoParse(text, nil) else {
            throw MetadataError(
                .unavailable,
                "the connection string of PostgreSQL cannot be read: it is either key=value words with a space "
                    + "between, or postgresql://user@host:port/database?key=value"
            )
        }
        defer { PQconninfoFree(options) }
        values = Self.read(options) { $0.val }
        values["password"] = password ?? values["password"]
    }

    /// The words of the string, without what is secret.
    public var description: String {
        let open = Self.openKeywords
        return values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(open.contains($0.key) ? $0.value : Self.redacted)" }
            .joined(separator: " ")
    }

    /// As ``description``: `dump` looks in here.
    public var customMirror: Mirror {
        Mirror(self, children: ["settings": description])
    }

    /// Opens a connection; nil when libpq has no memory.
    func connect() -> OpaquePointer? {
        var all = values
        let given = Self.environment
        for (keyword, value) in Self.defaults where all[keyword] == nil && !given.contains(keyword) {
            all[keyword] = value
        }
        all["client_encoding"] = "UTF8"
        let words = all.map { $0 }
        return withCStrings(words.map(\.key)) { keywords in
            withCStrings(words.map(\.value)) { values in
                PQconnectdbParams(keywords, values, 0)
            }
        }
    }

    /// The keywords whose values libpq shows to people, those of passwords and of debugging left out.
    private static var openKeywords: Set<String> {
        guard let options = PQconndefaults() else { return [] }
        defer { PQconninfoFree(options) }
        let marks = read(options) { $0.dispchar }
        return Set(marks.filter { $0.value != "*" && !$0.key.contains("password") }.keys)
    }

    /// The keywords that environment variables give a value to.
    private static var environment: Set<String> {
        guard let options = PQconndefaults() else { return [] }
        defer { PQconninfoFree(options) }
        let compiled = read(options) { $0.compiled }
        return Set(read(options) { $0.val }.filter { $0.value != compiled[$0.key] }.keys)
    }

    private static func read(
        _ options: UnsafeMutablePointer<PQconninfoOption>,
        _ field: (PQconninfoOption) -> UnsafeMutablePointer<CChar>?
    ) -> [String: String] {
        var values: [String: String] = [:]
        var next = options
        while let keyword = next.pointee.keyword {
            if let value = field(next.pointee) { values[String(cString: keyword)] = String(cString: value) }
            next += 1
        }
        return values
    }
}

/// Lends texts as C strings with a null at the end.
private func withCStrings<Value>(
    _ texts: [String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
) -> Value {
    let bytes = texts.map { Array($0.utf8CString) }
    let starts = bytes.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    return bytes.flatMap { $0 }.withUnsafeBufferPointer { space in
        var pointers = starts.dropLast().map { start in space.baseAddress.map { $0 + start } }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
