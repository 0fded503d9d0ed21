import CLinux
import Metadata

extension Timestamp {
    /// The time of the system.
    static func now() -> Timestamp {
        Timestamp(microseconds: wharf_microseconds_now())
    }
}
