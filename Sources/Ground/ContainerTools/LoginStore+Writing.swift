import Documents
import Foundation

/// What became of the logins for a registry that were to go.
public struct LoginRemoval: Sendable, Hashable {
    /// Where one was taken out; empty where there was none.
    public let removed: [LoginPlace]
    /// Where one still is, because only who put it there can take it away: a variable of the environment.
    public let remaining: [LoginPlace]

    /// States what became of them.
    public init(removed: [LoginPlace], remaining: [LoginPlace]) {
        self.removed = removed
        self.remaining = remaining
    }
}

extension LoginStore {
    /// Keeps a login for a registry, or for repositories below a path of it such as `registry.example/team`.
    ///
    /// It goes where one for the same key is found already, otherwise to Docker's `config.json`, which podman and the
    /// others read too: to the credential helper that the file names for the registry, else into the file.
    ///
    /// - Returns: Where it is now. In a file it can be read by who can read the file, and a person should be told.
    @discardableResult
    public func store(_ login: StoredLogin, for host: String) throws(ToolFileProblem) -> LoginPlace {
        let key = LoginKey(host)
        let place = try placeForStoring(key)
        // Helpers know hosts alone; a path needs the file.
        let helperName = key.path.isEmpty ? try LoginFile(reading: place)?.helper(for: key) : nil
        guard let helperName else {
            if login.user?.contains(":") == true {
                let message = "a name with a colon cannot be kept: there it would end"
                throw ToolFileProblem(.wrongValue, path: place.path, message)
            }
            try change(place) { (auths) throws(ToolFileProblem) in
                Self.put(login, under: Self.name(of: key, in: place), for: key, into: &auths)
            }
            return .file(path: place.path)
        }
        let helper = CredentialProgram(name: helperName, path: place.path, machine: machine, timeMax: helperTimeMax)
        try helper.store(login, at: key.dockerAddress)
        // A secret must not stay behind. Docker leaves an empty entry, by which it knows what it has logins for.
        try change(place) { (auths) throws(ToolFileProblem) in
            if place.kind == .docker {
                Self.put(nil, under: Self.name(of: key, in: place), for: key, into: &auths)
            } else {
                Self.remove(key, from: &auths)
            }
        }
        return .helper(name: helperName, namedIn: place.path)
    }

    /// Takes the login for a registry, or for a path of it, out of all files and helpers that have it.
    public func remove(for host: String) throws(ToolFileProblem) -> LoginRemoval {
        let key = LoginKey(host)
        var removed: [LoginPlace] = []
        var remaining: [LoginPlace] = []
        for source in sources {
            guard let file = try source.read(machine) else { continue }
            let entries = try file.entries().filter { $0.key == key }
            // What a helper leaves in the file is no login; what cannot be read may be one.
            let isLogin = entries.contains { entry in
                do throws(ToolFileProblem) { return try file.login(of: entry) != nil } catch { return true }
            }
            removed += try eraseFromHelper(key, file, isOptional: isLogin)
            guard case .file(let place) = source, place.kind != .legacy else {
                if isLogin { remaining.append(file.loginPlace) }
                continue
            }
            guard !entries.isEmpty else { continue }
            try change(place) { (auths) throws(ToolFileProblem) in
                Self.remove(key, from: &auths)
            }
            if isLogin { removed.append(file.loginPlace) }
        }
        return LoginRemoval(removed: removed, remaining: remaining)
    }

    /// Takes a login out of the helper; one that is not installed may be passed over where the file has a login too.
    private func eraseFromHelper(
        _ key: LoginKey,
        _ file: LoginFile,
        isOptional: Bool
    ) throws(ToolFileProblem) -> [LoginPlace] {
        guard key.path.isEmpty, let name = try file.helper(for: key) else { return [] }
        let helper = helper(name, file)
        var places: [LoginPlace] = []
        do throws(ToolFileProblem) {
            for address in key.helperAddresses where try helper.login(at: address) != nil {
                try helper.erase(address)
                places = [.helper(name: name, namedIn: file.place.path)]
            }
        } catch {
            guard isOptional, error.code == .missingHelper else { throw error }
        }
        return places
    }

    /// The first file that has something for just this key, else the one that is written by default.
    private func placeForStoring(_ key: LoginKey) throws(ToolFileProblem) -> LoginFile.Place {
        let files = sources.compactMap { source in
            if case .file(let place) = source, place.kind != .legacy { place } else { nil }
        }
        for place in files {
            guard let file = try LoginFile(reading: place) else { continue }
            if try file.entries().contains(where: { $0.key == key }) { return place }
            if place.kind == .containers, key.path.isEmpty, try file.helper(for: key) != nil { return place }
        }
        return files.count == 1 ? files[0] : dockerPlace
    }

    /// Changes `auths` of a file, and nothing else of it.
    private func change(
        _ place: LoginFile.Place,
        _ body: (inout JSONValue) throws(ToolFileProblem) -> Void
    ) throws(ToolFileProblem) {
        try FileRewrite(place.path).perform { (text) throws(ToolFileProblem) in
            let old = try text?.object() ?? .object([])
            var auths = old["auths"] ?? .object([])
            if auths == .null { auths = .object([]) }
            guard auths.members != nil else {
                throw ToolFileProblem(.wrongValue, path: place.path, "\"auths\" must be an object, in braces")
            }
            try body(&auths)
            var new = old
            new.set("auths", to: auths)
            return new == old ? nil : Array((new.laidOutJSON(indent: "\t") + "\n").utf8)
        }
    }

    /// The name that the tool itself would give a key; Docker's for Docker Hub is an address of old.
    private static func name(of key: LoginKey, in place: LoginFile.Place) -> String {
        guard key.path.isEmpty else { return ([key.host] + key.path).joined(separator: "/") }
        return place.kind == .docker ? key.dockerAddress : key.host
    }

    /// Puts a login under a name; other names of the same key go.
    private static func put(
        _ login: StoredLogin?,
        under name: String,
        for key: LoginKey,
        into auths: inout JSONValue
    ) {
        let others = auths.members ?? []
        for other in others where other.name != name && LoginKey(other.name) == key { auths.set(other.name, to: nil) }
        auths.set(name, to: login.map { entry(of: $0) } ?? .object([]))
    }

    @discardableResult
    private static func remove(_ key: LoginKey, from auths: inout JSONValue) -> Bool {
        guard case .object(let members) = auths else { return false }
        let kept = members.filter { LoginKey($0.name) != key }
        auths = .object(kept)
        return kept.count < members.count
    }

    /// What Docker writes for a login.
    private static func entry(of login: StoredLogin) -> JSONValue {
        func encoded(_ text: String) -> JSONValue { .string(Data(text.utf8).base64EncodedString()) }
        switch login {
        case .password(let user, let password):
            return .object([.init("auth", encoded("\(user):\(password)"))])
        case .identityToken(let user, let token):
            let name: [JSONValue.Member] = user.map { [.init("auth", encoded("\($0):"))] } ?? []
            return .object(name + [.init("identitytoken", .string(token))])
        case .registryToken(let token):
            return .object([.init("registrytoken", .string(token))])
        }
    }
}
