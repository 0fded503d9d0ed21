import Foundation
import RegistryTesting

/// Pulp's container registry as a process, by `Scripts/pulp-registry`.
///
/// It takes seconds and half a gibibyte to start: there is one for all tests of this process, which ends with it. It is
/// lent to one test at a time, and empty then.
actor PulpRegistry {
    static let shared = PulpRegistry()

    static let user = "admin"
    static let password = "open sesame 9"

    private var started: (process: RunningProcess, authority: String, folder: String)?
    private var isLent = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Its host and port, when nobody else has it and it is empty; whoever gets these gives it back.
    func borrow() async throws -> String {
        if isLent {
            await withCheckedContinuation { waiting.append($0) }
        } else {
            isLent = true
        }
        do {
            return try await emptied()
        } catch {
            giveBack()
            throw error
        }
    }

    /// Nobody has it any longer, or the next who waits.
    func giveBack() {
        if waiting.isEmpty { isLent = false } else { waiting.removeFirst().resume() }
    }

    private func emptied() async throws -> String {
        guard let started, started.process.status == nil else { return try await start() }
        try await Command(Self.script, ["reset", started.folder]).output()
        return started.authority
    }

    private func start() async throws -> String {
        // Not one that is removed here: the process outlives all that the tests hold, and removes its folder itself.
        let name = "wharf-test-pulp-\(UUID().uuidString.lowercased())"
        let folder = FileManager.default.temporaryDirectory.path + "/" + name
        let (port, store) = (try FreePort.find(), try FreePort.find())
        let process = try Command(Self.script, ["serve", folder, "\(port)", "\(store)"]).start()
        let ready = "pulp: ready on "
        do {
            try await process.waitUntil("Pulp's registry is ready", within: .seconds(180)) {
                process.standardOutput.contains(ready)
            }
        } catch {
            await process.stop()
            throw error
        }
        let authority = "127.0.0.1:\(port)"
        started = (process, authority, folder)
        return authority
    }

    private static var script: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Scripts/pulp-registry"
    }
}
