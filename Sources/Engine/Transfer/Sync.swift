public import OCI
public import RegistryContract

/// Keeps targets in step with their sources, as a plan says.
public struct Sync: Sendable {
    /// Gives the registry that a plan names, for one of its repositories; for all of them when that is nil.
    public typealias Registries = @Sendable (_ name: String, _ repository: RepositoryName?) async throws -> any Registry

    /// What happens, one after the other for each image, of many at once.
    public enum Event: Sendable {
        /// An image is looked at, and copied if need be.
        case began(SyncOutline.Copy)
        /// An image is there.
        case copied(SyncOutline.Copy, TransferReport)
        /// A tag is gone.
        case deleted(SyncOutline.Deletion)
        /// Something failed.
        case failed(SyncReport.Failure)
    }

    let plan: SyncPlan
    let registries: Registries
    let session: TransferSession
    let observer: (any TransferObserver)?
    let tell: @Sendable (Event) -> Void

    /// The number of images that are copied at once.
    public static let imagesInParallelMax = 4

    /// Makes a sync.
    ///
    /// - Parameters:
    ///   - plan: what is to be kept in step with what.
    ///   - session: what all copies share.
    ///   - observer: who is told about blobs.
    ///   - tell: is told about images.
    ///   - registries: gives the registry that the plan names.
    public init(
        _ plan: SyncPlan,
        session: TransferSession = TransferSession(),
        observer: (any TransferObserver)? = nil,
        tell: @escaping @Sendable (Event) -> Void = { _ in },
        registries: @escaping Registries
    ) {
        self.plan = plan
        self.session = session
        self.observer = observer
        self.tell = tell
        self.registries = registries
    }

    /// What is to be done; asks for lists, and changes nothing.
    public func outline() async throws -> SyncOutline {
        try await SyncPlanner(plan: plan, registry: registries).outline()
    }

    /// Does what an outline says: copies first, then deletions.
    ///
    /// - Parameters:
    ///   - outline: what is to be done.
    ///   - keepsGoing: whether the rest is done when something fails.
    /// - Returns: what was done and what failed.
    /// - Throws: only the error of a cancellation.
    public func run(_ outline: SyncOutline, keepsGoing: Bool) async throws -> SyncReport {
        try await SyncRun(self, outline, keepsGoing: keepsGoing).run()
    }
}
