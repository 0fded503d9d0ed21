import Access
import AdminModel
import Gates
import Identity
import Metadata
import OCI

/// What holds tags, and what is read-only, asked where the management itself deletes or restores.
extension Management {
    /// Throws ``Problem`` where nothing in a repository may be changed now.
    func requireWritable(_ name: RepositoryName) throws {
        let snapshot = service.directory.snapshot
        guard let rule = service.trash.readOnly.rule(for: name) ?? snapshot.readOnly.rule(for: name) else { return }
        throw Problem(.conflict, "\(rule.sentence). Nothing can be deleted, restored or purged now")
    }

    /// The gate that pushes and deletions go through, for the caller.
    ///
    /// It is to be passed within the transaction that moves or deletes.
    func gate(at moment: Timestamp) -> TagGate {
        TagGate(
            rules: service.tagRules,
            principal: login.principal,
            from: origin.address,
            request: request,
            at: moment,
            rulesNow: { [directory = service.directory] in directory.snapshot.rules }
        )
    }

    /// Does what passes the gate, and makes a refusal of what holds a tag: told for the audit as one of a push is, and
    /// no more to the caller than those may read who are told of a push.
    func heeding<Value>(_ name: RepositoryName, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let held as TagRefusal {
            let mayRead = service.directory.snapshot.rules.decide(login.principal, .pull, on: name).isAllowed
            throw Refused(
                what: "move or delete a tag that is held",
                isAnonymous: false,
                reason: held.description,
                problem: Problem(.conflict, mayRead ? held.description : TagRefusal.unseen(in: name))
            )
        }
    }
}
