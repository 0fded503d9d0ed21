import Synchronization
import Upkeep

/// What was told, in the order in which it was.
final class Findings: StorageMigrationObserver {
    private let sentences = Mutex<[String]>([])
    private let counts = Mutex((moved: 0, before: 0))

    var all: [String] { sentences.withLock { $0 } }
    /// How many blobs were moved now.
    var movedCount: Int { counts.withLock { $0.moved } }
    /// How many blobs had come before.
    var beforeCount: Int { counts.withLock { $0.before } }

    func add(_ sentence: String) {
        sentences.withLock { $0.append(sentence) }
    }

    func began(_ stage: StorageMigrationStage) {}
    func moved(byteCount: Int64) {}
    func moved(rowCount: Int) {}

    func finished(byteCount: Int64, wasThere: Bool) {
        counts.withLock { counts in
            if wasThere { counts.before += 1 } else { counts.moved += 1 }
        }
    }

    func found(_ damage: String) {
        add(damage)
    }
}
