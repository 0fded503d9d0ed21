import Foundation
public import Outgoing
import Synchronization

/// rclone's S3 over a folder: quick, and far from what Amazon's is.
public final class RcloneS3: S3Server {
    /// Where it is.
    public let endpoint: OutgoingURL
    /// The name of the user's key.
    public let accessKeyID = "AKRCLONE"
    /// The user's key.
    public let secretAccessKey = "secretofrclone"
    private let folder: TemporaryFolder
    private let process: Mutex<RunningProcess?>

    /// The server that tests share.
    public static var shared: RcloneS3 {
        get async throws { try await sharing.value }
    }

    private static let sharing = Task {
        let server = try await RcloneS3()
        left.withLock { $0 = server }
        atexit { RcloneS3.left.withLock { $0?.end() } }
        return server
    }

    private static let left = Mutex<RcloneS3?>(nil)

    private static let project = URL(filePath: #filePath).appending(path: "../../../..").standardized.path

    /// Starts a server over an empty folder.
    ///
    /// - Throws: ``CommandFailure`` when rclone is not installed, or does not start.
    public init() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let port = try FreePort.find()
        self.folder = folder
        endpoint = try OutgoingURL("http://127.0.0.1:\(port)/")
        try FileManager.default.createDirectory(atPath: "\(folder.path)/data", withIntermediateDirectories: true)
        let keys = ["--auth-key", "\(accessKeyID),\(secretAccessKey)", "--addr", "127.0.0.1:\(port)"]
        let options = keys + ["--config", "", "--cache-dir", "\(folder.path)/cache", "--no-cleanup"]
        let path = "\(Self.project)/.build-parties/rclone/bin/rclone"
        let command = Command(path, ["serve", "s3", "\(folder.path)/data"] + options)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw CommandFailure(command: command, reason: "is not there: run Scripts/install-test-parties")
        }
        let started = try command.start()
        process = Mutex(started)
        let endpoint = endpoint
        try await OutgoingClient.withClient { client in
            try await started.waitUntil("rclone answers", within: .seconds(60)) {
                (try? await client.send(OutgoingRequest(.get, endpoint))) != nil
            }
        }
    }

    deinit {
        end()
    }

    /// Makes an empty bucket: a folder that rclone must have made itself, or it would see it minutes later.
    public func makeBucket(_ name: String) async throws {
        try await put(bucket: name)
    }

    private func end() {
        guard let running = process.withLock({ $0.take() }) else { return }
        running.signal(SIGKILL)
        let end = ContinuousClock.now + .seconds(2)
        while running.status == nil, ContinuousClock.now < end { usleep(1000) }
        try? FileManager.default.removeItem(atPath: folder.path)
    }
}
