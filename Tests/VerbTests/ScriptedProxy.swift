import RegistryTesting

/// A proxy before a registry that passes on what it is asked, and does besides what a test says in Python.
struct ScriptedProxy {
    let process: RunningProcess
    /// Where it listens.
    let authority: String

    /// Starts one before a registry.
    ///
    /// The script is the class `Handler(Passing)`: `pass_on` comes with each request, and calls `fetch` for the answer
    /// of the registry and `give` to pass that on; `ask` makes a request of its own.
    static func start(before authority: String, _ script: String) async throws -> ScriptedProxy {
        let program = [passing, script, serving].joined(separator: "\n")
        let process = try Command("/usr/bin/python3", ["-c", program, authority]).start()
        try await process.waitUntil("the port is told") { process.standardOutput.hasSuffix("\n") }
        return ScriptedProxy(process: process, authority: "127.0.0.1:\(process.standardOutput.dropLast())")
    }

    private static let passing = """
        import http.client, http.server, sys, threading, time
        upstream = sys.argv[1]
        class Passing(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *words): pass
            def ask(self, method, path, body=None, headers={}):
                connection = http.client.HTTPConnection(upstream)
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return answer, answer.read()
            def fetch(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                return self.ask(self.command, self.path, body, dict(self.headers))
            def give(self, answer, text):
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "date", "server", "content-length"):
                        self.send_header(name, value)
                length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(text))
                if length: self.send_header("Content-Length", length)
                self.end_headers()
                self.wfile.write(text)
            def pass_on(self): self.give(*self.fetch())
            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = lambda self: self.pass_on()
        """

    private static let serving = """
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """
}
