import AdminModel
import Foundation
import Testing

@testable import AdminAPI

/// The table of objects says of each type of the model what it reads: no more, no less.
@Suite("The table of objects")
struct SchemaTableTests {
    /// Every object with the type that it describes.
    static var types: [String: any Decodable.Type] {
        let all: [any Decodable.Type] =
            [
                User.self, NewUser.self, UserChange.self, MadeUser.self, PasswordChange.self, GivenPassword.self,
                PasswordImport.self, Group.self, GroupMembers.self, Robot.self, RobotSecret.self, NewRobot.self,
                RobotChange.self, MadeRobot.self, SecretRotation.self, Token.self, NewToken.self, MadeToken.self,
                Session.self, Project.self, ProjectChange.self, NewProject.self, Member.self, MemberRoles.self,
                Policy.self, Role.self, RolePolicies.self, Caller.self, Explanation.self, SigningKey.self,
                AuditEntry.self, Job.self, NewJob.self, MadeJob.self, JobLine.self, JobSchedule.self,
                JobScheduleChange.self, KnownJobKind.self, CollectionStatus.self, DigestFate.self, DigestHolding.self,
                TagRule.self, TagRuleChange.self, NamePatterns.self, DeclaredTagRule.self,
                TagLock.self, NewTagLock.self, TagGlass.self, NewTagGlass.self, TagExplanation.self,
                Damage.self, DamagedImage.self, ReadOnly.self, ReadOnlyReason.self,
                TrashEntry.self, RestoreRequest.self, RestoredEntry.self, DeletionQuestion.self, DeletionEstimate.self,
                Quota.self, QuotaChange.self,
                Declaration.self, DeclaredRole.self, DeclaredUser.self, DeclaredGroup.self, DeclaredProject.self,
                DeclaredRobot.self, DeclarationResult.self, DeclarationChange.self, FieldChange.self, Problem.self,
                ProblemBody.self,
            ]
        return Dictionary(all.map { ("\($0)", $0) }) { first, _ in first }
    }

    @Test("has an object for each type of the model")
    func isComplete() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../Sources/Model/AdminModel").standardized
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).flatMap { file in
            try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                .matches(of: #/(?m)^public struct (\w+): Codable/#).map { String($0.output.1) }
        }
        #expect(names.count > 30)
        #expect(Set(names) == Set(Self.types.keys))
        #expect(Set(SchemaTable.all.map(\.name)) == Set(Self.types.keys))
        #expect(SchemaTable.all.count == SchemaTable.objects.count)
    }

    @Test("has each object's keys, as the type reads them", arguments: SchemaTable.all.map(\.name))
    func hasTheKeys(of name: String) throws {
        let object = try #require(SchemaTable.objects[name])
        let read = try RecordingDecoder.fields(of: try #require(Self.types[name]))
        #expect(object.fields.map(\.name) == read.map(\.name))
        for (field, read) in zip(object.fields, read) {
            #expect(field.isRequired == read.isRequired, "\(name).\(field.name)")
            #expect(Self.fits(field.schema, read.type), "\(name).\(field.name) is of \(read.type)")
        }
    }

    /// Whether a value of a type is what a schema says.
    private static func fits(_ schema: Schema, _ type: Any.Type) -> Bool {
        switch schema {
        case .text, .form: type == String.self || type == Problem.Code.self
        case .choice(let choices): type == String.self || cases(of: type) == choices
        case .moment: type == Instant.self
        case .integer, .range: type == Int.self || type == Int64.self
        case .boolean: type == Bool.self
        case .list(let item, _): (type as? any Listed.Type).map { fits(item, $0.item) } ?? false
        case .map: type == [String: String].self
        case .object(let name): "\(type)" == name
        }
    }

    private static func cases(of type: Any.Type) -> [String]? {
        switch type {
        case is Policy.Effect.Type: Policy.Effect.allCases.map(\.rawValue)
        case is TagRuleKind.Type: TagRuleKind.allCases.map(\.rawValue)
        case is QuotaTrash.Type: QuotaTrash.allCases.map(\.rawValue)
        case is DeclarationChange.Operation.Type: DeclarationChange.Operation.allCases.map(\.rawValue)
        default: nil
        }
    }

    @Test("would show a key that is missing, of another type, or required where it is not")
    func isSharp() throws {
        let read = try RecordingDecoder.fields(of: NewUser.self)
        #expect(read.map(\.name) == ["name", "password", "description", "groups"])
        #expect(read.map(\.isRequired) == [true, false, false, false])
        #expect(!Self.fits(.boolean, read[0].type))
        #expect(!Self.fits(.list(.boolean), read[3].type))
        #expect(!Self.fits(.object("User"), Group.self))
        #expect(!Self.fits(.choice(["allow"]), Policy.Effect.self))
    }
}
