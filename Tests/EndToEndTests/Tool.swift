import Foundation

/// A program of another house that the tests run: where its Debian package puts it.
///
/// Paths are whole, so that a newer program of the same name elsewhere on the machine is not taken for Debian's.
enum Tool: String, CaseIterable {
    case docker, dockerd, skopeo, podman, buildah, ctr, containerd, runc, umoci, curl
    /// The interpreter that oras-py is installed for.
    case python

    var path: String {
        switch self {
        case .dockerd: "/usr/sbin/dockerd"
        case .runc: "/usr/sbin/runc"
        case .python: Self.project + "/.build-parties/oras/bin/python"
        default: "/usr/bin/" + rawValue
        }
    }

    /// The folder of the package.
    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Throws, naming all that is missing and how to install it, unless every tool can be run.
    static func requireAll() throws {
        let missing = allCases.filter { !FileManager.default.isExecutableFile(atPath: $0.path) }.map(\.rawValue)
        guard missing.isEmpty else {
            throw InteropFailure(
                description: """
                    The interop tests need \(missing.joined(separator: ", ")), which this machine lacks. \
                    Install all of them with: Scripts/install-test-parties test
                    """
            )
        }
        guard geteuid() == 0 else {
            throw InteropFailure(
                description: "The interop tests start dockerd and containerd, which need root: sudo make test"
            )
        }
    }
}
