import BlobStorage
import OCI

extension S3BlobStore {
    /// What is listed one after the other; a blob moves only from an earlier one to a later.
    private enum Stage: String {
        case uploads
        case digests
        case strangers
    }

    /// A token is a stage and the last that was shown of it: `uploads:KEY`, `digests:NAME`, `strangers:`.
    func listNow(after token: String?, limit: Int) async throws -> BlobListing {
        let words = (token ?? "uploads:").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, var stage = Stage(rawValue: String(words[0])) else {
            throw BlobStoreError(.unusable, "\(token ?? "") is no place in the list of a store.")
        }
        var after = String(words[1])
        var listing = BlobListing(entries: [], next: nil)
        while true {
            let left = limit - listing.entries.count
            guard left > 0 else {
                listing.next = "\(stage.rawValue):\(after)"
                return listing
            }
            let page: BlobListing
            switch stage {
            case .uploads: page = try await listUploads(after: after, limit: left)
            case .digests: page = try await listDigests(after: after, limit: left)
            case .strangers: page = try await listStrangers()
            }
            listing.entries += page.entries
            listing.strangers += page.strangers
            if let next = page.next {
                after = next
                continue
            }
            switch stage {
            case .uploads: (stage, after) = (.digests, "")
            case .digests: (stage, after) = (.strangers, "")
            case .strangers: return listing
            }
        }
    }

    // MARK: - Uploads

    /// The uploads behind a key: those that have files here, ends, or parts, each once.
    private func listUploads(after last: String, limit: Int) async throws -> BlobListing {
        var sizes: [BlobKey: Int64] = [:]
        for key in try await multipartKeys(after: last, limit: limit + 1) { sizes[key] = 0 }
        let (tails, strangers) = try await tails(after: last, limit: limit + 1)
        sizes.merge(tails) { max($0, $1) }
        for key in spools.keys where key.description > last {
            sizes[key] = max(sizes[key] ?? 0, spools[key]?.range.upperBound ?? 0)
        }
        let keys = sizes.keys.sorted { $0.description < $1.description }
        let shown = keys.prefix(limit)
        let next = shown.count < keys.count ? shown.last : nil
        return BlobListing(
            entries: shown.map { .init(key: $0, digest: nil, byteCount: sizes[$0] ?? 0) },
            strangers: strangers.filter { name in
                guard let next else { return true }
                return Self.precedes(name, S3BlobLayout.tailsEnd(next))
            },
            next: next?.description
        )
    }

    /// The first keys of multipart uploads behind a key.
    private func multipartKeys(after last: String, limit: Int) async throws -> Set<BlobKey> {
        var keys: Set<BlobKey> = []
        // By keys alone: rclone knows no place among the uploads of one key.
        var marker = BlobKey(last).map { S3Upload(key: S3BlobLayout.blob($0), id: "") }
        repeat {
            let page = try await client.listUploads(prefix: S3BlobLayout.blobs, after: marker)
            // rclone begins at the marker, not behind it.
            keys.formUnion(page.uploads.compactMap { S3BlobLayout.readBlob($0.key) }.filter { $0.description > last })
            let next = page.next.map { S3Upload(key: $0.key, id: "") }
            marker = next == marker ? nil : next
        } while marker != nil && keys.count < limit
        return keys
    }

    /// The first uploads behind a key that have ends in the store, and what else is there.
    private func tails(after last: String, limit: Int) async throws -> ([BlobKey: Int64], [String]) {
        var (sizes, strangers): ([BlobKey: Int64], [String]) = ([:], [])
        let after = BlobKey(last).map(S3BlobLayout.tailsEnd)
        var token: String?
        repeat {
            let page = try await client.list(
                prefix: S3BlobLayout.uploads,
                after: token == nil ? after : nil,
                token: token
            )
            for object in page.objects {
                if let (key, end) = S3BlobLayout.readTail(object.key) {
                    sizes[key] = max(sizes[key] ?? 0, end)
                } else {
                    strangers.append(object.key)
                }
            }
            token = page.next
        } while token != nil && sizes.count < limit
        return (sizes, strangers)
    }

    // MARK: - Blobs, and the rest

    func blobsNow(under keys: Set<BlobKey>) async throws -> [BlobListing.Entry] {
        var (found, nameless): ([BlobListing.Entry], Set<BlobKey>) = ([], [])
        for key in keys {
            do {
                let facts = try await client.head(S3BlobLayout.blob(key))
                if let digest = facts.metadata[Self.digestField].flatMap({ try? Digest($0) }) {
                    found.append(.init(key: key, digest: digest, byteCount: facts.byteCount))
                } else {
                    nameless.insert(key)
                }
            } catch let error as S3Error where error.code == .noSuchKey {
                continue
            }
        }
        var last: String? = ""
        while let after = last, !nameless.isEmpty {
            let page = try await listDigests(after: after, limit: 1000)
            found += page.entries.filter { nameless.remove($0.key) != nil }
            last = page.next
        }
        return found
    }

    private func listDigests(after last: String, limit: Int) async throws -> BlobListing {
        let page = try await client.list(
            prefix: S3BlobLayout.digests,
            after: last.isEmpty ? nil : last,
            limit: limit
        )
        var listing = BlobListing(entries: [], next: page.next == nil ? nil : page.objects.last?.key)
        for object in page.objects {
            if let entry = S3BlobLayout.readDigest(object.key) {
                listing.entries.append(entry)
            } else {
                listing.strangers.append(object.key)
            }
        }
        return listing
    }

    /// What else is below the prefix: objects by their names, and folders by theirs.
    private func listStrangers() async throws -> BlobListing {
        let own = [S3BlobLayout.blobs, S3BlobLayout.digests, S3BlobLayout.uploads, S3BlobLayout.probe]
        var listing = BlobListing(entries: [], next: nil)
        var token: String?
        repeat {
            let page = try await client.list(delimiter: "/", token: token)
            listing.strangers += page.objects.map(\.key).filter { $0 != S3BlobLayout.identity }
            listing.strangers += page.prefixes.filter { !own.contains($0) }
            token = page.next
        } while token != nil && listing.strangers.count < Self.strangersMax
        return listing
    }

    /// How many things that are not of its making are shown at most, of those beside its folders.
    private static let strangersMax = 1000

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
