import OCI

/// A row of an answer, read column by column from the left.
///
/// What a column holds was written by this module; anything else in it is a damaged database and says so.
struct Row {
    private let values: [SQLValue]

    init(_ values: [SQLValue]) {
        self.values = values
    }

    func integer(_ column: Int) throws -> Int64 {
        guard column < values.count, case .integer(let value) = values[column] else {
            throw damaged(column, "a number")
        }
        return value
    }

    func optionalInteger(_ column: Int) throws -> Int64? {
        guard column < values.count else { throw damaged(column, "a number or nothing") }
        if values[column] == .null { return nil }
        return try integer(column)
    }

    func optionalText(_ column: Int) throws -> String? {
        guard column < values.count else { throw damaged(column, "a text or nothing") }
        switch values[column] {
        case .text(let text): return text
        case .null: return nil
        default: throw damaged(column, "a text or nothing")
        }
    }

    func text(_ column: Int) throws -> String {
        guard let text = try optionalText(column) else { throw damaged(column, "a text") }
        return text
    }

    func optionalBytes(_ column: Int) throws -> [UInt8]? {
        guard column < values.count else { throw damaged(column, "bytes or nothing") }
        switch values[column] {
        case .blob(let bytes): return bytes
        case .null: return nil
        default: throw damaged(column, "bytes or nothing")
        }
    }

    func bytes(_ column: Int) throws -> [UInt8] {
        guard let bytes = try optionalBytes(column) else { throw damaged(column, "bytes") }
        return bytes
    }

    func time(_ column: Int) throws -> Timestamp {
        Timestamp(microseconds: try integer(column))
    }

    func optionalTime(_ column: Int) throws -> Timestamp? {
        guard column < values.count else { throw damaged(column, "a moment or nothing") }
        if values[column] == .null { return nil }
        return try time(column)
    }

    func repository(_ column: Int) throws -> RepositoryID {
        RepositoryID(number: try integer(column))
    }

    func optionalDigest(_ column: Int) throws -> Digest? {
        guard let text = try optionalText(column) else { return nil }
        guard let digest = try? Digest(text) else { throw damaged(column, "a digest") }
        return digest
    }

    func digest(_ column: Int) throws -> Digest {
        guard let digest = try optionalDigest(column) else { throw damaged(column, "a digest") }
        return digest
    }

    func tag(_ column: Int) throws -> Tag {
        guard let tag = try? Tag(try text(column)) else { throw damaged(column, "a tag") }
        return tag
    }

    func name(_ column: Int) throws -> RepositoryName {
        guard let name = try? RepositoryName(try text(column)) else { throw damaged(column, "a repository name") }
        return name
    }

    func mediaType(_ column: Int) throws -> MediaType {
        guard let type = MediaType(try text(column)) else { throw damaged(column, "a media type") }
        return type
    }

    /// A value that has its own way from text, nil when the text is none.
    func value<Value>(_ column: Int, _ read: (String) -> Value?) throws -> Value {
        guard let value = read(try text(column)) else { throw damaged(column, "one of \(Value.self)") }
        return value
    }

    private func damaged(_ column: Int, _ wanted: String) -> MetadataError {
        let found = column < values.count ? String(describing: values[column]).prefix(100) : "no such column"
        return MetadataError(.corrupt, "column \(column) should hold \(wanted) but holds \(found)")
    }
}
