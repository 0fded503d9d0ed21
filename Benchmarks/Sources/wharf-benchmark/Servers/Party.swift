/// Whose server is measured.
enum Party: String, CaseIterable {
    case ours
    case peer
    case nginx
}

/// How each party's server is started.
struct ServerCommand {
    var arguments: [String]
    var environment: [String] = []
    /// A file that must be there before the start.
    var configuration: (path: String, text: String)?
}

extension Party {
    /// The command that serves `data` in the server's folder on a port of loopback; access logs are off on all sides.
    func command(
        program: String,
        folder: String,
        port: Int,
        certificate: Certificate?,
        isControlled: Bool
    ) -> ServerCommand {
        switch self {
        case .ours:
            ours(program, folder: folder, port: port, certificate: certificate, isControlled: isControlled)
        case .peer: peer(folder: folder, port: port, certificate: certificate)
        case .nginx: nginx(folder: folder, port: port, certificate: certificate)
        }
    }

    /// What the administrator of a server that asks for a login has for a password.
    static let password = "measured-with-this"

    private func ours(
        _ program: String,
        folder: String,
        port: Int,
        certificate: Certificate?,
        isControlled: Bool
    ) -> ServerCommand {
        var arguments = [program, "serve", "--data", folder + "/data", "--listen", "127.0.0.1:\(port)"]
        if let certificate {
            arguments += ["--tls-certificate", certificate.path, "--tls-key", certificate.keyPath]
        }
        var environment = ["WHARF_LOG_ACCESS=false"]
        if isControlled {
            arguments.append("--access-required")
            environment.append("WHARF_ACCESS_ADMIN_PASSWORD=\(Self.password)")
        }
        return ServerCommand(arguments: arguments, environment: environment)
    }

    /// Debian's configuration, without its password file and with a folder of our own.
    private func peer(folder: String, port: Int, certificate: Certificate?) -> ServerCommand {
        var text = """
            version: 0.1
            log:
              level: error
              accesslog:
                disabled: true
            storage:
              cache:
                blobdescriptor: inmemory
              filesystem:
                rootdirectory: \(folder)/data
              delete:
                enabled: true
            http:
              addr: 127.0.0.1:\(port)
              secret: benchmark

            """
        if let certificate {
            text += "  tls:\n    certificate: \(certificate.path)\n    key: \(certificate.keyPath)\n"
        }
        let path = folder + "/configuration.yml"
        return ServerCommand(
            arguments: ["docker-registry", "serve", path],
            environment: ["OTEL_TRACES_EXPORTER=none"],
            configuration: (path, text)
        )
    }

    /// Debian's settings for static files; connections are not closed after 1000 requests.
    private func nginx(folder: String, port: Int, certificate: Certificate?) -> ServerCommand {
        var listen = "listen 127.0.0.1:\(port);"
        if let certificate {
            listen = """
                listen 127.0.0.1:\(port) ssl http2;
                ssl_certificate \(certificate.path);
                ssl_certificate_key \(certificate.keyPath);
                ssl_protocols TLSv1.2 TLSv1.3;
                """
        }
        let text = """
            user root;
            worker_processes auto;
            daemon off;
            pid \(folder)/nginx.pid;
            error_log stderr crit;
            events { worker_connections 768; }
            http {
              sendfile on;
              tcp_nopush on;
              access_log off;
              keepalive_requests 1000000000;
              client_body_temp_path \(folder)/body;
              proxy_temp_path \(folder)/proxy;
              fastcgi_temp_path \(folder)/fastcgi;
              uwsgi_temp_path \(folder)/uwsgi;
              scgi_temp_path \(folder)/scgi;
              server {
                \(listen)
                root \(folder)/data;
              }
            }

            """
        let path = folder + "/nginx.conf"
        return ServerCommand(
            arguments: ["nginx", "-p", folder, "-e", "stderr", "-c", path],
            configuration: (path, text)
        )
    }
}
