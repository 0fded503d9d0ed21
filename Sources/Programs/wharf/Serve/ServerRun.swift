import BlobStorage
import BlobStorageFiles
import CLinux
import Glibc
import HTTPServing
import Hosting
import Identity
import Logging
import Metadata
import NIOCore
import NIOPosix
import Observability
import Settings

/// One run of `wharf serve`, from the first look at the data folder to the last byte of the drain.
struct ServerRun {
    let settings: ServerSettings
    let log: Logger

    /// How often numbers about the storage are looked up.
    private static let measureInterval = Duration.seconds(15)
    /// How long requests may take to end whose stores were closed.
    private static let endingTime = Duration.seconds(2)

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        wharf_bound_allocator(2, 4 << 20, 48 << 20)
        Self.raiseDescriptorLimit()
        let processors = max(1, System.coreCount)
        let threads = NIOThreadPool(numberOfThreads: settings.storage.threads > 0 ? settings.storage.threads : 4)
        threads.start()
        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: settings.http.threads > 0 ? settings.http.threads : processors
        )
        let wiring = Wiring(settings: settings, log: log)
        let redirects = try wiring.redirects()
        let installation = try await Installation.open(settings, for: .serving, threads: threads, log: log)
        let server: HTTPServer
        do {
            server = try await run(wiring, installation, wiring.host(installation, redirects), group, threads)
        } catch {
            // What dials is to be told, or it ends the process in its own way.
            try? await installation.close()
            throw error
        }
        try await installation.close()
        // What still waits for a store that answers nothing ends with the process.
        guard await server.finish(within: Self.endingTime) else { return }
        try await group.shutdownGracefully()
        try await threads.shutdownGracefully()
    }

    private func run(
        _ wiring: Wiring,
        _ installation: Installation,
        _ host: RegistryHost,
        _ group: MultiThreadedEventLoopGroup,
        _ threads: NIOThreadPool
    ) async throws -> HTTPServer {
        // Until here a signal just ends the process: it may wait for its database.
        let stopping = Stopping(log: log)
        let access = try await wiring.access(installation, host)
        let audit = AuditWork(settings.audit, installation.facts, log: log)
        let events = EventWork(settings.events, installation.facts, metrics: wiring.metrics, log: log)
        let jobs = wiring.jobs(installation, host, access)
        let isDraining = RaisedFlag()
        let measures = wiring.measures(installation, host)
        await warnOfLittleRoom(installation)
        let responder = wiring.responder(installation, host, access, audit, jobs.queue, isDraining: isDraining)
        let configuration = try wiring.serverConfiguration()
        // Before anybody can log in, or make an account over the socket: the first one is the administrator's.
        let password = settings.isAccessControlled ? try await access.introduceAdministrator(threads) : nil
        let server: HTTPServer
        do {
            server = try await HTTPServer.start(
                configuration,
                responder: responder,
                metrics: ServerMetrics(wiring.metrics),
                group: group,
                threads: threads
            )
        } catch {
            // It is made, and would never be seen again.
            introduceAdministrator(password, port: settings.http.listen.port)
            throw Failure.explaining(error, on: settings.http.listen)
        }
        introduceAdministrator(password, port: server.port)
        let socket = await AdminSocket.open(
            in: installation.folder.path,
            access.localResponder(audit, jobs.queue),
            group: group,
            threads: threads,
            log: log
        )
        warnOfClearText()
        announce(port: server.port)
        let beside = Task {
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await refresh(measures) }
                tasks.addTask { await audit.run() }
                tasks.addTask { await access.run(audit) }
                tasks.addTask { await events.run() }
                tasks.addTask { await jobs.run() }
                if let bucket = installation.bucket { tasks.addTask { await bucket.run() } }
            }
        }
        await serve(server, until: stopping, isDraining: isDraining)
        await end(beside, stopping) {
            await socket.close()
            await access.finish()
            await audit.finish()
        }
        return server
    }

    /// Ends what runs beside the requests, and then writes what is written last; each for a while, or the process ends.
    private func end(
        _ beside: Task<Void, Never>,
        _ stopping: Stopping,
        _ last: @escaping @Sendable () async -> Void
    ) async {
        log.info("the last phase: jobs are given back, and what is not written down yet is written")
        beside.cancel()
        let isDone = await Stopping.wait { await beside.value }
        if !isDone { log.warning("jobs, or other work, do not stop: jobs go on elsewhere when their time is over") }
        // Also then: what is not written down yet of logins and pulls would be lost with the process.
        let isWritten = await Stopping.wait(for: last)
        guard isDone else { stopping.abandon("jobs, or other work beside the requests") }
        guard isWritten else { stopping.abandon("what is written last") }
        log.notice("stopped")
    }

    /// Who starts a server that will refuse uploads should hear it now, and not from the first client.
    private func warnOfLittleRoom(_ installation: Installation) async {
        let reserve = Int64(settings.storage.reserve.bytes)
        guard let free = try? await installation.blobs.space().free, free < reserve else { return }
        log.warning(
            "less is free than storage.reserve: uploads will be refused (507), pulls go on",
            metadata: [
                "free": .string(ByteCount(bytes: Int(free)).description),
                "storage.reserve": .string(settings.storage.reserve.description),
            ]
        )
    }

    /// The one line that says that clients can come.
    private func announce(port: Int) {
        let scheme = settings.http.tls.certificate == nil ? "http" : "https"
        let address = ListenAddress(host: settings.http.listen.host, port: port)
        print("wharf: ready on \(scheme)://\(address)")
        fflush(nil)
    }

    /// Says once how to come in, where nobody can yet.
    private func introduceAdministrator(_ password: Identity.Secret?, port: Int) {
        guard let password else { return }
        let text = String(decoding: password.bytes, as: UTF8.self)
        let host = ListenAddress(host: settings.http.listen.isLoopback ? "127.0.0.1" : "HOST", port: port)
        print(
            """
            wharf: this is shown once: the administrator is \(FirstAdministrator.name)
            password: \(text)
            wharf: log in with: docker login --username \(FirstAdministrator.name) \(host)
            """
        )
    }

    private func warnOfClearText() {
        guard settings.isAccessControlled, settings.http.tls.certificate == nil, !settings.http.listen.isLoopback else {
            return
        }
        log.warning("passwords cross the network in the clear: give a certificate, or put a proxy with one in front")
    }

    /// Serves until the first signal, then drains.
    private func serve(_ server: HTTPServer, until stopping: Stopping, isDraining: RaisedFlag) async {
        let signal = await stopping.first()
        isDraining.raise()
        log.notice(
            "stopping: running transfers may finish",
            metadata: ["signal": .string(signal), "grace": "\(settings.http.drainGrace)"]
        )
        let cut = await server.drain(within: settings.http.drainGrace)
        if cut > 0 { log.warning("transfers were cut off", metadata: ["connections": .stringConvertible(cut)]) }
    }

    private func refresh(_ measures: Measures) async {
        while !Task.isCancelled {
            await measures.refresh()
            wharf_trim_allocator()
            try? await Task.sleep(for: Self.measureInterval)
        }
    }

    /// A connection takes a descriptor, and the limit that a shell gives is often 1024.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

extension Logger {
    /// The log of a server, as its settings want it.
    init(_ settings: ServerSettings.Log) {
        let isReadable = settings.format == .text || (settings.format == .auto && LogSink.isTerminal)
        let level = Logger.Level(rawValue: settings.level.rawValue) ?? .info
        self.init(label: "wharf") { label in
            LineLogHandler(label: label, level: level, form: isReadable ? .readable : .json)
        }
    }
}
