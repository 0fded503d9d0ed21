import CZlib

/// gzip, by zlib: members one behind the other (RFC 1952 section 2.2), with zeros behind the last, as tapes have them.
final class GzipUnpacking: Unpacking {
    private static let outputByteCount = 128 << 10

    private enum Place {
        /// Before a member; whether one came already.
        case before(isFirst: Bool)
        /// In a member.
        case within
        /// In zeros behind the last member.
        case zeros
    }

    // zlib keeps the address of the stream, so it must stay where it is.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: outputByteCount, alignment: 16)
    private var place = Place.before(isFirst: true)

    init() throws(ArchiveError) {
        stream.initialize(to: z_stream())
        // 15: the largest window; 16 more: with the headers of gzip.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw ArchiveError(.unsupported, "zlib does not begin")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        output.deallocate()
    }

    var isAtBoundary: Bool {
        switch place {
        case .before(let isFirst): !isFirst
        case .zeros: true
        default: false
        }
    }

    func unpack(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = bytes
        var offset = offset
        while let first = rest.first {
            switch place {
            case .before(isFirst: false) where first == 0, .zeros where first == 0:
                place = .zeros
                rest = UnsafeRawBufferPointer(rebasing: rest.drop { $0 == 0 })
            case .zeros:
                throw ArchiveError(.malformed, "something follows the end of the gzip stream", offset: offset)
            case .before(let isFirst):
                guard first == 0x1F else {
                    let text = isFirst ? "it is no gzip stream" : "something follows the end of the gzip stream"
                    throw ArchiveError(.malformed, text, offset: offset)
                }
                if !isFirst { inflateReset(stream) }
                place = .within
            case .within:
                let used = try inflateSome(rest, &offset, body)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(used))
            }
        }
    }

    /// Unpacks up to the end of the bytes or of the member; returns how many bytes it took.
    private func inflateSome(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int64,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        let part = bytes.prefix(1 << 30)
        let input = part.base.bindMemory(to: Bytef.self).baseAddress
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input)
        stream.pointee.avail_in = uInt(part.count)
        while true {
            stream.pointee.next_out = output.bindMemory(to: Bytef.self).baseAddress
            stream.pointee.avail_out = uInt(output.count)
            let status = inflate(stream, Z_NO_FLUSH)
            let count = output.count - Int(stream.pointee.avail_out)
            offset += Int64(count)
            if count > 0 { try body(UnsafeRawBufferPointer(rebasing: output[..<count])) }
            switch status {
            case Z_STREAM_END:
                place = .before(isFirst: false)
                return part.count - Int(stream.pointee.avail_in)
            case Z_OK, Z_BUF_ERROR:
                // All was taken, and there was room to hand everything on.
                if stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 { return part.count }
                if status == Z_BUF_ERROR, count == 0 { fallthrough }
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "error \(status)"
                throw ArchiveError(.malformed, "the gzip stream is damaged (\(reason))", offset: offset)
            }
        }
    }
}
