import RegistryTesting
import Testing

/// What is said to a command line that is wrong.
@Suite struct UsageTests {
    @Test(arguments: [
        ("coppy a b", "There is no command 'wharf coppy'; the nearest is 'copy'."),
        ("inspekt a", "the nearest is 'inspect'"),
        ("dig a", "the nearest is 'digest'"),
        ("user lst", "There is no command 'wharf user lst'; the nearest is 'list'."),
        ("frobnicate", "There is no command 'wharf frobnicate'.\n"),
        ("help coppy", "the nearest is 'copy'"),
        ("help user lst", "the nearest is 'list'"),
        ("copy a", "Missing expected argument '<target>'"),
        ("digest", "Missing expected argument '<image>'"),
        ("user show", "Missing expected argument '<name>'"),
        ("digest a b", "Unexpected argument 'b'"),
        ("digest a --platfrom linux/arm64", "Did you mean '--platform'?"),
        ("digest a --platform", "Missing value for '--platform"),
        ("digest a --platform penguin", "penguin is no platform"),
        ("digest team/App:1", "team/App:1"),
        ("digest nginx:-1", "nginx:-1"),
        ("digest https://registry.example/app", "https://"),
        ("copy a oci:", "oci"),
        ("copy a b --all --platform linux/amd64", "give one of them"),
        ("build a:/b --to x@sha256:\(String(repeating: "0", count: 64))", "--to names a digest, and what is made here"),
        ("mutate a --env b=c -t x:1@sha256:\(String(repeating: "0", count: 64)) --dry-run", "nobody knows before"),
        ("copy a b --parallel 0", "--parallel is from 1 to 64"),
        ("copy a b --parallel many", "many"),
        ("mutate a --created yesterday", "yesterday is no time"),
        ("mutate a --expose http", "http is no port"),
        ("mutate a --user a:b:c", "a:b:c is no user"),
        ("list a -o xml", "Please provide one of 'table', 'json' or 'yaml'"),
        ("digest a --client-key k", "give both"),
        ("completion tcsh", "Please provide one of 'bash', 'zsh' or 'fish'"),
        ("serve --lisen 127.0.0.1:1", "--lisen: unknown flag; the nearest is --listen"),
        ("serve --listen nowhere", "--listen"),
    ])
    func `what is wrong is said on standard error, with exit code 64`(line: String, sentence: String) async throws {
        let result = try await WharfProcess.command(line.split(separator: " ").map(String.init)).run()
        #expect(result.status == 64 && result.standardOutput == "", "\(result)")
        #expect(result.standardError.contains(sentence), "\(result.standardError)")
        #expect(result.standardError.hasPrefix("Error: "))
    }

    @Test(arguments: ["copy a", "coppy", "digest a --platfrom b"])
    func `with the fault comes how it is used`(line: String) async throws {
        let result = try await WharfProcess.command(line.split(separator: " ").map(String.init)).run()
        #expect(result.standardError.contains("Usage: wharf ") && result.standardError.contains("--help"))
    }

    @Test(arguments: ["nofile.tar", "nofile", "./no/file", "no/file.tar.gz", "NoFolder"])
    func `a file that is not there is looked for in no registry`(name: String) async throws {
        for verb in ["push", "import"] {
            let result = try await WharfProcess.command([verb, name, "127.0.0.1:1/team/app"]).run()
            #expect(result.status == 3 && result.standardOutput == "", "\(result)")
            #expect(result.standardError.hasPrefix("Error: There is no file or layout \(name)."), "\(result)")
        }
    }

    @Test func `a file that is no archive can be pushed as an artifact, and that is said`() async throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/notes.txt"
        try await Command("/bin/sh", ["-c", "echo notes > '\(file)'"]).output()
        for (path, words) in [(file, "is no archive of images"), (folder.path, "is a folder and no OCI layout")] {
            let result = try await WharfProcess.command(["push", path, "127.0.0.1:1/team/app:1"]).run()
            #expect(result.status == 1 && result.standardOutput == "", "\(result)")
            #expect(result.standardError.contains("\(path) \(words)"), "\(result)")
            #expect(result.standardError.contains("`wharf push \(path) TARGET --artifact-type TYPE`"), "\(result)")
        }
    }

    @Test(arguments: ["127.0.0.1:1/team/app:1", "127.0.0.1:1/team/app", "docker://127.0.0.1:1/team/app.tar"])
    func `what names a registry is brought from there`(source: String) async throws {
        let result = try await WharfProcess.command(["push", source, "127.0.0.1:1/team/other:1"]).run()
        #expect(result.status == 5 && result.standardOutput == "", "\(result)")
    }

    @Test func `what is found wrong only when a command runs, is told with the usage of that command`() async throws {
        let result = try await WharfProcess.command(["list", "team/App"]).run()
        #expect(result.status == 64 && result.standardError.hasPrefix("Error: team/App "), "\(result)")
        #expect(result.standardError.contains("\nUsage: wharf list ["), "\(result)")
        #expect(result.standardError.hasSuffix("  See 'wharf list --help' for more information.\n"), "\(result)")
    }

    @Test func `a sentence that begins with what was typed leaves it as it was typed`() async throws {
        let folder = try TemporaryFolder()
        let line = "cd '\(folder.path)' && mkdir images && exec '\(WharfProcess.binary)' digest oci-archive:images"
        let result = try await Command("sh", ["-c", line]).run()
        #expect(result.standardError.hasPrefix("Error: images is a folder"), "\(result)")
        // Whatever else begins a sentence begins it with a capital.
        let server = try await WharfProcess.start(data: "\(folder.path)/data")
        let missing = try await WharfProcess.command(["digest", "\(server.authority)/app:1"]).run()
        let first = try #require(missing.standardError.dropFirst("Error: ".count).first)
        #expect(!first.isLowercase, "\(missing)")
        #expect(await server.stop() == 0)
    }

    @Test func `a folder or an archive is named as it was typed`() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.start(data: "\(folder.path)/data")
        let source = "oci:\(folder.path)/nowhere:1"
        let result = try await WharfProcess.command(["copy", source, "\(server.authority)/app:1"]).run()
        #expect(result.status == 3 && result.standardError.contains(source), "\(result)")
        #expect(!result.standardError.contains("nowhere/image"), "\(result)")
        #expect(await server.stop() == 0)
    }

    @Test func `a command does the same by its other name`() async throws {
        let place = "oci:\(try TemporaryFolder().path)/nowhere"
        let long = try await WharfProcess.command(["list", place]).run()
        let short = try await WharfProcess.command(["ls", place]).run()
        #expect(long.standardError.contains("nowhere") && long.status != 64, "\(long)")
        #expect(short.status == long.status && short.standardError == long.standardError, "\(short)")
    }

    @Test func `what is not there, refused or out of reach has a code of its own`() async throws {
        try await House.run { house in
            let none = try await house.wharf(["digest", "127.0.0.1:\(try FreePort.find())/app:1"])
            #expect(none.status == 5 && none.standardOutput == "", "\(none)")
            let stranger = try await house.wharf(["digest", "\(house.server.authority)/app:1"])
            #expect(stranger.status == 4 && stranger.standardOutput == "", "\(stranger)")
        }
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.start(data: "\(folder.path)/data")
        for words in [["digest"], ["copy", "oci:\(folder.path)/a"]] {
            var line = words
            line.insert("\(server.authority)/app:1", at: 1)
            let missing = try await WharfProcess.command(line).run()
            #expect(missing.status == 3 && missing.standardOutput == "", "\(missing)")
        }
        #expect(await server.stop() == 0)
    }
}
