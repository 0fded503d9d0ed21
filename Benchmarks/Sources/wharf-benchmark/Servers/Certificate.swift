/// A self-signed certificate for loopback, with a key of the kind that is most used.
struct Certificate {
    let path: String
    let keyPath: String

    /// Has openssl make it.
    init(folder: String) throws {
        path = folder + "/certificate.pem"
        keyPath = folder + "/key.pem"
        let options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        let subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        let output = ["-keyout", keyPath, "-out", path]
        let process = try ChildProcess(
            ["openssl", "req"] + options + subject + output,
            output: folder + "/openssl.log"
        )
        try process.waitForSuccess()
    }
}
