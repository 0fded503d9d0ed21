import Foundation
import Testing

@testable import ContainerTools

@Suite struct TrustStoreTests {
    private let test: TestMachine

    init() throws {
        test = try TestMachine()
    }

    private func trust(_ host: String) -> RegistryTrust { TrustStore(machine: test.machine).trust(for: host) }

    @Test func `certificates of all tools are found, the user's first`() throws {
        let folders = [
            ".config/containers/certs.d", ".config/docker/certs.d", ".docker/certs.d", "/etc/containers/certs.d",
            "/etc/docker/certs.d", "/etc/containerd/certs.d",
        ]
        for folder in folders { try test.write("", to: "\(folder)/r.example:5000/ca.crt") }
        try test.write("", to: "/etc/docker/certs.d/r.example:5000/client.cert")
        try test.write("", to: "/etc/docker/certs.d/r.example:5000/client.key")
        try test.write("", to: "/etc/docker/certs.d/r.example:5000/alone.cert")
        try test.write("", to: "/etc/docker/certs.d/r.example:5000/README")
        let trust = trust("R.example:5000")
        #expect(trust.authorityFiles == folders.map { test.path("\($0)/r.example:5000/ca.crt") })
        let client = test.path("/etc/docker/certs.d/r.example:5000/client")
        #expect(trust.clientCertificates == [.init(certificateFile: client + ".cert", keyFile: client + ".key")])
        #expect(self.trust("r.example").isEmpty)
    }

    @Test func `Docker Hub has certificates under both of its names`() throws {
        try test.write("", to: "/etc/docker/certs.d/registry-1.docker.io/a.crt")
        try test.write("", to: "/etc/containers/certs.d/docker.io/b.crt")
        #expect(
            trust("docker.io").authorityFiles.map { URL(fileURLWithPath: $0).lastPathComponent } == ["b.crt", "a.crt"]
        )
    }

    @Test(arguments: ["..", ".", "", "../docker", "a/../.."])
    func `no name leads out of the folders`(host: String) throws {
        try test.write("", to: "/etc/docker/ca.crt")
        try test.write("", to: "/etc/docker/certs.d/ca.crt")
        #expect(trust(host).isEmpty)
    }

    @Test func `what Docker refuses in a folder is told`() throws {
        try test.write("", to: "/etc/docker/certs.d/a.example/client.cert")
        try test.write("", to: "/etc/docker/certs.d/b.example/client.key", mode: 0o644)
        let problems = TrustStore(machine: test.machine).problems()
        #expect(problems.map(\.code) == [.missingCounterpart, .missingCounterpart, .worldReadable])
        #expect(problems.map(\.path).first == test.path("/etc/docker/certs.d/a.example/client.cert"))
        #expect(problems.first?.message.contains("the key client.key is missing") == true)
    }

    @Test func `containerd's hosts.toml adds its certificates`() throws {
        let text = #"""
            server = "https://r.example"
            ca = "own.crt"
            client = [["c.cert", "c.key"], ["/etc/pair.pem", ""]]
            """#
        try test.write(text, to: "/etc/containerd/certs.d/r.example/hosts.toml")
        let folder = test.path("/etc/containerd/certs.d/r.example")
        #expect(
            trust("r.example")
                == RegistryTrust(
                    authorityFiles: ["\(folder)/own.crt"],
                    clientCertificates: [
                        .init(certificateFile: "\(folder)/c.cert", keyFile: "\(folder)/c.key"),
                        .init(certificateFile: "/etc/pair.pem", keyFile: "/etc/pair.pem"),
                    ]
                )
        )
    }
}
