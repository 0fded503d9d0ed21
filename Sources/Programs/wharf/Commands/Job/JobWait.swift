import AdminClient
import AdminModel

/// The wait for a job that was asked for.
struct JobWait {
    let client: AdminClient
    let made: MadeJob

    /// Says that the job was there already, where it was.
    func remark() {
        guard !made.isNew else { return }
        Remark.print("The job \(made.job.id) does the same already, and has not ended.")
    }

    /// Shows what the job says on standard error, and then the job; throws where it has not succeeded.
    func end(_ output: OutputOptions) async throws {
        remark()
        var following = JobFollowing(client: client, id: made.job.id)
        let job = try await following.untilEnd { Remark.print($0.sentence) }
        try output.show(JobDetails(job))
        guard job.state == "succeeded" else { throw JobNotDone(job: job) }
    }
}

/// A job that was waited for has not done what it was for.
private struct JobNotDone: ExitStatusError, CustomStringConvertible {
    let job: Job

    var exitStatus: ExitStatus { .failure }
    var description: String {
        guard job.state == "failed" else { return "The job \(job.id) was cancelled." }
        return "The job \(job.id) failed\(job.outcome.map { ": \($0)" } ?? ".")"
    }
}
