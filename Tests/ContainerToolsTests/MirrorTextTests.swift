import Foundation
import RegistryTesting
import Testing

@testable import ContainerTools

@Suite struct MirrorTextTests {
    private let test: TestMachine

    init() throws {
        test = try TestMachine()
    }

    @Test func `daemon.json keeps what it had and asks the mirror first`() throws {
        let text = try MirrorText(mirror: "http://wharf.example:5000", upstream: "docker.io")
        #expect(
            try text.daemon(merging: Array(#"{"debug":true,"registry-mirrors":["https://a.example"],"mtu":1450}"#.utf8))
                == """
                {
                  "debug": true,
                  "registry-mirrors": [
                    "http://wharf.example:5000",
                    "https://a.example"
                  ],
                  "mtu": 1450,
                  "insecure-registries": [
                    "wharf.example:5000"
                  ]
                }

                """
        )
        let once = Array(try text.daemon().utf8)
        #expect(try Array(text.daemon(merging: once).utf8) == once, "to add it again changes nothing")
    }

    @Test func `what dockerd cannot do is refused with what to do`() throws {
        let quay = try MirrorText(mirror: "https://m.example", upstream: "quay.io")
        #expect(try problem { _ = try quay.daemon() }.message.contains("dockerd asks mirrors for Docker Hub alone"))
        let path = try MirrorText(mirror: "https://m.example/hub", upstream: "docker.io")
        #expect(try problem { _ = try path.daemon() }.message.contains("a mirror that has a path"))
        let hub = try MirrorText(mirror: "https://m.example", upstream: "docker.io")
        #expect(throws: ToolFileProblem.self) { try hub.daemon(merging: Array("{".utf8)) }
        #expect(throws: ToolFileProblem.self) { try hub.daemon(merging: Array(#"{"registry-mirrors":1}"#.utf8)) }
        for mirror in ["", "https://", "ftp://m.example", "https://u:p@m.example", "https://m.example?x"] {
            #expect(throws: ToolFileProblem.self) { try MirrorText(mirror: mirror, upstream: "docker.io") }
        }
        #expect(throws: ToolFileProblem.self) { try MirrorText(mirror: "m.example", upstream: "docker.io/library") }
    }

    @Test(arguments: [
        ("https://m.example", "docker.io", "m.example", "library/alpine", false),
        ("m.example:5000", "quay.io", "m.example:5000", "library/alpine", false),
        ("http://m.example:5000", "r.example:5000", "m.example:5000", "library/alpine", true),
        ("https://m.example/hub/x", "docker.io", "m.example", "hub/x/library/alpine", false),
    ])
    func `what is written is read as it was meant`(
        mirror: String,
        upstream: String,
        host: String,
        repository: String,
        isInsecure: Bool
    ) throws {
        let text = try MirrorText(mirror: mirror, upstream: upstream, authorityFile: "/etc/ca.crt")
        for (tool, content) in [(ContainerTool.podman, text.registries), (.containerd, text.hosts)] {
            let path = text.path(of: tool, on: test.machine)
            try test.write(content, to: String(path.dropFirst(test.machine.root.count)))
            let set = try MirrorFiles(machine: test.machine).mirrors(for: upstream, of: [tool])
            #expect(set.mirrors.map(\.host) == [host])
            #expect(set.mirrors.map(\.isInsecure) == [isInsecure])
            #expect(set.mirrors.map { $0.repository(for: "library/alpine") } == [repository])
            #expect(set.location == nil && !set.isInsecure && set.blockedBy == nil)
        }
        let problems = MirrorFiles(machine: test.machine).problems()
        #expect(problems.map(\.code) == [.missingCounterpart], "the authority's file is not there")
    }

    @Test func `podman reads the file as it was meant`() async throws {
        let text = try MirrorText(mirror: "http://m.example:5000/hub", upstream: "docker.io")
        let path = try test.write(text.registries, to: "registries.conf")
        let said = try await Command(
            "podman",
            ["info", "--format", "{{json .Registries}}"],
            environment: ["CONTAINERS_REGISTRIES_CONF": path]
        ).output()
        #expect(said.contains(#""Prefix":"docker.io","Location":"docker.io","Insecure":false"#), "\(said)")
        #expect(said.contains(#""Location":"m.example:5000/hub","Insecure":true"#), "\(said)")
    }
}
