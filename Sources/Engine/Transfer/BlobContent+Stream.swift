import NIOCore
import NIOPosix
public import RegistryContract

extension BlobContent {
    /// The bytes from an offset of the blob to the end of what the source gives, to be read once.
    ///
    /// - Parameters:
    ///   - offset: an offset within ``RegistryContract/BlobContent/range``, or its end.
    ///   - threads: where files are read.
    /// - Returns: a stream.
    public func stream(from offset: Int64 = 0, threads: NIOThreadPool = .singleton) -> any ByteStream {
        switch source {
        case .bytes(let buffer):
            let skipped = Int(clamping: max(0, offset - range.lowerBound))
            return BytesBody(buffer.getSlice(at: buffer.readerIndex + min(skipped, buffer.readableBytes)) ?? buffer)
        case .file(let file):
            return FileStream(file, range: max(0, offset)..<max(0, offset, byteCount), threads: threads)
        case .stream(let stream):
            let skipped = max(0, offset - range.lowerBound)
            return skipped == 0 ? stream : SkippingStream(stream, skipped)
        }
    }
}

extension ByteBuffer {
    /// What is readable from an index on.
    fileprivate func getSlice(at index: Int) -> ByteBuffer? {
        getSlice(at: index, length: writerIndex - index)
    }
}
