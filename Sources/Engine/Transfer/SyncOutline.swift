public import OCI

/// What is to be done so that targets are in step with their sources.
public struct SyncOutline: Sendable {
    /// An image that is to be somewhere.
    public struct Copy: Hashable, Sendable {
        /// Where it is.
        public var source: SyncPlace
        /// Where it is to be.
        public var target: SyncPlace
        /// The rule that says so, by its number from 0.
        public var rule: Int
    }

    /// A tag that is to go.
    public struct Deletion: Hashable, Sendable {
        /// The tag.
        public var target: SyncPlace
        /// The rule that says so, by its number from 0.
        public var rule: Int
    }

    /// Something that could not be found out.
    public struct Problem: Error, Sendable, CustomStringConvertible {
        /// The rule that it concerns, by its number from 0.
        public var rule: Int
        /// What was to be found out: `the tags of docker.io/library/alpine`.
        public var subject: String
        /// Why it could not be.
        public var underlying: any Error

        /// All of it in one sentence.
        public var description: String {
            "\(subject) cannot be had: \(TransferError.reason(of: underlying))"
        }
    }

    /// The copies, by target; those that are in step already are among them.
    public var copies: [Copy] = []
    /// The deletions, by target.
    public var deletions: [Deletion] = []
    /// What could not be found out, in the order of the rules.
    public var problems: [Problem] = []
}

/// A tag of a repository of a registry.
public struct SyncPlace: Hashable, Sendable, CustomStringConvertible {
    /// The registry, as the plan names it.
    public var registry: String
    /// The repository.
    public var repository: RepositoryName
    /// The tag.
    public var tag: Tag

    /// As a reference.
    public var description: String { "\(registry)/\(repository):\(tag)" }
}

/// What a sync did.
public struct SyncReport: Sendable {
    /// A copy or deletion that failed.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// What was to be there, or to go.
        public var target: SyncPlace
        /// Why it could not be done.
        public var underlying: any Error

        /// All of it in one sentence.
        public var description: String {
            underlying is TransferError
                ? "\(underlying)" : "deleting \(target) failed: \(TransferError.reason(of: underlying))"
        }
    }

    /// How many images were copied.
    public var copiedCount = 0
    /// How many were in step.
    public var unchangedCount = 0
    /// How many tags were deleted.
    public var deletedCount = 0
    /// What was not tried, after a failure or for the sake of one.
    public var untriedCount = 0
    /// What failed, in the order in which it did.
    public var failures: [Failure] = []
    /// What could not be found out.
    public var problems: [SyncOutline.Problem] = []
    /// All bytes of blobs that were sent.
    public var sentByteCount: Int64 = 0

    /// Whether everything is as the plan wants it.
    public var isComplete: Bool { failures.isEmpty && problems.isEmpty && untriedCount == 0 }
}
