import Documents
import Foundation

/// Where containerd looks for hosts.toml, and what its config.toml says of registries.
struct ContainerdConfiguration {
    private let machine: Machine

    init(_ machine: Machine) {
        self.machine = machine
    }

    /// The plugins that pull: of containerd 2, and of containerd 1.
    private static let plugins = ["io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri"]

    private var path: String { machine.root + "/etc/containerd/config.toml" }

    /// The folders with a folder for each registry: the usual ones, and those that config.toml names.
    func folders() -> [String] {
        let usual = [machine.configurationFolder + "/containerd/certs.d", machine.root + "/etc/containerd/certs.d"]
        let file = try? TOMLFile(reading: path)
        let named = Self.plugins.compactMap { file?.root["plugins"]?[$0]?["registry"]?["config_path"]?.text }
        let others = named.flatMap { $0.split(separator: ":").map { machine.root + $0 } }
        return usual + others.filter { !usual.contains($0) }
    }

    /// The hosts.toml for a registry; nil where there is none.
    func hostsFile(for host: String) throws(ToolFileProblem) -> HostsFile? {
        guard !host.isEmpty, !host.hasPrefix(".") else { return nil }
        let withPort = host.split(separator: ":").count == 2 ? [host.replacing(":", with: "_") + "_"] : []
        for folder in folders() {
            for name in withPort + [host, "_default"] {
                if let file = try HostsFile(reading: "\(folder)/\(name)/hosts.toml") { return file }
            }
        }
        return nil
    }

    /// What is wrong with config.toml, and with every hosts.toml.
    func problems() -> [ToolFileProblem] {
        mainProblems() + folders().flatMap { hostsProblems(in: $0) }
    }

    private func mainProblems() -> [ToolFileProblem] {
        let file: TOMLFile?
        do throws(ToolFileProblem) { file = try TOMLFile(reading: path) } catch { return [error] }
        guard let file else { return [] }
        return Self.plugins.flatMap { plugin -> [ToolFileProblem] in
            let steps: [TOMLDocument.Step] = ["plugins", .key(plugin), "registry"]
            guard let registry = file.root["plugins"]?[plugin]?["registry"] else { return [] }
            let hasPath = registry["config_path"]?.text?.isEmpty == false
            return ["mirrors", "configs"].filter { registry[$0]?.members?.isEmpty == false }.map { key in
                let advice = "write a hosts.toml under /etc/containerd/certs.d and set config_path to that folder"
                let message =
                    hasPath
                    ? "containerd refuses \"registry.\(key)\" beside config_path: move it into a hosts.toml"
                    : "\"registry.\(key)\" is the old way and will not be read by containerd 2.x: \(advice)"
                let severity = hasPath ? ToolFileProblem.Severity.error : .warning
                return file.problem(.outdatedKey, message, at: steps + [.key(key)], severity: severity)
            }
        }
    }

    private func hostsProblems(in folder: String) -> [ToolFileProblem] {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        return names.flatMap { name -> [ToolFileProblem] in
            let path = "\(folder)/\(name)"
            guard FileFacts(path)?.isFolder == true else {
                guard name.hasSuffix(".toml") else { return [] }
                let message = "containerd looks for it in a folder for each registry: \(folder)/docker.io/hosts.toml"
                return [ToolFileProblem(.misplacedFile, path: path, message)]
            }
            return registryProblems(name, path)
        }
    }

    private func registryProblems(_ name: String, _ path: String) -> [ToolFileProblem] {
        let file: HostsFile?
        do throws(ToolFileProblem) { file = try HostsFile(reading: path + "/hosts.toml") } catch { return [error] }
        guard let file else {
            let others = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            return others.filter { $0.hasSuffix(".toml") }.sorted().map { other in
                let message = "containerd reads only a file with the name hosts.toml here"
                return ToolFileProblem(.misplacedFile, path: "\(path)/\(other)", message)
            }
        }
        var problems: [ToolFileProblem] = []
        if ["index.docker.io", "registry-1.docker.io"].contains(name) {
            let message = "for Docker Hub containerd looks in the folder docker.io: rename this one"
            problems.append(ToolFileProblem(.misplacedFile, path: file.path, message))
        }
        for host in file.hosts.compactMap(\.address) {
            guard let message = DeadMirror.message(host) else { continue }
            problems.append(ToolFileProblem(.deadMirror, path: file.path, message))
        }
        let missing = (file.hosts + [file.server]).flatMap { server in
            server.trust.authorityFiles + server.trust.clientCertificates.flatMap { [$0.certificateFile, $0.keyFile] }
        }
        for certificate in missing where FileFacts(certificate) == nil {
            let message = "the file \(certificate), which it names, is not there"
            problems.append(ToolFileProblem(.missingCounterpart, path: file.path, message))
        }
        return problems
    }
}
