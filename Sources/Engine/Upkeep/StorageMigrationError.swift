/// Why an installation is not moved, or not to its end, as a sentence for an operator.
///
/// Two are equal when their codes are.
public struct StorageMigrationError: Error, Sendable, CustomStringConvertible {
    /// What is in the way; open.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// Names a code.
        public init(_ name: StaticString) {
            self.name = name.description
        }

        /// Both sides are, or share, one installation.
        public static let same = Code("same")
        /// The new installation holds something of its own.
        public static let notEmpty = Code("notEmpty")
        /// The new installation holds a part of another one than the old.
        public static let otherSource = Code("otherSource")
        /// The old installation is not whole, or was never served by this version.
        public static let notReady = Code("notReady")
        /// Bytes of the old installation are damaged or missing.
        public static let damaged = Code("damaged")
        /// Something cannot be held by the new database.
        public static let unfit = Code("unfit")
        /// What has come is not what was there.
        public static let unequal = Code("unequal")
    }

    /// What is in the way.
    public var code: Code
    /// The sentence.
    public var description: String

    /// Makes an error.
    public init(_ code: Code, _ description: String) {
        (self.code, self.description) = (code, description)
    }
}

extension StorageMigrationError: Equatable {
    /// Two errors are equal when their codes are.
    public static func == (left: StorageMigrationError, right: StorageMigrationError) -> Bool {
        left.code == right.code
    }
}
