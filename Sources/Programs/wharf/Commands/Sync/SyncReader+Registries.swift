import ContainerTools
import Documents
import OCI

extension SyncReader {
    private static let mannerNames: Set<String> = ["ca", "client-certificate", "client-key", "insecure", "plain-http"]

    /// How registries are reached; files are named from the folder of the sync file.
    func manners(_ value: JSONValue?, _ steps: Steps, folder: String) throws -> [RegistryHost: RegistryManner] {
        guard let value, value != .null else { return [:] }
        guard case .object(let members) = value else {
            throw problem(steps, "a registry with keys below it is expected here, such as localhost:5000:")
        }
        var manners: [RegistryHost: RegistryManner] = [:]
        for member in members {
            let place = steps + [.name(member.name)]
            guard let host = try? RegistryHost(member.name) else {
                throw problem(place, "\(member.name) is no registry: it is a host, maybe with a port")
            }
            manners[host] = try manner(member.value, place, folder: folder)
        }
        return manners
    }

    private func manner(_ value: JSONValue, _ steps: Steps, folder: String) throws -> RegistryManner {
        let fields = try object(value, steps, allowed: Self.mannerNames)
        func file(_ name: String) throws -> String? {
            guard let value = fields[name], value != .null else { return nil }
            let path = try text(value, steps + [.name(name)])
            return path.hasPrefix("/") ? path : folder + path
        }
        var manner = RegistryManner()
        manner.authorityFiles = try file("ca").map { [$0] } ?? []
        switch (try file("client-certificate"), try file("client-key")) {
        case (nil, nil): break
        case (let certificate?, let key?): manner.clientCertificate = .init(certificateFile: certificate, keyFile: key)
        default: throw problem(steps, "client-certificate: and client-key: go together")
        }
        manner.isInsecure = try bool(fields["insecure"], steps + [.name("insecure")])
        manner.isPlain = try bool(fields["plain-http"], steps + [.name("plain-http")])
        return manner
    }
}
