import AdminModel
import Foundation
import Hashing
import OCI

/// A value that has a version: the hash of what can be changed of it.
public protocol Versioned: Codable, Sendable {
    /// The value without what changes by itself.
    var withoutUse: Self { get }
}

extension Versioned {
    /// The value itself.
    public var withoutUse: Self { self }

    /// The version, as an entity tag shows it: 32 hexadecimal digits.
    public var version: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let bytes = try? encoder.encode(withoutUse) else { return "" }
        return String(ContentHash.digest(of: Array(bytes)).encoded.prefix(32))
    }
}

extension User: Versioned {}
extension Group: Versioned {}
extension Project: Versioned {}
extension Role: Versioned {}
extension Member: Versioned {}
extension Session: Versioned {}

extension Token: Versioned {
    /// The token, whenever it was used.
    public var withoutUse: Token {
        var token = self
        (token.lastUsedAt, token.lastAddress) = (nil, nil)
        return token
    }
}

extension Robot: Versioned {
    /// The robot, whenever it was used.
    public var withoutUse: Robot {
        var robot = self
        for index in robot.secrets.indices {
            (robot.secrets[index].lastUsedAt, robot.secrets[index].lastAddress) = (nil, nil)
        }
        return robot
    }
}
