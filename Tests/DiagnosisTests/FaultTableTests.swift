import Foundation
import Testing

@testable import Diagnosis

/// The table of errors, read as somebody meets it: by what a tool has printed.
@Suite struct FaultTableTests {
    @Test(arguments: [
        (
            "Error response from daemon: Get \"https://registry.example/v2/\": dial tcp: lookup "
                + "registry.example: no such host",
            "no-such-host"
        ),
        (
            "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": net/http: request "
                + "canceled while waiting for "
                + "connection (Client.Timeout exceeded while awaiting headers)", "timeout"
        ),
        (
            "Error response from daemon: Get \"https://10.0.0.5:5000/v2/\": http: server gave HTTP response "
                + "to HTTPS client",
            "plain-http"
        ),
        (
            "Error response from daemon: Get \"https://registry.example/v2/\": x509: certificate signed by "
                + "unknown authority",
            "unknown-authority"
        ),
        (
            "pinging container registry registry.example: Get \"https://registry.example/v2/\": tls: failed to verify "
                + "certificate: x509: certificate is valid for other.example, not registry.example", "wrong-name"
        ),
        (
            "x509: certificate has expired or is not yet valid: current time 2030-01-01T00:00:00Z is after "
                + "2029-01-01T00:00:00Z", "certificate-expired"
        ),
        (
            "x509: certificate has expired or is not yet valid: current time 2020-01-01T00:00:00Z is before "
                + "2029-01-01T00:00:00Z", "certificate-not-yet-valid"
        ),
        ("denied: requested access to the resource is denied", "denied"),
        (
            "Error response from daemon: pull access denied for team/app, repository does not exist or may "
                + "require 'docker "
                + "login': denied: requested access to the resource is denied", "denied"
        ),
        (
            "Error response from daemon: manifest for team/app:latest not found: manifest unknown: manifest unknown",
            "tag-unknown"
        ),
        ("failed to register layer: write /usr/lib/libfoo.so: no space left on device", "disk-full"),
        (
            "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating",
            "rate-limited"
        ),
        ("Error response from daemon: unauthorized: authentication required", "login-missing"),
        (
            "Error response from daemon: Get \"https://registry.example/v2/\": unauthorized: incorrect "
                + "username or password",
            "wrong-password"
        ),
        ("no basic auth credentials", "login-missing"),
        ("denied: Your authorization token has expired. Reauthenticate and try again.", "login-expired"),
        ("received unexpected HTTP status: 500 Internal Server Error", "server-error"),
        (
            "error parsing HTTP 404 response body: invalid character '<' looking for beginning of value: \"<html>\"",
            "not-a-registry"
        ),
        (
            "error parsing HTTP 413 response body: invalid character '<' looking for beginning of value: \"<html>\"",
            "body-too-large"
        ),
        ("no matching manifest for linux/arm64/v8 in the manifest list entries", "platform-missing"),
        (
            "failed to pull and unpack image \"registry.example/team/app:1\": failed to resolve reference "
                + "\"registry.example/team/app:1\": registry.example/team/app:1: not found", "tag-unknown"
        ),
        (
            "failed to copy: httpReadSeeker: failed open: failed to do request: Get "
                + "\"https://storage.example/x\": dial tcp "
                + "10.0.0.1:443: i/o timeout", "storage-unreachable"
        ),
        (
            "failed to authorize: failed to fetch anonymous token: Get \"https://auth.docker.io/token\": "
                + "dial tcp: i/o timeout",
            "token-service-unreachable"
        ),
        ("net/http: TLS handshake timeout", "no-answer"),
        ("proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused", "proxy-unreachable"),
        (
            "Error response from daemon: Get \"https://registry.example/v2/\": Proxy Authentication Required",
            "proxy-refuses"
        ),
        ("invalid reference format: repository name (Library/Foo) must be lowercase", "invalid-name"),
        (
            "unable to configure the Docker daemon with file /etc/docker/daemon.json: the following "
                + "directives don't match any "
                + "configuration option: insecure_registries", "tool-files"
        ),
        (
            "error getting credentials - err: exec: \"docker-credential-desktop\": executable file not "
                + "found in $PATH, out: ``",
            "credential-helper"
        ),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            "docker-not-running"
        ),
        ("filesystem layer verification failed for digest sha256:0123", "blob-damaged"),
        ("TLS handshake failed", "tls-failed"), ("403 Forbidden", "denied"), ("401 Unauthorized", "login-missing"),
        ("429 Too Many Requests", "rate-limited"),
    ])
    func `what tools print is found in the table`(message: String, code: String) {
        #expect(FaultTable.fault(explaining: message)?.code == code)
    }

    @Test(arguments: ["", "all is well", String(repeating: "x", count: 1 << 20)])
    func `what is no error of the table is not guessed at`(message: String) {
        #expect(FaultTable.fault(explaining: message) == nil)
    }

    @Test func `each row has its own code, words to be found by, a meaning and a mend`() {
        #expect(Set(FaultTable.all.map(\.code)).count == FaultTable.all.count)
        for fault in FaultTable.all {
            #expect(!fault.printed.isEmpty && fault.meaning.hasSuffix("."), "\(fault.code)")
            #expect(!fault.mends(FaultSubject()).isEmpty, "\(fault.code)")
            for form in fault.printed {
                #expect(FaultTable.fault(explaining: form.replacing("…", with: "any")) != nil, "\(form)")
            }
        }
    }

    @Test func `a message fills in the registry and the image that it names`() {
        var subject = FaultSubject()
        subject.read(message: "Get \"https://registry.example:5000/v2/team/app/manifests/1.0\": EOF")
        #expect(subject.image == "registry.example:5000/team/app:1.0")
        subject = FaultSubject()
        subject.read(message: "manifest for team/app:latest not found: manifest unknown")
        #expect(subject.image == "docker.io/team/app:latest")
        subject = FaultSubject()
        subject.read(message: "dial tcp: lookup registry.example on 10.0.0.1:53: no such host")
        #expect(subject.host == "registry.example")
        subject = FaultSubject()
        subject.read(message: "Get \"https://registry-1.docker.io/v2/\": EOF")
        #expect(subject.host == "docker.io")
    }

    @Test func `what takes away protection is named last, and as such`() throws {
        let mends = FaultTable.row("unknown-authority").mends(FaultSubject())
        let first = try #require(mends.firstIndex { $0.isLastResort })
        #expect(mends[first...].allSatisfy { $0.isLastResort })
        #expect(mends[..<first].contains { $0.file == "/etc/docker/certs.d/REGISTRY/ca.crt" })
    }

    @Test func `the page has every row as it is`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let page = try String(contentsOf: root.appending(path: "Documentation/doctor.md"), encoding: .utf8)
        let lines = Set(page.split(separator: "\n").map(String.init))
        for fault in FaultTable.all {
            let forms = fault.printed.prefix(3).map { "`\($0.replacing("|", with: "\\|"))`" }
            let line = "| \(fault.code) | \(forms.joined(separator: "<br>")) | \(fault.meaning) |"
            #expect(lines.contains(line), "Documentation/doctor.md lacks the line:\n\(line)")
        }
        for step in DiagnosisStep.allCases { #expect(page.contains("\n| \(step.title) | "), "\(step)") }
    }

    @Test(arguments: [
        ("lastest", ["latest"]), ("1.2", ["1.2.0", "1.2.1"]), ("v1.2.0", ["1.2.0", "1.2.1"]), ("zzz", []),
    ])
    func `the tags that were likely meant are named`(wanted: String, near: [String]) {
        #expect(NearestNames.of(wanted, among: ["latest", "1.2.0", "1.2.1", "nightly-build"]) == near)
    }
}
