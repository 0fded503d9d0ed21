import OCI

extension FuzzTarget {
    /// What people type reads the same when it is written in full, and names one place.
    static func checkReference(_ bytes: [UInt8]) throws(Violation) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let image = try? ImageReference(text) {
            let written = image.description
            try require((try? ImageReference(written)) == image, "\(written) reads as it was written")
            try require(written.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "\(written) can be shown")
            try require(!image.repository.description.isEmpty, "\(written) names a repository")
        }
        if let location = try? ImageLocation(text) {
            try require((try? ImageLocation(location.description)) == location, "\(location) reads as it was written")
        }
        if let host = try? RegistryHost(text) {
            try require((try? RegistryHost(host.description)) == host, "\(host) reads as it was written")
            try require(host.port.map { (1...65535).contains($0) } ?? true, "\(host) has a port that there is")
        }
        if let platform = Platform(text) {
            try require(Platform(platform.description) == platform, "\(platform) reads as it was written")
            try require(platform.distance(to: platform) == 0, "\(platform) runs what was made for it")
        }
    }
}
