import Testing

@testable import ChildPrograms

@Suite struct ChildProgramTests {
    private func shell(
        _ line: String,
        environment: [String] = ["PATH=/usr/bin:/bin"],
        input: [UInt8] = [],
        timeMax: Duration = .seconds(20),
        byteCountMax: Int = 1 << 20
    ) throws -> ChildProgram.Ending {
        try ChildProgram(
            ["/bin/sh", "-c", line],
            environment: environment,
            input: input,
            timeMax: timeMax,
            byteCountMax: byteCountMax
        ).run()
    }

    @Test func `a large input comes back whole`() throws {
        let input = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let ending = try shell("cat; echo done >&2", input: input)
        #expect(ending.output == input)
        #expect(ending.complaint == "done")
        #expect(ending.status == .exit(0))
    }

    @Test func `a program that reads nothing of its input does no harm`() throws {
        let ending = try shell("exit 7", input: [UInt8](repeating: 1, count: 1 << 20))
        #expect(ending.status == .exit(7))
        #expect("\(ending.status)" == "ended with status 7")
    }

    @Test func `a program without input reads nothing, and has the environment that it is given`() throws {
        let ending = try shell("cat; echo \"$A-$B\"", environment: ["PATH=/bin:/usr/bin", "A=one two"])
        #expect(String(decoding: ending.output, as: UTF8.self) == "one two-\n")
    }

    @Test func `limits end a program with all that it has started`() throws {
        #expect(throws: ChildProgram.Failure.output) { try shell("yes", byteCountMax: 1000) }
        let begin = ContinuousClock.now
        #expect(throws: ChildProgram.Failure.time(complaint: "slow")) {
            try shell("echo slow >&2; sleep 600 & sleep 600", timeMax: .milliseconds(200))
        }
        #expect(ContinuousClock.now - begin < .seconds(10))
        #expect(throws: ChildProgram.Failure.start("No such file or directory")) {
            try ChildProgram(["/nowhere/x"], environment: [], timeMax: .seconds(1), byteCountMax: 1).run()
        }
    }

    @Test func `complaints are one line without control characters`() throws {
        let ending = try shell(#"printf 'no\033[1m key\n\there\n' >&2; kill -9 $$"#)
        #expect(ending.complaint == "no [1m key here")
        #expect(ending.status == .signal(9))
        let loud = try shell("head -c 100000 /dev/zero | tr '\\0' x >&2")
        #expect(loud.complaint.count == ChildProgram.complaintByteCountMax)
    }
}
