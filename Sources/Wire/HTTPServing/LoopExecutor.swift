import NIOCore

/// Runs the tasks of a connection on its event loop, so that an answer is sent where it was made.
///
/// Without it a task that waited for a disk or the database would come back on a thread of Swift's own pool, and would
/// wake the event loop from there: one thread more to wake for each request.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
