import Documents

/// A login that is kept somewhere, without its secret.
public struct ListedLogin: Sendable, Hashable {
    /// What it is for, as the file or helper names it.
    public let key: String
    /// The name, where it is known without asking for the secret.
    public let user: String?
    /// Where it is kept.
    public let place: LoginPlace

    /// States a login.
    public init(key: String, user: String?, place: LoginPlace) {
        self.key = key
        self.user = user
        self.place = place
    }
}

extension LoginStore {
    /// All logins of all files, and those of the helper that keeps what files do not, in the order of their rank.
    public func logins() throws(ToolFileProblem) -> [ListedLogin] {
        var logins: [ListedLogin] = []
        for source in sources {
            guard let file = try source.read(machine) else { continue }
            for entry in try file.entries() {
                guard let login = try file.login(of: entry) else { continue }
                logins.append(ListedLogin(key: entry.name, user: login.user, place: file.loginPlace))
            }
            for (name, hosts) in try file.helpers() {
                let place = LoginPlace.helper(name: name, namedIn: file.place.path)
                let kept = try helper(name, file).list().filter { login in
                    hosts?.contains(LoginKey(login.address).host) ?? true
                }
                logins += kept.map { ListedLogin(key: $0.address, user: $0.user, place: place) }
            }
        }
        return logins
    }

    /// What is wrong with the files of logins: what cannot be read, who can read them, helpers that are not there.
    public func problems() -> [ToolFileProblem] {
        var problems: [ToolFileProblem] = []
        for source in sources {
            do throws(ToolFileProblem) {
                guard let file = try source.read(machine) else { continue }
                problems += try self.problems(of: file)
            } catch {
                problems.append(error)
            }
        }
        return problems
    }

    private func problems(of file: LoginFile) throws(ToolFileProblem) -> [ToolFileProblem] {
        var problems: [ToolFileProblem] = []
        var hasSecret = false
        for entry in try file.entries() {
            do throws(ToolFileProblem) {
                if try file.login(of: entry) != nil { hasSecret = true }
            } catch {
                problems.append(error)
            }
        }
        if hasSecret, FileFacts(file.place.path)?.isWorldReadable == true {
            let message = "everybody on this machine can read the passwords in it; chmod 600 it"
            problems.append(ToolFileProblem(.worldReadable, .warning, path: file.place.path, message))
        }
        for (name, _) in try file.helpers() {
            do throws(ToolFileProblem) { _ = try helper(name, file).executable() } catch { problems.append(error) }
        }
        return problems
    }
}

extension LoginFile {
    /// The helpers that the file names, and for which hosts; nil for all others.
    func helpers() throws(ToolFileProblem) -> [(name: String, hosts: Set<String>?)] {
        guard place.kind != .legacy else { return [] }
        var hosts: [String: Set<String>] = [:]
        var names: [String] = []
        for member in root["credHelpers"]?.members ?? [] {
            guard let name = try helper(for: LoginKey(member.name)) else { continue }
            if hosts[name] == nil { names.append(name) }
            hosts[name, default: []].insert(LoginKey(member.name).host)
        }
        var helpers = names.map { (name: $0, hosts: hosts[$0]) }
        // No host has this name, so that what is found is what all others have.
        if let name = try helper(for: LoginKey("")) { helpers.append((name: name, hosts: nil)) }
        return helpers
    }
}
