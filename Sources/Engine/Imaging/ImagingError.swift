/// Why an image cannot be read, changed or made.
///
/// Equal when the code is: the message is for people. What a registry refuses stays a `RegistryError`.
public struct ImagingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// Names a code.
        public init(_ name: StaticString) {
            description = name.description
        }

        /// What was asked for is there, and is no image: an artifact, for instance.
        public static let notAnImage = Code("notAnImage")
        /// No image of the index runs on the platform.
        public static let platformUnknown = Code("platformUnknown")
        /// A manifest or config cannot be read.
        public static let documentInvalid = Code("documentInvalid")
        /// A layer is no tar archive, or one that lies.
        public static let layerInvalid = Code("layerInvalid")
        /// Something is larger than the caller allows.
        public static let limitExceeded = Code("limitExceeded")
        /// Bytes have another digest or size than their descriptor says.
        public static let contentMismatch = Code("contentMismatch")
        /// What was asked for contradicts itself, or cannot be done to this image.
        public static let requestInvalid = Code("requestInvalid")
        /// A file of this machine cannot be read, written, or put into an image.
        public static let fileUnusable = Code("fileUnusable")
    }

    /// What is wrong.
    public var code: Code
    /// A sentence for a person: what is wrong, and what to do.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }

    /// Equal when the code is.
    public static func == (left: ImagingError, right: ImagingError) -> Bool {
        left.code == right.code
    }
}
