public import Foundation

extension S3Client {
    /// Removes what is left of attempts to find out what the store can do, whose processes ended before they could.
    ///
    /// Only what has a name that ``probe(name:)`` gives, and is older than `moment` by the store's own word, so that no
    /// attempt that is under way is disturbed. A thousand objects and as many uploads at most: the next call goes on.
    ///
    /// - Returns: How many objects and uploads were removed.
    /// - Throws: ``S3Error``.
    @discardableResult
    public func removeProbes(before moment: Date) async throws -> Int {
        var count = 0
        for object in try await list(prefix: Self.probeFolder).objects where Self.isProbe(object.key) {
            guard let put = object.modifiedAt, put < moment else { continue }
            try await delete(object.key)
            count += 1
        }
        for upload in try await listUploads(prefix: Self.probeFolder).uploads where Self.isProbe(upload.key) {
            guard let begun = upload.startedAt, begun < moment else { continue }
            try await abort(upload)
            count += 1
        }
        return count
    }

    /// What the names of all such objects begin with.
    static let probeFolder = S3BlobLayout.probe
    /// What they end with.
    static let probeNames = ["object", "upload", "corrupted"]

    private static func isProbe(_ name: String) -> Bool {
        guard name.hasPrefix(probeFolder) else { return false }
        let levels = name.dropFirst(probeFolder.count).split(separator: "/", omittingEmptySubsequences: false)
        return levels.count == 2 && !levels[0].isEmpty && probeNames.contains(String(levels[1]))
    }
}
