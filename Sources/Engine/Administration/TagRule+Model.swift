import AdminModel
import Guarding
import Identity
import Metadata
import OCI

/// Rules, locks and glass between what the database holds and what the management shows.
extension AdminModel.TagRule {
    init(_ fact: TagRuleFact) throws {
        guard let kind = TagRuleKind(rawValue: fact.kind), let terms = try? TagRuleTerms(reading: fact.terms) else {
            throw Problem(.unprocessable, "the rule \(fact.name) of \(fact.project) was made by a newer program")
        }
        self.init(
            project: fact.project,
            name: fact.name,
            kind: kind,
            repositories: terms.repositories.map { NamePatterns($0) },
            tags: terms.tags.map { NamePatterns($0) },
            roles: terms.roles,
            createdAt: Instant(fact.createdAt)
        )
    }

    /// The rule as a file declares it.
    var declared: DeclaredTagRule {
        DeclaredTagRule(name: name, kind: kind, repositories: repositories, tags: tags, roles: roles)
    }
}

extension NamePatterns {
    init(_ patterns: TagRuleTerms.Patterns) {
        self.init(include: patterns.include, exclude: patterns.exclude)
    }

    fileprivate var terms: TagRuleTerms.Patterns {
        TagRuleTerms.Patterns(include: include, exclude: exclude)
    }
}

extension TagRuleChange {
    init(_ declared: DeclaredTagRule) {
        self.init(
            kind: declared.kind,
            repositories: declared.repositories,
            tags: declared.tags,
            roles: declared.roles
        )
    }

    private var terms: TagRuleTerms {
        TagRuleTerms(
            repositories: repositories.map(\.terms),
            tags: tags.map(\.terms),
            roles: roles.map { Set($0).sorted() }
        )
    }

    fileprivate func parsed(_ name: String, of project: String) throws -> Guarding.TagRule {
        guard let kind = Guarding.TagRule.Kind(rawValue: kind.rawValue) else {
            throw Problem(.invalid, "there is no such kind of rule", field: "kind")
        }
        do throws(TagRuleTerms.Problem) {
            return try terms.rule(kind, name, of: project)
        } catch {
            throw Problem(.unprocessable, error.description, field: error.field)
        }
    }

    /// The rule as the database holds it, once it was found to be right.
    func fact(_ name: String, of project: String, createdAt moment: Timestamp) throws -> TagRuleFact {
        _ = try parsed(name, of: project)
        return TagRuleFact(
            project: project,
            name: name,
            kind: kind.rawValue,
            terms: try terms.text(),
            createdAt: moment
        )
    }
}

extension TagLock {
    init(_ fact: TagGuardFact, in repository: RepositoryName) {
        self.init(
            repository: repository.description,
            tag: fact.tag.description,
            reason: fact.reason,
            lockedAt: Instant(fact.setAt),
            lockedBy: fact.setBy
        )
    }
}

extension TagGlass {
    init(_ fact: TagGuardFact, in repository: RepositoryName) {
        self.init(
            repository: repository.description,
            tag: fact.tag.description,
            reason: fact.reason,
            brokenAt: Instant(fact.setAt),
            brokenBy: fact.setBy,
            endsAt: Instant(fact.endsAt ?? fact.setAt)
        )
    }
}

extension AdminModel.TagRule: Versioned {}
