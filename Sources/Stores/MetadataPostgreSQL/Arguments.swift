import CPostgreSQL
import Metadata

/// The types of PostgreSQL that our columns and arguments have.
enum ColumnType {
    static let bytes: Oid = 17
    static let integer: Oid = 20
    static let shortInteger: Oid = 23
    static let text: Oid = 25
}

/// Arguments in the binary format, in one buffer that is used again and again.
struct Arguments {
    private var bytes: [UInt8] = []
    /// Where each begins; -1 for no value.
    private var starts: [Int] = []
    private var lengths: [CInt] = []
    private var formats: [CInt] = []

    /// What the buffer may keep between two statements.
    private static let byteCountKept = 64 << 10

    /// Takes values as what the server has said that it expects.
    mutating func encode(_ values: [SQLValue], as types: [Oid]) throws {
        guard values.count == types.count else {
            throw MetadataError(.corrupt, "a statement takes \(types.count) arguments and got \(values.count)")
        }
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.byteCountKept)
        // The address of an empty argument must be one.
        bytes.append(0)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for (value, type) in zip(values, types) {
            let start = bytes.count
            switch (value, type) {
            case (.null, _):
                starts.append(-1)
                lengths.append(0)
                continue
            case (.integer(let number), ColumnType.integer):
                withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
            case (.integer(let number), ColumnType.shortInteger):
                guard let short = Int32(exactly: number) else { throw Self.mismatch(value, type) }
                withUnsafeBytes(of: short.bigEndian) { bytes.append(contentsOf: $0) }
            case (.text(let text), ColumnType.text):
                append(text)
            case (.blob(let blob), ColumnType.bytes):
                bytes.append(contentsOf: blob)
            default:
                throw Self.mismatch(value, type)
            }
            starts.append(start)
            lengths.append(CInt(bytes.count - start))
        }
    }

    /// PostgreSQL has no text with a NUL in it: the character that stands for what cannot be shown comes in its place.
    private mutating func append(_ text: String) {
        guard text.utf8.contains(0) else { return bytes.append(contentsOf: text.utf8) }
        bytes.append(contentsOf: text.replacing("\0", with: "\u{FFFD}").utf8)
    }

    /// Lends them as libpq wants them: values, lengths, formats.
    mutating func withPointers<Value>(
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<CInt>?, UnsafePointer<CInt>?
        ) -> Value
    ) -> Value {
        while formats.count < starts.count { formats.append(1) }
        let count = starts.count
        return bytes.withUnsafeBytes { space in
            let base = space.baseAddress?.assumingMemoryBound(to: CChar.self)
            return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: max(count, 1)) { values in
                for (index, start) in starts.enumerated() {
                    values.initializeElement(at: index, to: start < 0 ? nil : base.map { $0 + start })
                }
                return lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(UnsafePointer(values.baseAddress), lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }

    private static func mismatch(_ value: SQLValue, _ type: Oid) -> MetadataError {
        let kind =
            switch value {
            case .null: "nothing"
            case .integer: "a number"
            case .text: "a text"
            case .blob: "bytes"
            }
        return MetadataError(.corrupt, "\(kind) was given where PostgreSQL expects a value of type \(type)")
    }
}
