import Selectors

extension Role {
    /// May see what there is, and not read it.
    public static let lister = Role(name: "lister", everywhere: [.list])
    /// May read.
    public static let reader = Role(name: "reader", everywhere: [.list, .pull])
    /// May read and write, and move tags.
    public static let writer = Role(name: "writer", everywhere: reader.actions.union(pushing).union([.scan, .sign]))
    /// May also delete.
    public static let maintainer = Role(name: "maintainer", everywhere: writer.actions.union(.delete))
    /// May do everything, and say who else may.
    public static let administrator = Role(name: "administrator", everywhere: .all)

    /// The roles that are there from the start.
    public static let builtIn = [lister, reader, writer, maintainer, administrator]

    /// What the word `push` stands for in a role: what a client's push does, which also gives and moves tags.
    public static let pushing: ActionSet = [.push, .tag, .overwrite]

    private init(name: String, everywhere actions: ActionSet) {
        self.init(name: name, policies: [Policy(.allow, .everything, actions)])
    }

    private var actions: ActionSet {
        policies.reduce(into: []) { $0.formUnion($1.actions) }
    }
}
