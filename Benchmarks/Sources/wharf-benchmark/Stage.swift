import Foundation

/// What each workload is given: the payload, a way to start a server, and a way to measure it.
final class Stage {
    let payload: Payload
    /// The path of our binary.
    let program: String
    private let imageByteCount: Int
    private let folder: String
    private let certificate: Certificate
    private var serverCount = 0

    /// `folder` exists and is removed by whoever made it; `program` is the path of our binary, and `imageByteCount` the
    /// size of the image that tools copy.
    init(folder: String, program: String, imageByteCount: Int) throws {
        self.folder = folder
        self.program = program
        self.imageByteCount = imageByteCount
        certificate = try Certificate(folder: folder)
        payload = try Payload(folder: folder)
    }

    /// Runs `body` with a server that has just started on an empty folder, then stops it and empties its files.
    func withServer<Result>(
        _ party: Party,
        isEncrypted: Bool = false,
        files: [String: Blob] = [:],
        _ body: (Server) throws -> Result
    ) throws -> Result {
        let folder = try makeFolder()
        defer { emptyFiles(in: folder) }
        try place(files, in: folder + "/data")
        return try withServer(party, folder: folder, isEncrypted: isEncrypted, body)
    }

    /// The same on a folder that stays as it is.
    func withServer<Result>(
        _ party: Party,
        folder: String,
        isEncrypted: Bool = false,
        isControlled: Bool = false,
        variables: [String] = [],
        _ body: (Server) throws -> Result
    ) throws -> Result {
        try Interruption.check()
        let certificate = isEncrypted ? certificate : nil
        let server = try Server(
            party,
            program: program,
            folder: folder,
            certificate: certificate,
            isControlled: isControlled,
            variables: variables
        )
        defer { server.stop() }
        do {
            return try body(server)
        } catch {
            throw Failure("\(party.rawValue): \(error)\n\(server.logTail)")
        }
    }

    /// Runs `body` with several servers of ours, each on a folder of its own, with the same variables.
    func withServers<Result>(
        _ count: Int,
        variables: [String],
        started: [Server] = [],
        _ body: ([Server]) throws -> Result
    ) throws -> Result {
        guard started.count < count else { return try body(started) }
        return try withServer(.ours, folder: try makeFolder(), variables: variables) { server in
            try withServers(count, variables: variables, started: started + [server], body)
        }
    }

    /// A folder for a server, which keeps its data in `data`.
    func makeFolder() throws -> String {
        serverCount += 1
        let path = "\(folder)/server-\(serverCount)"
        try FileManager.default.createDirectory(atPath: path + "/data", withIntermediateDirectories: true)
        return path
    }

    /// Runs `body` with the path of a folder that does not exist yet, and empties what lies in it then.
    func withNewPath<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = try makeFolder()
        defer { emptyFiles(in: folder) }
        return try body(folder + "/new")
    }

    /// Gives the space of a folder back and leaves its files, which go at the end of all with the folder of the stage.
    ///
    /// ext4 does not give out an inode again for minutes after it was freed, and looks at all freed ones for each new
    /// file: to remove thousands of files here would make every server that comes next slow.
    private func emptyFiles(in folder: String) {
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        for file in files {
            // What is linked to the payload would empty that too.
            var status = stat()
            let path = "\(folder)/\(file)"
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else { continue }
            truncate(path, 0)
        }
    }

    /// The image that tools copy.
    lazy var image = payload.largeImage(byteCount: imageByteCount)

    /// A path for the output of a program.
    var outputPath: String { folder + "/output" }

    /// Writes what nginx serves; the large file is linked, because it is there already.
    private func place(_ files: [String: Blob], in folder: String) throws {
        for (name, blob) in files {
            switch blob.content {
            case .bytes(let bytes): try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            case .file: try FileManager.default.linkItem(atPath: payload.path, toPath: "\(folder)/\(name)")
            }
        }
    }
}

extension Server {
    /// How long the server may go on with what it has answered already and still have it counted.
    private static let settling: useconds_t = 50_000

    /// Runs `work`, which does so many operations, and says what it took.
    func measure(operations: Double, _ work: () throws -> Void) throws -> Sample {
        try Self.measure([self], operations: operations, work)
    }

    /// The same with several servers, whose CPU is added up.
    static func measure(_ servers: [Server], operations: Double, _ work: () throws -> Void) throws -> Sample {
        try measure(servers) {
            try work()
            return operations
        }
    }

    /// Runs `work`, which says how many operations it did, and says what they took.
    func measure(_ work: () throws -> Double) throws -> Sample {
        try Self.measure([self], work)
    }

    private static func measure(_ servers: [Server], _ work: () throws -> Double) throws -> Sample {
        let processes = servers.flatMap(\.processes)
        let serverCPU = try ProcessTree.cpuSeconds(of: processes)
        let clientCPU = Clock.ownCPU
        let start = Clock.now
        let operations = try work()
        let wall = Clock.now - start
        let ownCPU = Clock.ownCPU - clientCPU
        usleep(settling)
        return Sample(
            operations: operations,
            wall: wall,
            serverCPU: try ProcessTree.cpuSeconds(of: processes) - serverCPU,
            clientCPU: ownCPU
        )
    }
}
