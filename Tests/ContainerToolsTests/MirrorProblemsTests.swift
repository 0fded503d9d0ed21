import Testing

@testable import ContainerTools

@Suite struct MirrorProblemsTests {
    private let test: TestMachine

    init() throws {
        test = try TestMachine()
    }

    private var problems: [ToolFileProblem] { MirrorFiles(machine: test.machine).problems() }

    @Test(arguments: [
        (
            #""insecure_registries": []"#, "dockerd knows no key \"insecure_registries\"",
            "did you mean \"insecure-registries\"?"
        ),
        (#""registry-mirror": []"#, "dockerd knows no key \"registry-mirror\"", "write \"registry-mirrors\", a list"),
        (#""graph": "/x""#, "dockerd knows no key \"graph\"", "write \"data-root\""),
        (#""frobnicate": 1"#, "dockerd knows no key \"frobnicate\" and does not start", "take it out"),
        (#""http-proxy": "http://p""#, "\"http-proxy\" has no effect here", "write it under \"proxies\""),
        (
            #""proxies": {"default": {"httpProxy": "http://p"}}"#, "under \"proxies\" dockerd knows only",
            "belongs in config.json"
        ),
        (#""auths": {}"#, "dockerd knows no key \"auths\"", "it belongs in config.json"),
        (
            #""registry-mirrors": ["https://m.example/hub"]"#, "dockerd does not start with a mirror that has a path",
            "m.example"
        ),
        (
            #""registry-mirrors": ["m.example"]"#, "dockerd does not start with a mirror that has no scheme",
            "https://m.example"
        ),
        (
            #""registry-mirrors": ["https://u:p@m.example"]"#, "dockerd does not start with a mirror that has a name",
            "docker login"
        ),
        (
            #""registry-mirrors": ["ftp://m.example"]"#, "dockerd does not start with a mirror that has the scheme ftp",
            "https"
        ),
        (
            #""registry-mirrors": ["https://registry.docker-cn.com"]"#, "the mirror registry.docker-cn.com is dead",
            "take it out"
        ),
        (#""insecure-registries": ["http://r.example:5000"]"#, "an insecure registry is a host", "\"r.example:5000\""),
        (#""insecure-registries": ["0.0.0.0/0"]"#, "0.0.0.0/0 makes every registry insecure", "name the hosts"),
        (#""insecure-registries": {}"#, "\"insecure-registries\" must be a list of texts", "[\"…\"]"),
    ])
    func `what users copy from guides into daemon.json is told`(member: String, says: String, advice: String) throws {
        try test.write("{\n  \"debug\": true,\n  \(member)\n}", to: "/etc/docker/daemon.json")
        let problems = problems
        #expect(problems.map(\.line) == [3])
        #expect(problems.first?.message.hasPrefix(says) == true, "\(problems)")
        #expect(problems.first?.message.contains(advice) == true, "\(problems)")
    }

    @Test func `a daemon.json as Docker documents it has no problems`() throws {
        try test.write(
            #"""
            {
              "data-root": "/var/lib/docker", "default-address-pools": [{"base": "172.30.0.0/16", "size": 24}],
              "features": {"containerd-snapshotter": true}, "log-opts": {"max-size": "10m"}, "log-driver": "local",
              "builder": {"gc": {"enabled": true}}, "runtimes": {"x": {"path": "/x"}}, "live-restore": true,
              "proxies": {"http-proxy": "http://p", "https-proxy": "http://p", "no-proxy": "localhost"},
              "registry-mirrors": ["https://m.example/"], "insecure-registries": ["10.0.0.0/8", "r.example:5000"]
            }
            """#,
            to: "/etc/docker/daemon.json"
        )
        #expect(problems == [])
    }

    @Test func `keys and formats that podman passes over are told`() throws {
        try test.write(
            """
            [[registry]]
            location = 'docker.io'
            mirrors = ['a']
            [[registry.mirror]]
            location = 'dockerhub.azk8s.cn'
            """,
            to: "/etc/containers/registries.conf"
        )
        #expect(problems.map(\.code) == [.unknownKey, .deadMirror])
        #expect(problems.map(\.line) == [3, 4])
        try test.write("[registries.search]\nregistries = ['docker.io']\n", to: "/etc/containers/registries.conf")
        #expect(problems.map(\.code) == [.outdatedKey])
    }

    @Test func `containerd's old keys and misplaced files are told`() throws {
        try test.write(
            #"""
            version = 2
            [plugins."io.containerd.grpc.v1.cri".registry]
              [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
                endpoint = ["https://m.example"]
            """#,
            to: "/etc/containerd/config.toml"
        )
        #expect(problems.map(\.code) == [.outdatedKey])
        #expect(problems.map(\.severity) == [.warning])
        #expect(problems.map(\.line) == [3])

        let folder = "/etc/containerd/certs.d"
        try test.write("", to: "\(folder)/hosts.toml")
        try test.write("", to: "\(folder)/a.io/host.toml")
        try test.write("", to: "\(folder)/registry-1.docker.io/hosts.toml")
        try test.write("[host.'https://registry.docker-cn.com']\nca = 'x.crt'", to: "\(folder)/docker.io/hosts.toml")
        let found = problems.dropFirst().map { "\($0.path.dropFirst(test.path(folder).count)) \($0.code.name)" }
        #expect(
            Set(found) == [
                "/hosts.toml misplaced-file", "/a.io/host.toml misplaced-file",
                "/registry-1.docker.io/hosts.toml misplaced-file", "/docker.io/hosts.toml dead-mirror",
                "/docker.io/hosts.toml missing-counterpart",
            ]
        )
        #expect(found.count == 5)
    }

    @Test func `containerd refuses old keys beside a path`() throws {
        let text = "[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/x'\nmirrors = {a = {}}\n"
        try test.write(text, to: "/etc/containerd/config.toml")
        #expect(problems.map(\.severity) == [.error])
    }
}
