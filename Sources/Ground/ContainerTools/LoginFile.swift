import Documents
import Foundation

/// A file of logins as it was read: Docker's `config.json`, podman's `auth.json`, or Docker's old `.dockercfg`.
struct LoginFile {
    /// Who writes a file, and so how it is read.
    enum Kind {
        /// Docker's `config.json`: `auths`, `credHelpers`, `credsStore`.
        case docker
        /// podman's `auth.json`: `auths`, `credHelpers`.
        case containers
        /// `.dockercfg`, which is what `auths` is elsewhere; only read.
        case legacy
    }

    /// Where a file is, and whose it is.
    struct Place {
        let kind: Kind
        let path: String
    }

    let place: Place
    let text: FileText
    let root: JSONValue

    /// Reads a file; nil where there is none.
    init?(reading place: Place) throws(ToolFileProblem) {
        guard let text = try FileText(reading: place.path) else { return nil }
        try self.init(place, text)
    }

    init(_ place: Place, _ text: FileText) throws(ToolFileProblem) {
        self.place = place
        self.text = text
        root = try text.object()
    }

    /// An entry of `auths`.
    struct Entry {
        let name: String
        let key: LoginKey
        let value: JSONValue
    }

    /// The entries of `auths` in their order.
    func entries() throws(ToolFileProblem) -> [Entry] {
        let members = try place.kind == .legacy ? root.members ?? [] : members(under: "auths")
        return members.map { Entry(name: $0.name, key: LoginKey($0.name), value: $0.value) }
    }

    /// The name of the helper that keeps the logins of a registry.
    ///
    /// An empty name in `credHelpers` says that the file keeps them, whatever `credsStore` says.
    func helper(for key: LoginKey) throws(ToolFileProblem) -> String? {
        guard place.kind != .legacy else { return nil }
        if let member = try members(under: "credHelpers").first(where: { LoginKey($0.name).host == key.host }) {
            guard case .string(let name) = member.value else {
                throw wrongValue("\"credHelpers\" must give \"\(member.name)\" the name of a helper", at: member.name)
            }
            return name.isEmpty ? nil : name
        }
        // podman passes credsStore over, and nobody means it to be asked by a file that podman alone reads.
        guard place.kind == .docker, let store = root["credsStore"], store != .null else { return nil }
        guard case .string(let name) = store else {
            throw wrongValue("\"credsStore\" must be the name of a helper", at: "credsStore")
        }
        return name.isEmpty ? nil : name
    }

    /// The login of the entry that fits a key best: the one with the longest path, and of equals Docker's own name.
    func login(for key: LoginKey) throws(ToolFileProblem) -> (entry: Entry, login: StoredLogin)? {
        var best: (entry: Entry, login: StoredLogin)?
        for entry in try entries() where entry.key.covers(key) {
            let isLonger = best.map { entry.key.path.count > $0.entry.key.path.count } ?? true
            let isSame = best.map { entry.key == $0.entry.key } ?? false
            guard isLonger || (isSame && entry.name == entry.key.dockerAddress) else { continue }
            if let login = try login(of: entry) { best = (entry, login) }
        }
        return best
    }

    /// What an entry says; nil where a helper has the secret, or nobody.
    func login(of entry: Entry) throws(ToolFileProblem) -> StoredLogin? {
        guard entry.value.members != nil else {
            throw wrongValue("the login of \"\(entry.name)\" must be an object, in braces", at: entry.name)
        }
        if let token = try text(of: "registrytoken", in: entry) { return .registryToken(token) }
        var user = try text(of: "username", in: entry)
        var password = try text(of: "password", in: entry)
        if let encoded = try text(of: "auth", in: entry) {
            guard let bytes = Data(base64Encoded: encoded), let decoded = String(validating: bytes, as: UTF8.self),
                let colon = decoded.firstIndex(of: ":")
            else {
                let message = "the \"auth\" of \"\(entry.name)\" is not user:password in base64; log in anew"
                throw wrongValue(message, at: entry.name)
            }
            user = String(decoded[..<colon])
            // Old versions of Docker filled a password up with zero bytes; Docker takes them off too.
            password = decoded[decoded.index(after: colon)...].trimmingCharacters(in: ["\0"])
        }
        let name = user.flatMap { $0.isEmpty ? nil : $0 }
        if let token = try text(of: "identitytoken", in: entry) { return .identityToken(user: name, token: token) }
        guard let name, let password else { return nil }
        return .password(user: name, password: password)
    }

    /// A text that is there and not empty.
    private func text(of name: String, in entry: Entry) throws(ToolFileProblem) -> String? {
        switch entry.value[name] {
        case nil, .null: return nil
        case .string(let text): return text.isEmpty ? nil : text
        default: throw wrongValue("the \"\(name)\" of \"\(entry.name)\" must be a text, in quotes", at: entry.name)
        }
    }

    private func members(under name: String) throws(ToolFileProblem) -> [JSONValue.Member] {
        guard let value = root[name], value != .null else { return [] }
        guard let members = value.members else {
            throw wrongValue("\"\(name)\" must be an object, in braces", at: name)
        }
        return members
    }

    private func wrongValue(_ message: String, at key: String) -> ToolFileProblem {
        ToolFileProblem(.wrongValue, path: place.path, line: text.line(of: key), message)
    }
}
