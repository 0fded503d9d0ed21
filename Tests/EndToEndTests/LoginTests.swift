import Foundation
import RegistryTesting
import Testing

extension InteropTests {
    /// A registry that wants to know who calls, as it does on every address that others reach.
    @Suite("Clients that log in")
    struct Logins {
        @Test("Nobody comes in without the password; with it images go in and come out", arguments: Client.allCases)
        func pushAndPull(client: Client) async throws {
            let parties = try Parties.current
            try await ControlledRegistry.run { registry in
                let login = LoginCommand(parties: parties, registry: registry.authority, client: client)
                let reference = "\(registry.authority)/team/app:1"
                // oras-py asks again for minutes before it believes that it may not.
                if client != .oras {
                    let stranger = await #expect(throws: (any Error).self) {
                        try await login.push(to: reference, as: nil)
                    }
                    #expect("\(stranger as Any)".lowercased().contains("auth"), "\(stranger as Any)")
                    await #expect(throws: (any Error).self) { try await login.logIn("admin", "wrong") }
                }
                try await login.logIn("admin", registry.password)
                let digest = try await login.push(to: reference, as: ("admin", registry.password))
                #expect(try await login.pull(reference, as: ("admin", registry.password)) == digest)
                try await login.logOut()
                if client != .oras {
                    await #expect(throws: (any Error).self) { try await login.pull(reference, as: nil) }
                }
            }
        }
    }
}

/// A registry on loopback where callers must log in.
private struct ControlledRegistry {
    let authority: String
    /// The password of `admin`, as it was said once.
    let password: String

    static func run(_ body: (ControlledRegistry) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.start(data: folder.path, arguments: ["--access-required"])
        let line = server.process.standardOutput.split(separator: "\n").first { $0.hasPrefix("password: ") }
        let password = String(try #require(line).dropFirst("password: ".count))
        do {
            try await body(ControlledRegistry(authority: server.authority, password: password))
        } catch {
            await server.kill()
            throw error
        }
        #expect(!server.process.standardError.contains(password), "the log has the password")
        #expect(await server.stop() == 0)
    }
}

/// How each client says who it is, and pushes and pulls then.
private struct LoginCommand {
    typealias Credentials = (name: String, password: String)

    let parties: Parties
    let registry: String
    let client: Client

    func logIn(_ name: String, _ password: String) async throws {
        switch client {
        case .oras:
            _ = try await OrasClient(parties: parties).oras(["login", registry, name, password])
        case .docker:
            let docker = DockerClient(parties: parties)
            _ = try await docker.docker("login", "--username", name, "--password", password, registry)
        case .podman, .skopeo, .buildah:
            let flags = ["login", "--tls-verify=false", "--username", name, "--password", password, registry]
            _ = try await parties.command(tool, flags).output()
        case .ctr:
            // It has no login: each command is told.
            _ = try await push(to: "\(registry)/login/check:1", as: (name, password))
        }
    }

    func logOut() async throws {
        switch client {
        case .docker: _ = try await DockerClient(parties: parties).docker("logout", registry)
        case .podman, .skopeo, .buildah: _ = try await parties.command(tool, ["logout", registry]).output()
        case .ctr, .oras: break
        }
    }

    /// The digest that the client says it pushed.
    @discardableResult
    func push(to reference: String, as credentials: Credentials?) async throws -> String {
        guard client == .ctr else { return try await client.client(parties).pushTestImage(to: reference) }
        let (ctr, namespace) = (CtrClient(parties: parties), CtrClient.namespace())
        _ = try await ctr.ctr(namespace, "images", "import", "--no-unpack", parties.images.archive)
        let flags = ["images", "push", "--plain-http"] + user(credentials) + [reference, TestImages.name]
        _ = try await ctr.run(namespace, flags)
        return try await ctr.digest(namespace, of: TestImages.name)
    }

    /// The digest that the client says it pulled.
    @discardableResult
    func pull(_ reference: String, as credentials: Credentials?) async throws -> String {
        guard client == .ctr else { return try await client.client(parties).pull(reference).digest }
        let (ctr, namespace) = (CtrClient(parties: parties), CtrClient.namespace())
        _ = try await ctr.run(namespace, ["images", "pull", "--plain-http"] + user(credentials) + [reference])
        return try await ctr.digest(namespace, of: reference)
    }

    private func user(_ credentials: Credentials?) -> [String] {
        credentials.map { ["--user", "\($0.name):\($0.password)"] } ?? []
    }

    private var tool: Tool {
        switch client {
        case .podman: .podman
        case .skopeo: .skopeo
        default: .buildah
        }
    }
}
