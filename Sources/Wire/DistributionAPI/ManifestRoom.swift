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
    /// What each may take besides, in bytes: clients that send large ones slowly keep nobody from sending usual ones.
    static let freeByteCount = 64 << 10

    private let left: Mutex<Int>

    init(byteCount: Int = ManifestRoom.byteCount) {
        left = Mutex(byteCount)
    }

    /// A part of the room, which is given back when nobody holds it any more.
    final class Share: Sendable {
        private let room: ManifestRoom
        private let byteCount = Mutex(0)

        /// What of so many bytes is taken from the room.
        private static func charge(_ count: Int) -> Int {
            max(0, count - ManifestRoom.freeByteCount)
        }

        fileprivate init(_ room: ManifestRoom) {
            self.room = room
        }

        deinit {
            let taken = Self.charge(byteCount.withLock { $0 })
            room.left.withLock { $0 += taken }
        }

        /// Takes more room; throws `unavailable` when there is not so much.
        func take(_ count: Int) throws(RegistryError) {
            let isTaken = byteCount.withLock { byteCount in
                let charge = Self.charge(byteCount + count) - Self.charge(byteCount)
                let isThere = room.left.withLock { left in
                    guard left >= charge else { return false }
                    left -= charge
                    return true
                }
                if isThere { byteCount += count }
                return isThere
            }
            guard isTaken else {
                throw RegistryError(.unavailable, "too many manifests are pushed at once: try again in a moment")
            }
        }
    }

    /// A part of the room, empty as yet.
    func share() -> Share {
        Share(self)
    }
}
