import OCI
import Outgoing
import RegistryContract

/// What must hold of tags: looked at here, and sent along (RFC 9110 section 13.1; an entity's tag is its digest).
extension RegistryClient {
    /// The fields that say a condition.
    ///
    /// - Throws: `conditionFailed` when it does not hold already.
    func fields(
        of condition: TagCondition,
        on tags: [Tag],
        in repository: RepositoryName
    ) async throws -> HeaderFields {
        guard condition != .none, !tags.isEmpty else { return [:] }
        var targets: [Digest?] = []
        for tag in tags {
            let target = try await target(of: tag, in: repository)
            guard condition.holds(of: target) else {
                let standing = target.map { "points to \($0)" } ?? "does not exist"
                throw RegistryError(
                    .conditionFailed,
                    "The tag \(repository):\(tag) \(standing), and that is not as it must be for this change."
                )
            }
            targets.append(target)
        }
        return Self.fields(of: condition, targets)
    }

    private static func fields(of condition: TagCondition, _ targets: [Digest?]) -> HeaderFields {
        var fields = HeaderFields()
        switch condition {
        case .oneOf(let allowed):
            // Absent or one of these is two conditions, of which the one is sent that holds now.
            if allowed.contains(nil), targets.allSatisfy({ $0 == nil }) {
                fields["If-None-Match"] = "*"
            } else if targets.allSatisfy({ $0 != nil }) {
                fields["If-Match"] = list(allowed)
            }
        case .noneOf(let forbidden):
            if forbidden.contains(nil) { fields["If-Match"] = "*" }
            if forbidden.contains(where: { $0 != nil }) { fields["If-None-Match"] = list(forbidden) }
        }
        return fields
    }

    private static func list(_ digests: Set<Digest?>) -> String {
        digests.compactMap { $0 }.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    }

    /// Where a tag points to; nil when there is none.
    private func target(of tag: Tag, in repository: RepositoryName) async throws -> Digest? {
        do {
            return try await descriptor(of: .tag(tag), in: repository).digest
        } catch let error as RegistryError where error.code == .manifestUnknown || error.code == .nameUnknown {
            return nil
        }
    }
}
