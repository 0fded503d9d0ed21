import AdminModel
import Foundation

@testable import RegistryTesting

extension TestResponse {
    /// Whether it is a refusal in the form of the distribution specification.
    var isRefusal: Bool {
        struct Refusal: Decodable {
            struct Entry: Decodable {
                var code: String
                var message: String
            }
            var errors: [Entry]
        }
        guard self[header: "Content-Type"] == "application/json",
            let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(body))
        else { return false }
        return !refusal.errors.isEmpty && refusal.errors.allSatisfy { !$0.code.isEmpty && !$0.message.isEmpty }
    }

    /// Whether it is a refusal in the form of the management.
    var isProblem: Bool {
        guard self[header: "Content-Type"] == "application/json",
            let problem = try? JSONDecoder().decode(ProblemBody.self, from: Data(body))
        else { return false }
        return !problem.error.code.rawValue.isEmpty && !problem.error.message.isEmpty && problem.request != nil
    }
}
