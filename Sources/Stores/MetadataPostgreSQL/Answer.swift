import CPostgreSQL
import Metadata

/// What came back for a statement.
struct Answer: Equatable {
    var rows: [[SQLValue]] = []
    /// How many rows were changed.
    var count = 0

    /// The rows of a result, in the binary format.
    static func rows(of result: OpaquePointer) throws -> [[SQLValue]] {
        let columnCount = PQnfields(result)
        let rowCount = PQntuples(result)
        guard rowCount > 0 else { return [] }
        var rows: [[SQLValue]] = []
        rows.reserveCapacity(Int(rowCount))
        for row in 0..<rowCount {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(columnCount))
            for column in 0..<columnCount {
                values.append(try value(of: result, row, column, PQftype(result, column)))
            }
            rows.append(values)
        }
        return rows
    }

    /// How many rows a statement changed, from the end of its tag: `INSERT 0 1`.
    static func count(of result: OpaquePointer) -> Int {
        guard let text = PQcmdTuples(result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// What was done, such as `COMMIT`.
    static func tag(of result: OpaquePointer) -> String {
        PQcmdStatus(result).map { String(cString: $0) } ?? ""
    }

    private static func value(
        of result: OpaquePointer,
        _ row: CInt,
        _ column: CInt,
        _ type: Oid
    ) throws -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        switch type {
        case ColumnType.integer where bytes.count == 8:
            return .integer(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case ColumnType.shortInteger where bytes.count == 4:
            return .integer(Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case ColumnType.text:
            return .text(String(decoding: bytes, as: UTF8.self))
        case ColumnType.bytes:
            return .blob([UInt8](bytes))
        default:
            throw MetadataError(
                .corrupt,
                "PostgreSQL answered with a column of type \(type), which no column of ours has"
            )
        }
    }
}
