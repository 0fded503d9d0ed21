import Access

/// The forms of what requests bring.
extension Schema {
    /// The name of a user, a group or a role.
    static let accountName = Schema.form(
        TextForm(
            pattern: "^[A-Za-z0-9][A-Za-z0-9._@-]*$",
            counts: 1...128,
            noun: "a name: 1 to 128 letters, digits and ._-@, the first a letter or digit"
        )
    )

    /// The name of a robot without that of its project.
    static let shortRobotName = Schema.form(
        TextForm(
            pattern: "^\(plainName)$",
            counts: 1...64,
            noun: "the name of a robot: 1 to 64 letters, digits and ._-, without its project's"
        )
    )

    /// The name that a robot logs in with.
    static let robotName = Schema.form(
        TextForm(
            pattern: "^(\(repository)\\+)?\(plainName)$",
            counts: 1...320,
            noun: "the name of a robot: NAME, or PROJECT+NAME"
        )
    )

    /// The name of an account of either kind.
    static let anyAccountName = Schema.form(
        TextForm(
            pattern: "^(\(repository)\\+)?[A-Za-z0-9][A-Za-z0-9._@-]*$",
            counts: 1...384,
            noun: "the name of a user or a robot"
        )
    )

    /// The name of a project or a repository.
    static let projectName = Schema.form(
        TextForm(
            pattern: "^\(repository)$",
            counts: 1...255,
            noun: "a name as repositories have it: lower-case letters, digits, ._- and / between parts"
        )
    )

    /// A project, or everything.
    static let readOnlyScope = Schema.form(
        TextForm(pattern: "^(\\*|\(repository))$", counts: 1...255, noun: "the name of a project, or * for everything")
    )

    /// The repositories of a policy.
    static let repositoryPattern = Schema.form(
        TextForm(
            pattern: "^\(patternPart)(/\(patternPart))*$",
            counts: 1...512,
            noun: "a pattern of repositories: a name, with * for part of a component and ** for whole ones"
        )
    )

    /// A tag (distribution specification, "Pulling manifests").
    static let tagName = Schema.form(
        TextForm(
            pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
            counts: 1...128,
            noun: "a tag: letters, digits, _ . -, the first a letter, digit or _"
        )
    )

    /// Patterns of names.
    static let namePatterns = Schema.list(
        .form(TextForm(pattern: "^[ -~]+$", counts: 1...600, noun: "a pattern: a glob, /…/, or semver:RANGE")),
        countMax: 64
    )

    /// Who has a role.
    static let subject = Schema.form(
        TextForm(
            pattern: "^(authenticated|anyone|(user|group):[A-Za-z0-9][A-Za-z0-9._@-]*"
                + "|robot:(\(repository)\\+)?\(plainName))$",
            counts: 6...384,
            noun: "a subject: user:NAME, group:NAME, robot:NAME, authenticated or anyone"
        )
    )

    /// The id of a credential or a key.
    static let identifier = Schema.form(
        TextForm(pattern: "^[0-9A-Za-z_-]+$", counts: 1...64, noun: "an id: letters, digits, - and _")
    )

    /// What a job does, and the name of a schedule of such.
    static let jobKind = Schema.form(
        TextForm(
            pattern: "^[a-z0-9]+([.-][a-z0-9]+)*$",
            counts: 1...64,
            noun: "a kind of job: lower-case letters and digits, with . and - between them"
        )
    )

    /// The number of a job.
    static let jobNumber = Schema.form(
        TextForm(pattern: "^[1-9][0-9]*$", counts: 1...18, noun: "the number of a job")
    )

    /// A digest of a blob or manifest.
    static let digest = Schema.form(
        TextForm(
            pattern: "^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$",
            counts: 71...135,
            noun: "a digest: sha256: and 64 hexadecimal digits, or sha512: and 128"
        )
    )

    /// What something is for.
    static let words = Schema.form(
        TextForm(
            pattern: "^[^\\u0000-\\u001F\\u007F]*$",
            counts: 0...1024,
            noun: "a text of at most 1024 characters, none of them a control character"
        )
    )

    /// Why something is done.
    static let longReason = Schema.form(
        TextForm(
            pattern: "^[^\\u0000-\\u001F\\u007F]*$",
            counts: 1...1024,
            noun: "a reason of 1 to 1024 characters, none of them a control character"
        )
    )

    /// A password to be set.
    static let newPassword = Schema.form(
        TextForm(counts: 8...1024, noun: "a password of at least 8 characters and at most 1024")
    )

    /// A password to be compared.
    static let anyPassword = Schema.form(TextForm(counts: 0...1024, noun: "a password of at most 1024 characters"))

    /// The blocks of addresses that something is bound to.
    static let addresses = Schema.list(
        .form(
            TextForm(
                pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$",
                counts: 2...64,
                noun: "a block of addresses, such as 10.0.0.0/8 or 192.0.2.1"
            )
        ),
        countMax: 64
    )

    /// What a policy is about.
    static let actions = Schema.list(.choice(Action.allCases.map(\.rawValue) + ["*"]), countMax: 100)

    /// Policies of a role or a token.
    static let policies = Schema.list(.object("Policy"), countMax: 200)

    /// Where a page begins.
    static let pageKey = Schema.form(
        TextForm(
            pattern: "^[^\\u0000-\\u001F\\u007F]*$",
            counts: 0...1024,
            noun: "the next of a page before"
        )
    )

    /// Names in a list.
    static func names(_ item: Schema) -> Schema { .list(item, countMax: listCountMax) }

    /// The most items of a list in a request.
    static let listCountMax = 10_000

    private static let plainName = "[A-Za-z0-9][A-Za-z0-9._-]*"
    private static let component = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*"
    private static let repository = "\(component)(/\(component))*"
    private static let patternPart = "(\\*{1,2}|\\*?([!-)+-.0-~]\\*?)+)"
}
