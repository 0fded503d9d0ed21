import OCI
import Testing

@Suite struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    @Test(
        "a reference is read as Docker reads it",
        arguments: [
            ("nginx", "docker.io/library/nginx"),
            ("nginx:1.25", "docker.io/library/nginx:1.25"),
            ("bitnami/redis", "docker.io/bitnami/redis"),
            ("docker.io/nginx", "docker.io/library/nginx"),
            ("index.docker.io/nginx", "docker.io/library/nginx"),
            ("index.docker.io/library/nginx", "docker.io/library/nginx"),
            ("docker.io/library/nginx:latest", "docker.io/library/nginx:latest"),
            ("localhost/app", "localhost/app"),
            ("localhost:5000/app:1", "localhost:5000/app:1"),
            ("quay.io/team/app", "quay.io/team/app"),
            ("team/app/part", "docker.io/team/app/part"),
            ("registry.example.com/app", "registry.example.com/app"),
            ("Registry.Example.com:443/app", "registry.example.com:443/app"),
            ("MACHINE/app", "MACHINE/app"),
            ("[2001:db8::1]:5000/app:v1", "[2001:db8::1]:5000/app:v1"),
            ("10.0.0.1:5000/a/b", "10.0.0.1:5000/a/b"),
            ("a.b/c", "a.b/c"),
            ("a_b/c", "docker.io/a_b/c"),
        ]
    )
    func read(text: String, full: String) throws {
        let reference = try ImageReference(text)
        #expect(reference.description == full)
        #expect(try ImageReference(full) == reference)
    }

    @Test func `a digest counts before a tag, and both are kept`() throws {
        let reference = try ImageReference("nginx:1.25@\(Self.digest)")
        #expect(reference.tag == (try Tag("1.25")))
        #expect(reference.reference == .digest(try Digest(Self.digest)))
        #expect(reference.description == "docker.io/library/nginx:1.25@\(Self.digest)")
    }

    @Test func `no tag is latest`() throws {
        #expect(try ImageReference("nginx").reference == .tag(try Tag("latest")))
    }

    @Test(
        "what is no reference says why",
        arguments: [
            ("", "is empty"),
            ("https://registry.example.com/app", "begins with https://, which a reference does not have"),
            ("Nginx", "has capitals in the repository's name, which must be in lower case"),
            ("localhost:5000/Team/app", "has capitals in the repository's name, which must be in lower case"),
            ("nginx:", "has a colon and no tag behind it"),
            ("nginx:-1", "has the tag -1, but tags have letters, digits, _ . - and begin with a letter, a digit or _"),
            ("nginx@sha256:12", "has a digest that has 2 digits after the colon in place of 64"),
            ("nginx@1", "has a digest that is not of the form algorithm:encoded"),
            ("a//b", "has an empty part between two slashes"),
            ("localhost:99999/a", "names the registry localhost:99999, whose port is no number from 1 to 65535"),
            ("-a.b/c", "names the registry -a.b, which is no host name"),
            ("a..b/c", "names the registry a..b, which is no host name"),
            ("a b", "has the part a b, but names have lower-case letters and digits, with . _ __ - between them"),
            ("localhost:5000/", "names no repository"),
        ]
    )
    func refused(text: String, reason: String) {
        let error = #expect(throws: ImageReference.ParseError.self) { try ImageReference(text) }
        #expect(error?.description == reason)
    }
}

@Suite struct ImageLocationTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    @Test(
        "a location is a registry's, a folder's or an archive's",
        arguments: [
            ("nginx", "docker.io/library/nginx"), ("docker://nginx:1", "docker.io/library/nginx:1"),
            ("docker://oci:5000/team/app:1", "docker://oci:5000/team/app:1"), ("oci:images", "oci:images"),
            ("oci:./images:1.2", "oci:./images:1.2"), ("oci:/a:b/c", "oci:/a:b/c"),
            ("oci:/a:b/c:latest", "oci:/a:b/c:latest"), ("oci:dir@\(digest)", "oci:dir@\(digest)"),
            ("oci:a@b/c:1", "oci:a@b/c:1"),
            ("oci-archive:a.tar:1", "oci-archive:a.tar:1"), ("docker-archive:a.tar", "docker-archive:a.tar"),
            ("docker-archive:a.tar:team/app:1", "docker-archive:a.tar:docker.io/team/app:1"),
        ]
    )
    func read(text: String, again: String) throws {
        #expect(try ImageLocation(text).description == again)
    }

    @Test(
        "what is no location says why",
        arguments: [
            ("oci:", "names no path behind oci:"), ("oci-archive:", "names no path behind oci-archive:"),
            ("docker-archive:", "names no path behind docker-archive:"), ("oci::1", "names no path behind oci:"),
            ("oci:dir:-", "has - behind the path, which is neither a tag nor a digest"),
            ("oci:dir@sha256:12", "has sha256:12 behind the path, which is neither a tag nor a digest"),
        ]
    )
    func refused(text: String, reason: String) {
        let error = #expect(throws: ImageLocation.ParseError.self) { try ImageLocation(text) }
        #expect(error?.description == reason)
    }
}

@Suite struct PlatformTests {
    @Test(
        "a platform is read by the names of images and of processors",
        arguments: [
            ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("Linux/AArch64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"), ("linux/arm", "linux/arm/v7"), ("linux/arm/v6", "linux/arm/v6"),
            ("linux/armhf", "linux/arm/v7"), ("windows/amd64", "windows/amd64"), ("linux/i386", "linux/386"),
        ]
    )
    func read(text: String, name: String) throws {
        #expect(try #require(Platform(text)).description == name)
    }

    @Test("what is no platform is none", arguments: ["", "linux", "linux/", "/amd64", "linux/a/b/c", "linux/am d"])
    func refused(text: String) {
        #expect(Platform(text) == nil)
    }

    @Test func `a machine runs its own images best, and older variants of 32-bit ARM`() throws {
        func distance(_ own: String, _ image: String) throws -> Int? {
            try #require(Platform(own)).distance(to: try #require(Platform(image)))
        }
        #expect(try distance("linux/amd64", "linux/amd64") == 0)
        #expect(try distance("linux/arm/v7", "linux/arm/v6") == 1)
        #expect(try distance("linux/arm/v6", "linux/arm/v7") == nil)
        #expect(try distance("linux/arm64", "linux/arm64/v8") == 0)
        #expect(try distance("linux/amd64", "linux/arm64") == nil)
        #expect(try distance("windows/amd64", "linux/amd64") == nil)
    }
}
