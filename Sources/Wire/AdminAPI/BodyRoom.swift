import AdminModel
import Synchronization

/// The memory that the bodies of all requests for the management share.
final class BodyRoom: Sendable {
    /// How much they may take together, in bytes.
    static let byteCountMax = 64 << 20

    private let taken = Mutex(0)

    /// What one request has taken; given back when nobody holds it any more.
    final class Share: Sendable {
        private let room: BodyRoom
        private let byteCount = Mutex(0)

        fileprivate init(_ room: BodyRoom) {
            self.room = room
        }

        deinit {
            let count = byteCount.withLock { $0 }
            room.taken.withLock { $0 -= count }
        }

        /// Takes more; throws ``Problem`` where all have too much together.
        func take(_ count: Int) throws {
            let isThere = room.taken.withLock { taken in
                guard taken + count <= BodyRoom.byteCountMax else { return false }
                taken += count
                return true
            }
            guard isThere else { throw Problem(.unavailable, "too many long requests at once: try again") }
            byteCount.withLock { $0 += count }
        }
    }

    /// What a request takes, of which it has nothing yet.
    func share() -> Share {
        Share(self)
    }
}
