import BlobStorage
import NIOCore
import Synchronization

// What reads do with the files.
extension CachingBlobStore {
    /// The file of a verified blob; nil when it is not what it was, and then it is gone.
    ///
    /// One that was read lately still is open, and then no thread is needed.
    func openFile(_ name: OpenBlobs.Name, byteCount: Int64) async -> OpenFile? {
        let (found, moment) = opened.find(name)
        if case .file(let file) = found?.content {
            if folder.isUnchanged(file, byteCount: byteCount) { return file }
            opened.drop(name)
        }
        do {
            let file = try await folder.open(name, byteCount: byteCount)
            opened.keep(StoredBlob(byteCount: byteCount, content: .file(file)), name, openedAfter: moment)
            return file
        } catch let error as SystemCallError where error.isShortage {
            // Nothing is wrong with the file.
            return nil
        } catch {
            await distrust(name, because: "\(error)")
            return nil
        }
    }

    /// What a read goes along with; nil for the base.
    func join(_ blob: CachedBlob, from start: Int64) async throws -> CacheFill? {
        let read = CacheIndex.Read(
            name: blob.name,
            byteCount: blob.byteCount,
            start: start,
            origin: blob.origin,
            removals: blob.removals
        )
        switch index.withLock({ $0.join(read, at: now) }) {
        case .bypass: return nil
        case .follow(let fill): return fill
        case .file:
            // It was verified after it was opened.
            let file = await openFile(blob.name, byteCount: blob.byteCount)
            return file.map { CacheFill(blob.name, byteCount: blob.byteCount, verified: $0, origin: blob.origin) }
        }
    }

    /// Some bytes of a fill; nil when its file cannot be read.
    func read(_ file: OpenFile, _ fill: CacheFill, at position: Int64, byteCount: Int) async -> ByteBuffer? {
        do {
            let buffer = try await folder.read(file, fill.name, at: position, byteCount: byteCount)
            bytes.served.add(byteCount, ordering: .relaxed)
            return buffer
        } catch {
            await distrust(fill.name, because: "\(error)")
            return nil
        }
    }

    /// Removes the file of a blob that is not what it should be, unless it is gone or another already.
    private func distrust(_ name: OpenBlobs.Name, because problem: String) async {
        guard index.withLock({ $0.drop(name) }) else { return }
        await remove([name])
        index.withLock { $0.counts.verificationFailures += 1 }
        report(.damagedFile, name, problem)
    }

    /// Removes the copy of a blob that was removed from the base, and lets nobody find what was begun before.
    func forget(_ name: OpenBlobs.Name) async {
        openings.forget(name)
        if index.withLock({ $0.forget(name) }) { await remove([name]) }
    }

    /// Removes the files of names that are leaving; false when that failed.
    @discardableResult
    func remove(_ names: [OpenBlobs.Name]) async -> Bool {
        guard !names.isEmpty else { return true }
        let kept = await folder.remove(names)
        // After the files: who opened one before, and keeps it open after it, is told by the moment.
        for name in names { opened.forget(name) }
        index.withLock { $0.left(names, kept: kept) }
        return kept.isEmpty
    }

    /// Tells the operator.
    func report(_ code: CacheProblem.Code, _ name: OpenBlobs.Name, _ problem: String) {
        observer(CacheProblem(code, "blob \(name.digest) (key \(name.key)): \(problem)"))
    }
}
