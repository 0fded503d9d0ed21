import OCI
import RegistryContract
import Synchronization

/// The memory that all manifests on their way in share.
///
/// A manifest is read whole before it is judged; without a common bound, as many clients as there may be connections
/// could each send one of the largest size.
final class ManifestRoom: Sendable {
    /// What a responder gives to all manifests together, in bytes: sixteen of the largest.
    static let byteCount = 16 * Manifest.byteCountMax

    private let left: Mutex<Int>

    init(byteCount: Int = ManifestRoom.byteCount) {
        left = Mutex(byteCount)
    }

    /// A part of the room, which is given back when nobody holds it any more.
    final class Share: Sendable {
        private let room: ManifestRoom
        private let byteCount = Mutex(0)

        fileprivate init(_ room: ManifestRoom) {
            self.room = room
        }

        deinit {
            let taken = byteCount.withLock { $0 }
            room.left.withLock { $0 += taken }
        }

        /// Takes more room; throws `unavailable` when there is not so much.
        func take(_ count: Int) throws(RegistryError) {
            let isTaken = room.left.withLock { left in
                guard left >= count else { return false }
                left -= count
                return true
            }
            guard isTaken else {
                throw RegistryError(.unavailable, "too many manifests are pushed at once: try again in a moment")
            }
            byteCount.withLock { $0 += count }
        }
    }

    /// A part of the room, empty as yet.
    func share() -> Share {
        Share(self)
    }
}
