import ChildPrograms
import Documents

/// A program that keeps logins: `docker-credential-NAME`.
///
/// It is told what to do by its one argument, reads the address of a registry or a login on its standard input, and
/// writes JSON. Source: https://github.com/docker/docker-credential-helpers, its README and the package `client`.
struct CredentialProgram {
    /// How much a helper may write.
    static let byteCountMax = 64 << 10
    /// The longest name of a helper.
    static let nameByteCountMax = 64
    /// The name of a user that says: the secret is an identity token.
    private static let tokenUser = "<token>"
    /// What helpers write when they have no login; there is no status of its own for it.
    private static let nothingFound = "credentials not found in native keychain"

    let name: String
    /// The file that names it.
    let path: String
    let machine: Machine
    let timeMax: Duration

    /// The login that it has for an address; nil where it has none.
    func login(at address: String) throws(ToolFileProblem) -> StoredLogin? {
        guard let output = try run("get", Array(address.utf8)) else { return nil }
        let answer: JSONValue
        do throws(JSONValue.Problem) {
            answer = try JSONValue(json: output)
        } catch {
            // What it wrote may have the secret in it, and is not shown.
            throw problem("answered \"get\" with something that is not JSON")
        }
        guard case .string(let user) = answer["Username"], case .string(let secret) = answer["Secret"], !user.isEmpty
        else { throw problem("answered \"get\" without a text under \"Username\" and \"Secret\"") }
        guard !secret.isEmpty else { return nil }
        if user == Self.tokenUser { return .identityToken(user: nil, token: secret) }
        return .password(user: user, password: secret)
    }

    /// Gives it a login to keep.
    func store(_ login: StoredLogin, at address: String) throws(ToolFileProblem) {
        let user: String
        let secret: String
        switch login {
        case .password(let name, let password): (user, secret) = (name, password)
        case .identityToken(_, let token): (user, secret) = (Self.tokenUser, token)
        case .registryToken: throw problem("cannot keep a registry token, only passwords and identity tokens")
        }
        let request = JSONValue.object([
            .init("ServerURL", .string(address)), .init("Username", .string(user)), .init("Secret", .string(secret)),
        ])
        guard try run("store", request.json()) != nil else { throw problem("did not keep the login") }
    }

    /// Lets it forget a login that it has.
    func erase(_ address: String) throws(ToolFileProblem) {
        _ = try run("erase", Array(address.utf8))
    }

    /// The addresses that it has logins for, and the names of their users.
    func list() throws(ToolFileProblem) -> [(address: String, user: String)] {
        guard let output = try run("list", []) else { return [] }
        guard let answer = try? JSONValue(json: output), case .object(let members) = answer else {
            throw problem("answered \"list\" with something that is no JSON object")
        }
        return members.compactMap { member in
            guard case .string(let user) = member.value else { return nil }
            return (member.name, user)
        }
    }

    /// What it writes; nil where it says that it has no such login.
    private func run(_ action: String, _ input: [UInt8]) throws(ToolFileProblem) -> [UInt8]? {
        let program = ChildProgram(
            [try executable(), action],
            environment: machine.environment.map { "\($0.key)=\($0.value)" },
            input: input,
            timeMax: timeMax,
            byteCountMax: Self.byteCountMax
        )
        let ending: ChildProgram.Ending
        do throws(ChildProgram.Failure) {
            ending = try program.run()
        } catch {
            switch error {
            case .start(let reason): throw problem("cannot be started: \(reason)")
            case .output: throw problem("wrote more than 64 KiB in answer to \"\(action)\"")
            case .time(let complaint):
                throw problem("did not end within \(timeMax); does it wait for somebody to unlock it?", complaint)
            }
        }
        guard ending.status != .exit(0) else { return ending.output }
        let said = ChildProgram.oneLine(ending.output)
        guard !said.contains(Self.nothingFound) else { return nil }
        // Helpers complain on their standard output; what looks like an answer may have a secret in it.
        let isAnswer = said.contains("{") || said.contains("Secret")
        let complaint = ending.complaint.isEmpty && !isAnswer ? String(said.prefix(400)) : ending.complaint
        throw problem("\(ending.status) when asked to \"\(action)\"", complaint)
    }

    /// The program; throws where there is none of that name.
    func executable() throws(ToolFileProblem) -> String {
        let isName = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || [0x2d, 0x2e, 0x5f].contains(byte)
        }
        guard isName, !name.isEmpty, name.utf8.count <= Self.nameByteCountMax else {
            let message = "a credential helper's name has only letters, digits and `.`, `_`, `-`"
            throw ToolFileProblem(.missingHelper, path: path, message)
        }
        guard let executable = machine.program("docker-credential-\(name)") else {
            let message = "the credential helper docker-credential-\(name), which this file names, is not in PATH: "
            throw ToolFileProblem(.missingHelper, path: path, message + "install it, or take it out of the file")
        }
        return executable
    }

    private func problem(_ what: String, _ complaint: String = "") -> ToolFileProblem {
        let end = complaint.isEmpty ? "" : ": \(complaint)"
        let message = "the credential helper docker-credential-\(name) \(what)\(end)"
        return ToolFileProblem(.failedHelper, path: path, message)
    }
}
