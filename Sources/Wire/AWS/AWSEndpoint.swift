public import Outgoing

/// Where Amazon's services are.
public enum AWSEndpoint {
    /// The URL of a service in a region; nil where that is no name of a region.
    ///
    /// - Parameters:
    ///   - service: The first part of its host: `s3`.
    ///   - region: Such as `eu-central-1`.
    /// - Returns: Such as `https://s3.eu-central-1.amazonaws.com/`, in the domain of the region's partition.
    public static func url(of service: String, in region: String) -> OutgoingURL? {
        AWSRegion(region).flatMap { try? OutgoingURL("https://\(service).\($0).\($0.domain)/") }
    }
}
