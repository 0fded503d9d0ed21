import RegistryTesting

@testable import Metadata

/// Those about whole projects in the trash.
extension StatementSample {
    var trashProjects: [Statement: [String]] {
        // The first entry of a project is behind those of tags, manifests and thirty repositories.
        let (first, other) = (tagCount / 10 + 31, tagCount / 10 + 41)
        return [
            Statements.openTrashOfProject: ["'project1'"],
            Statements.insertHiddenRepository: [""],
            Statements.insertTrashOfProject: ["\(growth.repositoryCount + 31), 'project1', 'somebody', 1"],
            Statements.insertTrashProject: ["1"],
            Statements.restateTrash: ["\(first), 'somebody', 1"],
            Statements.prolongTrash: ["\(first), 1"],
            Statements.putWithProject: ["1, \(other)"],
            Statements.keepProject: ["\(first), 'team1'"],
            Statements.keepGrants: ["1, 'team1'"],
            Statements.keepTagRules: ["1, 'group11'"],
            Statements.deleteTagRulesOf: ["'group11'"],
            Statements.keptProject: ["\(first)"],
            Statements.returnProject: ["\(first), 'new'"],
            Statements.returnTagRules: ["\(first), 'new'"],
            Statements.emptyTrashProject: ["\(first)"],
            Statements.trashGrants: ["\(first)"],
            Statements.trashWithProject: ["\(first), 9223372036854775807, 10", "\(first), \(tagCount / 10 + 15), 10"],
            Statements.deleteTrashGrants: ["\(other)"],
            Statements.deleteTrashRules: ["\(other)"],
            Statements.deleteTrashProject: ["\(other)"],
            Statements.forgetGrantsOfSubjects: ["'user:user1', 'robot:user1'"],
            Statements.forgetGrantsOfRole: ["'role1'"],
        ]
    }
}
