/// Decodes a chunked body piece by piece (RFC 9112, section 7.1); trailers are skipped.
struct ChunkedBody {
    private enum State {
        case size(Int)
        case restOfSizeLine(Int)
        case data(Int)
        case endOfData
        case trailer(lineCount: Int)
        case complete
    }

    private var state = State.size(0)

    var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Takes bytes from the wire and hands each run of body bytes on.
    mutating func take(_ bytes: UnsafeRawBufferPointer, each: (UnsafeRawBufferPointer) -> Void) throws {
        var index = 0
        while index < bytes.count {
            if case .data(let left) = state {
                let run = min(left, bytes.count - index)
                each(UnsafeRawBufferPointer(rebasing: bytes[index..<index + run]))
                index += run
                state = run == left ? .endOfData : .data(left - run)
            } else {
                try take(bytes[index])
                index += 1
            }
        }
    }

    private mutating func take(_ byte: UInt8) throws {
        let isLineEnd = byte == UInt8(ascii: "\n")
        switch state {
        case .size(let size):
            if let digit = Character(UnicodeScalar(byte)).hexDigitValue {
                state = .size(size << 4 | digit)
            } else {
                state = .restOfSizeLine(size)
            }
        case .restOfSizeLine(let size):
            if isLineEnd { state = size == 0 ? .trailer(lineCount: 0) : .data(size) }
        case .endOfData:
            if isLineEnd { state = .size(0) }
        case .trailer(let lineCount):
            if isLineEnd {
                state = lineCount == 0 ? .complete : .trailer(lineCount: 0)
            } else if byte != UInt8(ascii: "\r") {
                state = .trailer(lineCount: lineCount + 1)
            }
        case .data, .complete:
            throw Failure("bytes after the end of a chunked body")
        }
    }
}
