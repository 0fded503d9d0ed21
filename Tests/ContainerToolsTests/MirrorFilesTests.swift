import Foundation
import Testing

@testable import ContainerTools

@Suite struct MirrorFilesTests {
    private let test: TestMachine
    private var files: MirrorFiles { MirrorFiles(machine: test.machine) }

    init() throws {
        test = try TestMachine()
    }

    private func mirrors(_ host: String, _ repository: String? = nil) throws -> [String] {
        try files.mirrors(for: host, repository: repository).mirrors.map(\.address)
    }

    @Test func `a machine without files has no mirrors`() throws {
        #expect(try files.mirrors(for: "docker.io") == MirrorSet())
        #expect(try files.searchRegistries() == [])
        #expect(files.problems() == [])
    }

    // MARK: daemon.json

    @Test func `Docker asks its mirrors for Docker Hub alone`() throws {
        let json =
            #"{"registry-mirrors":["https://a.example/","http://b.example:5000"],"insecure-registries":["a.example"]}"#
        try test.write("\u{feff}" + json, to: "/etc/docker/daemon.json")
        let path = test.path("/etc/docker/daemon.json")
        #expect(
            try files.mirrors(for: "docker.io", repository: "library/alpine").mirrors == [
                RegistryMirror(host: "a.example", isInsecure: true, tool: .docker, file: path),
                RegistryMirror(host: "b.example:5000", usesTLS: false, isInsecure: true, tool: .docker, file: path),
            ]
        )
        #expect(try mirrors("quay.io") == [])
        #expect(try files.mirrors(for: "docker.io", of: [.podman, .containerd]).mirrors == [])
    }

    @Test(arguments: [
        ("r.example", true), ("r.example:5000", false), ("p.example:5000", true), ("p.example", false),
        ("10.1.2.3:5000", true), ("11.1.2.3", false), ("192.168.7.9", true), ("192.168.8.9", false),
        ("[fd00::7]:5000", true), ("[fe00::7]", false), ("s.example", true),
    ])
    func `hosts and blocks of addresses are insecure`(host: String, isInsecure: Bool) throws {
        let list = #"["r.example","P.example:5000","10.0.0.0/8","192.168.6.0/23","fd00::/8","http://s.example/"]"#
        try test.write(#"{"insecure-registries":\#(list)}"#, to: ".config/docker/daemon.json")
        #expect(try files.mirrors(for: host).isInsecure == isInsecure)
    }

    // MARK: registries.conf

    private let registries = #"""
        unqualified-search-registries = ["docker.io", "quay.io"]

        [[registry]]
        prefix = "r.example/team"
        location = "inner.example/x"
        insecure = true

        [[registry.mirror]]
        location = "m1.example/mirrors/team"

        [[registry.mirror]]
        location = "m2.example"
        insecure = true
        pull-from-mirror = "digest-only"

        [[registry]]
        location = "r.example"
        blocked = true

        [[registry]]
        prefix = "*.wild.example"
        [[registry.mirror]]
        location = "m3.example"
        """#

    @Test func `the longest prefix decides`() throws {
        try test.write(registries, to: "/etc/containers/registries.conf")
        let set = try files.mirrors(for: "r.example", repository: "team/app")
        #expect(set.mirrors.map(\.address) == ["https://m1.example/mirrors/team", "https://m2.example"])
        #expect(set.mirrors.map(\.isInsecure) == [false, true])
        #expect(set.mirrors.map(\.scope) == [.all, .digests])
        #expect(set.mirrors.map { $0.repository(for: "team/app") } == ["mirrors/team/app", "app"])
        #expect(set.location?.repository(for: "team/app") == "x/app")
        #expect(set.location?.host == "inner.example")
        // What is said of the location is not said of the host that it stands in for.
        #expect(!set.isInsecure && set.location?.isInsecure == true && set.blockedBy == nil)

        let path = test.path("/etc/containers/registries.conf")
        #expect(try files.mirrors(for: "r.example", repository: "teams/app") == MirrorSet(blockedBy: path))
        #expect(try files.mirrors(for: "r.example") == MirrorSet(blockedBy: path))
        let wild = try files.mirrors(for: "a.b.wild.example", repository: "x/y")
        #expect(wild.mirrors.map { $0.repository(for: "x/y") } == ["x/y"])
        #expect(wild.location == nil)
        #expect(try mirrors("wild.example") == [])
        #expect(try files.searchRegistries() == ["docker.io", "quay.io"])
    }

    @Test func `a star has a location too, behind which the port of a name stays`() throws {
        func located(_ location: String, _ host: String) throws -> RegistryMirror? {
            let text = "[[registry]]\nprefix = \"*.wild.example\"\n\(location)insecure = true\n"
            try test.write(text, to: "/etc/containers/registries.conf")
            let set = try files.mirrors(for: host, repository: "x/y")
            #expect(set.isInsecure == location.isEmpty && set.location?.isInsecure != false)
            return set.location
        }
        #expect(try located("", "a.wild.example:5000") == nil)
        #expect(try located("location = \"in.example\"\n", "a.wild.example:5000")?.host == "in.example:5000")
        let below = try located("location = \"in.example/z\"\n", "b.a.wild.example")
        #expect(below?.host == "in.example" && below?.repository(for: "x/y") == "z/x/y")
    }

    @Test func `later files win, and a user's own file shuts the machine's out`() throws {
        func rule(_ host: String, _ mirror: String) -> String {
            "[[registry]]\nlocation = \"\(host)\"\n[[registry.mirror]]\nlocation = \"\(mirror)\"\n"
        }
        let folder = "/etc/containers/registries.conf"
        try test.write(rule("a.io", "one") + rule("b.io", "one"), to: folder)
        try test.write(rule("b.io", "two") + rule("c.io", "two"), to: "\(folder).d/10.conf")
        try test.write(
            "unqualified-search-registries = [\"a.io\"]\n" + rule("c.io", "three"),
            to: "\(folder).d/20.conf"
        )
        try test.write("no TOML", to: "\(folder).d/30.conf.bak")
        try test.write(rule("d.io", "mine"), to: ".config/containers/registries.conf.d/x.conf")
        let hosts = ["a.io", "b.io", "c.io", "d.io"]
        #expect(
            try hosts.flatMap { try mirrors($0) } == ["https://one", "https://two", "https://three", "https://mine"]
        )
        #expect(try files.searchRegistries() == ["a.io"])
        try test.write("", to: ".config/containers/registries.conf")
        #expect(try hosts.flatMap { try mirrors($0) } == ["https://mine"])
        let other = try test.write(rule("a.io", "other"), to: "other.conf")
        let machine = test.with(["CONTAINERS_REGISTRIES_CONF": other])
        #expect(try MirrorFiles(machine: machine).mirrors(for: "a.io").mirrors.map(\.host) == ["other"])
    }

    @Test(arguments: [
        ("[[registry]]\nprefix = 3", 2, "\"prefix\" must be a text, in quotes"),
        ("[[registry]]\ninsecure = true", 1, "a [[registry]] needs a \"location\" or a \"prefix\""),
        ("[registry]\nlocation = 'a'", 1, "\"registry\" must be tables: write [[…registry]] above each"),
        ("[[registry]]\nlocation = 'https://a.io/x'", 2, "a \"location\" has no scheme: write \"a.io\""),
        ("[[registry]]\nprefix = 'a.*.io'", 2, "a prefix has a star only as *.example.com"),
        ("[[registry]]\nprefix = '*.io/x'", 2, "a prefix has a star only as *.example.com"),
        ("[[registry]]\nlocation = 'a'\ninsecure = 'true'", 3, "\"insecure\" must be true or false, without quotes"),
        ("[[registry]]\nlocation = 'a'\n[[registry.mirror]]\n", 3, "a [[registry.mirror]] needs a \"location\""),
        (
            "[[registry]]\nlocation='a'\nmirror-by-digest-only=true\n"
                + "[[registry.mirror]]\nlocation='b'\npull-from-mirror='all'",
            6, "\"pull-from-mirror\" does not go with mirror-by-digest-only = true of the registry"
        ),
        ("\n[[registry]\n", 2, "the file is not TOML: column 12: the heading is not closed by ]]"),
        ("unqualified-search-registries = 'docker.io'", 1, "\"unqualified-search-registries\" must be a list of texts"),
    ])
    func `a registries.conf that podman refuses is told with its line`(text: String, line: Int, message: String) throws
    {
        try test.write(text, to: "/etc/containers/registries.conf")
        let problems = files.problems()
        #expect(problems.map(\.line) == [line])
        #expect(problems.first?.message.hasPrefix(message) == true, "\(problems)")
        #expect(throws: ToolFileProblem.self) {
            _ = try files.mirrors(for: "a")
            _ = try files.searchRegistries()
        }
    }

    // MARK: hosts.toml

    private let hosts = #"""
        server = "https://registry-1.docker.io"

        [host."https://z.example"]
          capabilities = ["pull"]
          ca = ["/etc/z.crt"]

        [host."http://a.example:5000"]
          capabilities = ["pull", "resolve"]

        [host."https://h.example/v2/hub"]
          override_path = true
          skip_verify = true

        [host."https://n.example/nexus"]

        [host."https://push.example"]
          capabilities = ["push"]
        """#

    @Test func `containerd's mirrors are asked in the order of the file`() throws {
        let path = try test.write(hosts, to: "/etc/containerd/certs.d/docker.io/hosts.toml")
        func mirror(_ host: String) -> RegistryMirror {
            RegistryMirror(host: host, namespace: "docker.io", tool: .containerd, file: path)
        }
        var z = mirror("z.example")
        z.scope = .digests
        z.trust = RegistryTrust(authorityFiles: ["/etc/z.crt"])
        var a = mirror("a.example:5000")
        (a.usesTLS, a.isInsecure) = (false, true)
        var h = mirror("h.example")
        (h.path, h.isInsecure) = ("hub", true)
        var n = mirror("n.example")
        n.apiPath = "/nexus/v2"
        #expect(try files.mirrors(for: "docker.io") == MirrorSet(mirrors: [z, a, h, n]))
        #expect(h.repository(for: "library/alpine") == "hub/library/alpine")
    }

    @Test func `containerd's folders are named by host and port, or are the default`() throws {
        func write(_ folder: String, _ mirror: String) throws {
            try test.write("[host.\"https://\(mirror)\"]\n", to: "/etc/containerd/certs.d/\(folder)/hosts.toml")
        }
        try write("_default", "default")
        try write("r.example:5000", "colon")
        try write("s.example_5000_", "underscores")
        #expect(try mirrors("r.example:5000") == ["https://colon"])
        #expect(try mirrors("s.example:5000") == ["https://underscores"])
        #expect(try mirrors("r.example") == ["https://default"])
        #expect(try mirrors("docker.io") == ["https://default"])
    }

    @Test func `a server that is another host takes the registry's place`() throws {
        try test.write("server = 'https://only.example'", to: "/etc/containerd/certs.d/a.io/hosts.toml")
        try test.write("server = 'http://b.io'", to: "/etc/containerd/certs.d/b.io/hosts.toml")
        #expect(try files.mirrors(for: "a.io").location?.host == "only.example")
        let own = try files.mirrors(for: "b.io")
        #expect(own.location == nil && own.isInsecure)
    }

    @Test func `a folder that containerd is told of is read too`() throws {
        let config = "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/opt/hosts'\n"
        try test.write(config, to: "/etc/containerd/config.toml")
        try test.write("[host.'https://m.example']", to: "/opt/hosts/a.io/hosts.toml")
        #expect(try mirrors("a.io") == ["https://m.example"])
    }

    // MARK: all together

    @Test func `what several tools name is there once, podman's first`() throws {
        let conf = "[[registry]]\nlocation='docker.io'\n[[registry.mirror]]\nlocation='b.example'\n"
        try test.write(conf, to: "/etc/containers/registries.conf")
        try test.write(
            #"{"registry-mirrors":["https://a.example","https://b.example"]}"#,
            to: "/etc/docker/daemon.json"
        )
        try test.write(
            "[host.'https://a.example']\n[host.'https://c.example']",
            to: "/etc/containerd/certs.d/docker.io/hosts.toml"
        )
        #expect(try mirrors("docker.io") == ["https://b.example", "https://a.example", "https://c.example"])
    }

    @Test(arguments: [
        ("/etc/docker/daemon.json", #"{"registry-mirrors":"https://a"}"#),
        ("/etc/docker/daemon.json", #"{"registry-mirrors":[1]}"#), ("/etc/docker/daemon.json", "{"),
        ("/etc/containerd/certs.d/docker.io/hosts.toml", "[host]\na = 1"),
        ("/etc/containerd/certs.d/docker.io/hosts.toml", "capabilities = 'pull'"),
        ("/etc/containerd/certs.d/docker.io/hosts.toml", "client = [[1]]"),
        ("/etc/containerd/certs.d/docker.io/hosts.toml", "ca = 1"),
    ])
    func `a file that is not understood is thrown, and told by its path`(path: String, text: String) throws {
        try test.write(text, to: path)
        let problem = try problem { _ = try files.mirrors(for: "docker.io") }
        #expect(problem.path == test.path(path))
        #expect(files.problems().map(\.path) == [problem.path])
    }
}
