/// What a client sends: the head and a small body as bytes, and what is long as a slice of a file.
///
/// Rendered once, so that a repeated request costs the client nothing but the write.
struct Request {
    var bytes: [UInt8]
    var file: FileSlice?
    /// Whether the bytes of the answer's body are wanted; otherwise they are counted and thrown away.
    var keepsBody: Bool

    init(
        _ method: String,
        _ path: String,
        headers: [String] = [],
        body: Content = .bytes([]),
        keepsBody: Bool = false
    ) {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for header in headers { head += header + "\r\n" }
        if method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        head += "\r\n"
        bytes = Array(head.utf8)
        switch body {
        case .bytes(let body): bytes += body
        case .file(let slice): file = slice
        }
        self.keepsBody = keepsBody
    }
}

/// A part of an open file, sent with sendfile so that the client does not copy it.
struct FileSlice {
    var descriptor: Int32
    var offset: Int
    var count: Int
}

/// A body: bytes in memory, or a slice of a file.
enum Content {
    case bytes([UInt8])
    case file(FileSlice)

    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(let slice): slice.count
        }
    }
}
