import AdminModel
import Gates
import Identity
import Jobs
import Metadata

/// The management of accounts, credentials, projects, roles, jobs and the trash.
///
/// Nobody gets at it but through ``management(for:from:request:)``: what a caller may do is decided there.
public struct ManagementService: Sendable {
    let directory: AccessDirectory
    let facts: FactStore
    let passwords: PasswordChecker
    let now: @Sendable () -> Timestamp
    let jobs: JobQueue
    let patience: CollectionPatience
    let trash: TrashService
    let tagRules = TagRuleBook()

    /// Manages what a directory remembers and `facts` hold.
    ///
    /// Jobs can be of the kinds that `jobs` knows; of none without it. Garbage stays for as long as `patience` says.
    public init(
        directory: AccessDirectory,
        facts: FactStore,
        passwords: PasswordChecker,
        now: @escaping @Sendable () -> Timestamp,
        jobs: JobQueue? = nil,
        patience: CollectionPatience = CollectionPatience(),
        trash: TrashService = TrashService()
    ) {
        self.directory = directory
        self.facts = facts
        self.passwords = passwords
        self.now = now
        self.trash = trash
        self.jobs = jobs ?? JobQueue(facts, kinds: JobKinds([]))
        self.patience = patience
    }

    /// The management as one caller may do it, for one request.
    public func management(
        for login: Login,
        from origin: Origin,
        request: String,
        condition: Precondition = .none,
        key: IdempotencyKey? = nil
    ) -> Management {
        Management(
            service: self,
            login: login,
            origin: origin,
            request: request,
            condition: condition,
            key: key
        )
    }
}

/// What must be so of a thing, that it is changed (RFC 9110 section 13.1).
public struct Precondition: Sendable, Hashable {
    /// The versions of which it must have one; nil where any will do.
    public var versions: [String]?
    /// Whether it must be there, in whichever version: `If-Match: *`.
    public var mustExist: Bool
    /// Whether it must not be there: `If-None-Match: *`.
    public var mustBeNew: Bool

    /// States a condition.
    public init(versions: [String]? = nil, mustExist: Bool = false, mustBeNew: Bool = false) {
        self.versions = versions
        self.mustExist = mustExist
        self.mustBeNew = mustBeNew
    }

    /// Nothing is asked.
    public static let none = Precondition()

    /// Throws ``Problem`` unless it holds of what is there, or of nothing.
    func check(_ current: (some Versioned)?) throws {
        if mustBeNew, current != nil { throw Problem(.changed, "it is there already") }
        if mustExist || versions != nil, current == nil { throw Problem(.changed, "it is not there") }
        guard let versions, let current else { return }
        guard versions.contains(current.version) else {
            throw Problem(.changed, "it has changed since it was read: read it again, and change that")
        }
    }
}

/// A key that makes a repeated request harmless: the second one is answered as the first was.
public struct IdempotencyKey: Sendable {
    /// The key, known to its sender alone.
    let key: Secret
    /// What was asked, by its hash: the same key for something else is a mistake.
    let request: String

    /// The key of a request.
    ///
    /// - Parameters:
    ///   - key: the key, as it came.
    ///   - request: the hash of method, path and body.
    public init(_ key: Secret, request: String) {
        self.key = key
        self.request = request
    }

    /// How many bytes a key has at least and at most: enough that nobody guesses one.
    public static let byteCounts = 16...128
}
