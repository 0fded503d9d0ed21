import Hosting
import NetworkAddress
import OCI
import RegistryContract
import Selectors
import Settings

extension Wiring {
    /// Who is sent to the bucket for blobs, as the settings say; nil for nobody.
    func redirects() throws -> BlobRedirects? {
        let (rule, addresses) = (settings.s3, settings.s3.redirectAddresses)
        guard rule.redirect else { return nil }
        let patterns = try rule.redirectRepositories.map { text in
            do {
                return try Glob(text)
            } catch {
                throw StartFailure("s3.redirect-repositories: \(text) is no pattern: \(error)")
            }
        }
        return BlobRedirects(lifetime: rule.redirectLifetime) { caller, repository in
            guard patterns.isEmpty || patterns.contains(where: { $0.matches(repository.description) }) else {
                return false
            }
            guard !addresses.isEmpty else { return true }
            guard let address = AddressBlock(caller.address) else { return false }
            return addresses.contains { $0.contains(address) }
        }
    }
}
