import OCI
import Outgoing

/// A registry of Amazon's, by its name, and whom its passwords are asked from.
struct ECRAddress: Hashable, Sendable {
    /// Which of both services it is.
    enum Service: Hashable, Sendable {
        /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, and its other forms.
        case account
        /// `public.ecr.aws`
        case gallery
    }

    let service: Service
    let region: AWSRegion
    /// The host of the service that gives passwords.
    let api: String

    /// The gallery that everybody may read.
    private static let galleryHost = "public.ecr.aws"
    private static let accountDigitCount = 12
    /// The domains in which hosts are named `ACCOUNT.dkr.ecr.REGION`: the same as those of their services.
    private static let domains: Set<String> = [
        "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "c2s.ic.gov", "sc2s.sgov.gov", "csp.hci.ic.gov",
        "cloud.adc-e.uk",
    ]
    /// The domains in which they are named `ACCOUNT.dkr-ecr.REGION`, to be reached by IPv6 too, and those of their
    /// services.
    private static let dualDomains = [
        "on.aws": "api.aws", "on.amazonwebservices.com.cn": "api.amazonwebservices.com.cn",
        "on.amazonwebservices.eu": "api.amazonwebservices.eu",
    ]

    /// Recognises a registry of Amazon's; nil for every other.
    init?(_ host: RegistryHost) {
        guard host.port ?? 443 == 443 else { return nil }
        if host.name == Self.galleryHost {
            (service, region, api) = (.gallery, .main, "api.ecr-public.\(AWSRegion.main).amazonaws.com")
            return
        }
        let labels = host.name.split(separator: ".", omittingEmptySubsequences: false)
        guard let account = labels.first, account.utf8.count == Self.accountDigitCount,
            account.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let rest = labels.dropFirst()
        let known = [
            (["dkr", "ecr"], "ecr", false), (["dkr", "ecr-fips"], "ecr-fips", false), (["dkr-ecr"], "ecr", true),
            (["dkr-ecr-fips"], "ecr-fips", true),
        ]
        guard let form = known.first(where: { rest.starts(with: $0.0.map { Substring($0) }) }) else { return nil }
        let place = rest.dropFirst(form.0.count)
        guard let region = place.first.flatMap({ AWSRegion($0) }) else { return nil }
        let domain = place.dropFirst().joined(separator: ".")
        if form.2 {
            guard let services = Self.dualDomains[domain] else { return nil }
            api = "\(form.1).\(region).\(services)"
        } else {
            guard Self.domains.contains(domain) else { return nil }
            api = "api.\(form.1).\(region).\(domain)"
        }
        (service, self.region) = (.account, region)
    }
}

extension ECRAddress.Service {
    /// The name that signatures and policies have for it.
    var signingName: String {
        switch self {
        case .account: "ecr"
        case .gallery: "ecr-public"
        }
    }

    /// The end of the variable that names another place for it.
    var endpointName: String {
        switch self {
        case .account: "ECR"
        case .gallery: "ECR_PUBLIC"
        }
    }

    /// What the operation is called in JSON 1.1.
    var operation: String {
        switch self {
        case .account: "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"
        case .gallery: "SpencerFrontendService.GetAuthorizationToken"
        }
    }
}
