import Hashing
import Metadata
import OCI

extension Scrub {
    /// Looks at some manifests, if it is their turn; false when none is left.
    ///
    /// Their bytes are in the database. They are read as often as those of blobs, all of them one after the other.
    func lookAtManifests(_ pace: ScrubPace, _ report: inout Report) async throws -> Bool {
        let moment = try await moment()
        var pass = try await facts.read { facts in
            let (pass, now) = (try facts.manifestPass(), try facts.databaseTime())
            guard let pass else { return ManifestPass(beganAt: now) }
            guard pass.isOver else { return pass }
            return pass.beganAt < moment ? ManifestPass(beganAt: now) : pass
        }
        guard !pass.isOver else { return false }
        let last = pass.last
        let page = try await facts.read { try $0.contents(after: last, limit: Self.contentCount) }
        for (digest, bytes) in page {
            report.manifestCount += 1
            report.byteCount += Int64(bytes.count)
            try await pace.read(bytes.count)
            if let problem = Self.problem(with: bytes, digest) { try await note(digest, problem, &report) }
        }
        pass.last = page.last?.digest ?? pass.last
        pass.isOver = page.count < Self.contentCount
        let next = pass
        try await facts.write { try $0.setManifestPass(next) }
        return !pass.isOver
    }

    /// Notes that a manifest is damaged, if it still is, and tells of it once.
    private func note(_ digest: Digest, _ problem: String, _ report: inout Report) async throws {
        let isNew = try await facts.write { facts in
            guard let bytes = try facts.content(of: digest), Self.problem(with: bytes, digest) != nil else {
                return false
            }
            let isKnown = try facts.hasDamage(digest, .manifest)
            try facts.putDamage(digest, .manifest, problem)
            return !isKnown
        }
        if isNew { try await tellDamage(.manifest, digest, problem, &report) }
    }

    /// Forgets what is noted of content that is not damaged any more: manifests that were mended or have gone, and
    /// blobs that were mended by a program that does not know of this.
    func lookAgainAtRows(_ report: inout Report) async throws {
        var last: DamageFact.Place?
        repeat {
            let after = last
            let page = try await facts.read { try $0.damages(after: after, limit: Self.batchCount) }
            for (damage, isMended) in page {
                let (digest, kind) = (damage.digest, damage.kind)
                if kind == .blob, isMended { try await facts.write { try $0.forgetDamage(digest, .blob) } }
                guard kind == .manifest else { continue }
                let isWhole = try await facts.write { facts in
                    let bytes = try facts.content(of: digest)
                    if let bytes, Self.problem(with: bytes, digest) != nil { return false }
                    try facts.forgetDamage(digest, .manifest)
                    return bytes != nil
                }
                guard isWhole else { continue }
                report.mendedCount += 1
                let how = "its bytes are whole"
                try await tell(Finding(outcome: .mended, kind: .manifest, digest: digest, problem: how))
            }
            last = page.count == Self.batchCount ? page.last?.damage.place : nil
        } while last != nil
    }

    private static func problem(with bytes: [UInt8], _ digest: Digest) -> String? {
        let actual = ContentHash.digest(of: bytes, digest.algorithm)
        return actual == digest ? nil : "its bytes have the digest \(actual)"
    }
}
