import BlobStorage

extension FileBlobStore {
    func identityNow() throws -> BlobKey? {
        guard try calls.statusIfPresent(at: layout.identity) != nil else { return nil }
        let file = try calls.open(layout.identity, for: .reading)
        defer { calls.close(file) }
        let bytes = try [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            count = try calls.read(into: UnsafeMutableRawBufferPointer(buffer), from: file, at: 0)
        }
        guard bytes.last == UInt8(ascii: "\n"), let name = BlobKey(String(decoding: bytes.dropLast(), as: UTF8.self))
        else {
            throw BlobStoreError(
                .unusable,
                "The file \(layout.identity) is damaged: it should hold 32 hexadecimal digits and a newline. Restore "
                    + "it from the backup, or remove it: wharf then looks whether blobs and database belong together."
            )
        }
        return name
    }

    func identifyNow(as name: BlobKey) throws {
        let file = try calls.open("\(layout.identity).new", for: .creating)
        defer { calls.close(file) }
        try calls.truncate(file, to: 0)
        try Array("\(name)\n".utf8).withUnsafeBytes { try calls.writeAll([$0], to: file, at: 0) }
        try calls.synchronize(file)
        try calls.rename(file.path, to: layout.identity)
        try calls.synchronizeFolder(layout.folder)
    }
}
