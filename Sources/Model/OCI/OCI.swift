/// The words of the OCI specifications as checked values.
///
/// A value of a type here is well formed: nothing below the wire checks a string again. No value knows where it came
/// from; there is no I/O, no clock and no concurrency in this module.
///
/// - Distribution specification: repository names, tags, references, digests, error codes.
/// - Image specification: media types, descriptors, manifests, indexes, platforms.
public enum OCISpecification {
    /// The version of the distribution specification whose endpoints are served.
    public static let distributionVersion = "1.1.1"
    /// The version of the image specification whose documents are understood.
    public static let imageVersion = "1.1.1"
}
