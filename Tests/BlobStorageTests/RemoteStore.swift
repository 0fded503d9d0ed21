import BlobStorage
import Hashing
import NIOCore
import OCI
import RegistryTesting
import Synchronization

@testable import BlobStorageFiles

/// A store in memory whose blobs come as from afar: counted, as slowly as a test lets them, and broken where it says.
final class RemoteStore: ForwardingBlobStore {
    /// What is wrong with a read.
    enum Fault: Sendable {
        /// Nothing.
        case none
        /// It breaks off before a byte.
        case cut(Int64)
        /// The byte at an offset is another one.
        case wrong(Int64)
        /// The bytes before an offset are all that comes, without an error.
        case short(Int64)
        /// So many bytes more than there are come at the end.
        case long(Int)
        /// From a byte on nothing comes.
        case silent(Int64)
        /// It is refused.
        case refused
    }

    /// What a broken read reports.
    struct Broken: Error {}

    struct Tally {
        var opens = 0
        var reads: [Range<Int64>] = []
        var faults: [Fault] = []
        var constantFault = Fault.none
    }

    let memory = MemoryBlobStore()
    var base: any BlobStore { memory }
    /// How far blobs may be read, and how far some bytes of them came.
    let gate = WatchedValue<Int64>(.max)
    /// Whether blobs may be opened.
    let isOpen = WatchedValue(true)
    private let tally = Mutex(Tally())

    var opens: Int { tally.withLock { $0.opens } }
    var reads: [Range<Int64>] { tally.withLock { $0.reads } }

    /// Says what is wrong with the next reads, one after another, and then with all others.
    func fail(_ faults: Fault..., then constant: Fault = .none) {
        tally.withLock {
            $0.faults = faults
            $0.constantFault = constant
        }
    }

    func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        tally.withLock { $0.opens += 1 }
        _ = try await isOpen.wait { $0 ? true : nil }
        let blob = try await base.open(key, digest: digest)
        guard case .bytes(let bytes) = blob.content else { return blob }
        return StoredBlob(byteCount: blob.byteCount, content: .remote(Blob(store: self, bytes: bytes)))
    }

    fileprivate func begin(_ range: Range<Int64>) throws -> Fault {
        let fault = tally.withLock { tally in
            tally.reads.append(range)
            return tally.faults.isEmpty ? tally.constantFault : tally.faults.removeFirst()
        }
        if case .refused = fault { throw Broken() }
        return fault
    }

    private struct Blob: RemoteBlob {
        let store: RemoteStore
        let bytes: ByteBuffer

        func read(_ range: Range<Int64>) async throws -> any RemoteBytes {
            Bytes(store, bytes, range, try store.begin(range))
        }
    }

    private actor Bytes: RemoteBytes {
        private let store: RemoteStore
        private let bytes: ByteBuffer
        private let range: Range<Int64>
        private let fault: Fault
        private var position: Int64

        init(_ store: RemoteStore, _ bytes: ByteBuffer, _ range: Range<Int64>, _ fault: Fault) {
            self.store = store
            self.bytes = bytes
            self.range = range
            self.fault = fault
            position = range.lowerBound
        }

        func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
            if case .short(let end) = fault, position >= end { return nil }
            if case .cut(let end) = fault, position >= end { throw Broken() }
            if case .silent(let end) = fault, position >= end { _ = try await store.gate.wait { _ in nil as Bool? } }
            guard position < range.upperBound else { return try surplus() }
            let current = position
            let limit = try await store.gate.wait { $0 > current ? $0 : nil }
            let count = min(Int64(byteCount), 64 << 10, min(limit, bound) - position)
            var piece = ByteBuffer(bytes: bytes.getBytes(at: Int(position), length: Int(count)) ?? [])
            if case .wrong(let place) = fault, (position..<position + count).contains(place) {
                let byte = piece.getInteger(at: Int(place - position), as: UInt8.self) ?? 0
                piece.setInteger(byte ^ 0x10, at: Int(place - position))
            }
            position += count
            return [piece]
        }

        /// Where the next piece ends at the latest.
        private var bound: Int64 {
            switch fault {
            case .cut(let end), .short(let end), .silent(let end): min(end, range.upperBound)
            case .none, .wrong, .long, .refused: range.upperBound
            }
        }

        private func surplus() throws -> [ByteBuffer]? {
            guard case .long(let count) = fault, position == range.upperBound else { return nil }
            position += Int64(count)
            return [ByteBuffer(repeating: 0, count: count)]
        }
    }
}
