import Foundation

extension Command {
    /// Starts Debian's nginx, and waits until it listens.
    ///
    /// - Parameters:
    ///   - folder: What holds its configuration, and what it writes on the way.
    ///   - port: On which it listens.
    ///   - text: What stands in the block `http`.
    /// - Returns: The process.
    /// - Throws: ``CommandFailure``.
    public static func nginx(in folder: String, port: Int, http text: String) async throws -> RunningProcess {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder)/\($0);"
        }
        let configuration = """
            daemon off;
            user root;
            worker_processes 1;
            pid \(folder)/pid;
            error_log stderr;
            events { worker_connections 1024; }
            http {
            \(temporary.joined(separator: " "))
            \(text)
            }

            """
        try configuration.write(toFile: "\(folder)/nginx.conf", atomically: true, encoding: .utf8)
        let process = try Command("/usr/sbin/nginx", ["-c", "\(folder)/nginx.conf", "-p", folder]).start()
        try await process.waitUntil("nginx listens") {
            (try? TestConnection(address: "127.0.0.1", port: port, timeout: .seconds(5))) != nil
        }
        return process
    }
}
