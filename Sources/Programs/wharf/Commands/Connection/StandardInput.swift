import Glibc

/// Standard input, read no further than is asked, so that a password and a file can come one after the other.
enum StandardInput {
    /// The longest line that is read, in bytes.
    private static let lineByteCountMax = 4096

    /// The next line without its end; nil at the end of the input.
    static func line() throws -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
            guard bytes.count <= lineByteCountMax else {
                throw Failure(description: "The first line of standard input is longer than a password can be.")
            }
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// All that follows, and one byte more than `byteCountMax` at most.
    static func rest(upTo byteCountMax: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= byteCountMax {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
