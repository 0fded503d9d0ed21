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
        ("copy a b --parallel 0", "--parallel is from 1 to 64"),
        ("copy a b --parallel many", "many"),
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
