/// A program of the command line that is measured.
enum Tool: String, CaseIterable {
    case wharf
    case skopeo

    /// Where images are, for a tool.
    enum Place {
        /// On a port of loopback.
        case registry(port: Int)
        /// A folder in the form of OCI's layouts.
        case layout(String)
    }

    /// The repository in which the measured image lies, and its tag.
    static let repository = "bench/image"
    static let tag = "1"

    /// The command that copies the image; `program` is the path of our binary.
    func copy(from source: Place, to target: Place, program: String) -> [String] {
        let images = [name(source), name(target)]
        switch self {
        case .wharf: return [program, "copy"] + images
        case .skopeo: return ["skopeo", "copy", "--src-tls-verify=false", "--dest-tls-verify=false"] + images
        }
    }

    /// The command that lists the tags of the image's repository.
    func list(port: Int, program: String) -> [String] {
        let repository = "localhost:\(port)/\(Self.repository)"
        switch self {
        case .wharf: return [program, "list", repository]
        case .skopeo: return ["skopeo", "list-tags", "--tls-verify=false", "docker://\(repository)"]
        }
    }

    /// The command that prints how the tool is used.
    func help(program: String) -> [String] {
        [self == .wharf ? program : rawValue, "--help"]
    }

    private func name(_ place: Place) -> String {
        switch place {
        case .registry(let port):
            "\(self == .skopeo ? "docker://" : "")localhost:\(port)/\(Self.repository):\(Self.tag)"
        case .layout(let path): "oci:\(path):\(Self.tag)"
        }
    }
}
