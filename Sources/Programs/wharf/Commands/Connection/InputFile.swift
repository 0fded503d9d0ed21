import Foundation

/// A file that is named as an argument; `-` is standard input.
enum InputFile {
    /// All bytes of a file, which may not be more than `byteCountMax`.
    static func bytes(of path: String, upTo byteCountMax: Int) throws -> [UInt8] {
        let bytes: [UInt8]
        if path == "-" {
            bytes = StandardInput.rest(upTo: byteCountMax)
        } else {
            do {
                let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                defer { try? handle.close() }
                bytes = Array(try handle.read(upToCount: byteCountMax + 1) ?? Data())
            } catch {
                throw Failure(description: "\(path) cannot be read: look whether it is there, and readable by you.")
            }
        }
        guard bytes.count <= byteCountMax else {
            throw Failure(description: "\(path) is longer than \(byteCountMax >> 20) MiB: divide it.")
        }
        return bytes
    }
}
