import AdminModel
import Foundation

/// A decoder that has a value for everything, and records what was asked for.
final class RecordingDecoder: Decoder {
    /// A key that was asked for.
    struct Field {
        var name: String
        var type: Any.Type
        var isRequired: Bool
    }

    private(set) var fields: [Field] = []
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    /// The keys that a type reads of an object.
    static func fields(of type: any Decodable.Type) throws -> [Field] {
        let decoder = RecordingDecoder()
        _ = try type.init(from: decoder)
        return decoder.fields
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Container<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unknown(what: "a list") }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Unknown(what: "a value alone") }

    /// A type that this decoder has no value for.
    struct Unknown: Error {
        var what: String
    }

    /// A value of a type, whichever.
    static func value<Value: Decodable>(of type: Value.Type) throws -> Value {
        let candidates: [Any] = [
            "", true, Int(0), Int64(0), [String: String](), Instant(microseconds: 0), Problem.Code.invalid,
            (type as? any Listed.Type)?.none as Any, (type as? any CaseIterable.Type).flatMap { Self.first($0) } as Any,
        ]
        for candidate in candidates {
            if let value = candidate as? Value { return value }
        }
        return try type.init(from: RecordingDecoder())
    }

    private static func first<Cases: CaseIterable>(_ cases: Cases.Type) -> Any? { cases.allCases.first }

    private struct Container<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let decoder: RecordingDecoder
        let codingPath: [any CodingKey] = []
        let allKeys: [Key] = []

        private func note(_ key: Key, _ type: Any.Type, isRequired: Bool) {
            decoder.fields.append(Field(name: key.stringValue, type: type, isRequired: isRequired))
        }

        func contains(_ key: Key) -> Bool { true }

        func decodeNil(forKey key: Key) throws -> Bool { false }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            note(key, type, isRequired: true)
            return try RecordingDecoder.value(of: type)
        }

        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            note(key, type, isRequired: false)
            return nil
        }

        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { absent(type, key) }
        func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { absent(type, key) }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { absent(type, key) }
        func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { absent(type, key) }

        private func absent<Value>(_ type: Value.Type, _ key: Key) -> Value? {
            note(key, type, isRequired: false)
            return nil
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw Unknown(what: "an object in an object") }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw Unknown(what: "a list in an object")
        }

        func superDecoder() throws -> any Decoder { throw Unknown(what: "a decoder above") }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw Unknown(what: "a decoder above") }
    }
}

/// A list, whatever is in it.
protocol Listed {
    static var none: Any { get }
    static var item: Any.Type { get }
}

extension Array: Listed {
    static var none: Any { [Element]() }
    static var item: Any.Type { Element.self }
}
