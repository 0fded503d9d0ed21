import Testing

@testable import AWS

@Suite struct ProfileFileTests {
    @Test(arguments: ["\n", "\r\n"])
    func `names, values, comments and what goes on with a line are read as AWS reads them`(end: String) throws {
        let lines = [
            "# a comment", "", "[default] ; behind it", "  AWS_Access_Key_ID=A=B # not this",
            "  region = a#b ; nor this",
            "  s3 =", "    max_concurrent_requests = 20", "[ spaced name ]", "output\t=\tjson", "region =", "[default]",
            "region = again",
        ]
        let file = try ProfileFile(lines.joined(separator: end), .credentials)
        #expect(
            file.profiles == [
                "default": ["aws_access_key_id": "A=B", "region": "again", "s3": ""],
                "spaced name": ["output": "json", "region": ""],
            ]
        )
    }

    @Test func `the config file names its profiles otherwise`() throws {
        let text = """
            [plain]
            region = no
            [sso-session corp]
            region = no
            [profile  ci]
            region = ci
            [default]
            region = short
            """
        #expect(try ProfileFile(text, .config).profiles == ["ci": ["region": "ci"], "default": ["region": "short"]])
        let long = "[profile default]\noutput = json\n"
        let expected = ["default": ["output": "json"]]
        #expect(try ProfileFile("[default]\nregion = short\n" + long, .config).profiles == expected)
        #expect(try ProfileFile(long + "[default]\nregion = short\n", .config).profiles == expected)
    }

    @Test(arguments: [
        ("[default", "line 1: a section has no ]"), ("a = b", "line 1: a value before the first [SECTION]"),
        ("[a]\nhunter2", "line 2: neither [SECTION] nor NAME = VALUE"),
    ])
    func `what is no such file is said by its line, and without what stands there`(text: String, expected: String) {
        let error = #expect(throws: ProfileFile.Problem.self) { try ProfileFile(text, .config) }
        #expect(error?.description == expected)
    }
}
