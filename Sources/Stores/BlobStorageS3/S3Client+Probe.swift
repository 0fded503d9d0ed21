import Outgoing

/// What a store can do, as far as it was tried.
public struct S3Findings: Sendable, Equatable {
    /// Something that a store may lack.
    public enum Ability: String, Sendable, CaseIterable {
        /// A stretch of an object can be read.
        case rangedReads
        /// Many objects are removed with one request.
        case batchDeletes
        /// An object is not put where there is one.
        case conditionalPuts
        /// Bytes that are not those that were announced are refused.
        case checksums
        /// Uploads in parts that have not ended are listed.
        case uploadLists
        /// The parts of an upload are listed.
        case partLists
        /// A part of an upload takes the place of one that has its number.
        case partReplacements
        /// A part is made of an object without moving bytes.
        case partCopies
    }

    /// What it cannot do, and what that means, a sentence each.
    public var lacking: [Ability: String] = [:]

    /// A store that lacks nothing.
    public init() {}

    /// Whether it can do something.
    public func can(_ ability: Ability) -> Bool { lacking[ability] == nil }

    /// The sentences, in an order of their own.
    public var sentences: [String] { Ability.allCases.compactMap { lacking[$0] } }
}

extension S3Client {
    /// Tries what a store must be able to do, and what it may be able to do.
    ///
    /// A few small objects are put below `PREFIX/probe/` and removed again. What a process leaves that is ended
    /// meanwhile is for ``removeProbes(before:)``.
    ///
    /// - Parameter name: What these objects are called; another one each time.
    /// - Returns: What the store lacks.
    /// - Throws: ``S3Error`` where the bucket is not there, cannot be read, written and removed from, or takes no
    ///   upload in parts: without these nothing can be stored.
    public func probe(name: String) async throws -> S3Findings {
        let folder = "\(Self.probeFolder)\(name)"
        var findings = S3Findings()
        do {
            try await headBucket()
            _ = try await list(prefix: folder + "/", limit: 1)
            try await probeObjects("\(folder)/object", &findings)
            try await probeUploads("\(folder)/upload", from: "\(folder)/object", &findings)
            try await probeDeletes(Self.probeNames.map { "\(folder)/\($0)" }, &findings)
        } catch {
            // What is left of the attempt is small, and harmless where it cannot be removed.
            for key in Self.probeNames { try? await delete("\(folder)/\(key)") }
            throw error
        }
        return findings
    }

    private static let sample = Array("What a store can do is tried before it is needed.".utf8)

    private func probeObjects(_ key: String, _ findings: inout S3Findings) async throws {
        let count = Int64(Self.sample.count)
        try await put(key, .bytes(Self.sample), metadata: ["probe": "1"])
        let facts = try await head(key)
        let bytes = try await get(key).body.collect(upTo: 1024)
        guard facts.byteCount == count, bytes == Self.sample else {
            throw S3Error(.notUnderstood, "\(address.place) gives back other bytes than were put there.")
        }
        do {
            let part = try await get(key, range: 5..<12).body.collect(upTo: 1024)
            if part != Array(Self.sample[5..<12]) { throw S3Error(.notUnderstood, "These are other bytes.") }
        } catch let error as S3Error where !error.isPassing {
            findings.lacking[.rangedReads] =
                "\(address.place) does not give a stretch of an object: a pull that is resumed begins anew."
        }
        do {
            try await put(key, .bytes(Self.sample), onlyIfAbsent: true)
            findings.lacking[.conditionalPuts] =
                "\(address.place) ignores If-None-Match: nothing but its unique name keeps an object from being "
                + "overwritten."
        } catch let error as S3Error where error.code == .notImplemented || error.code == .refused {
            findings.lacking[.conditionalPuts] =
                "\(address.place) does not know If-None-Match: nothing but its unique name keeps an object from being "
                + "overwritten."
        } catch let error as S3Error where error.code == .preconditionFailed {
            // As it should be.
        }
        if try await takesCorrupted(key.replacing("/object", with: "/corrupted")) {
            findings.lacking[.checksums] =
                "\(address.place) does not compare what it gets with its checksum: what is damaged on the way in "
                + "is found only when they are read."
        }
    }

    private func probeUploads(_ key: String, from source: String, _ findings: inout S3Findings) async throws {
        let count = Int64(Self.sample.count)
        let upload = try await createUpload(key)
        do {
            var part = try await uploadPart(1, of: upload, .bytes(Self.sample.dropLast()))
            do {
                part = try await uploadPart(1, of: upload, .bytes(Self.sample))
            } catch let error as S3Error where !error.isPassing {
                findings.lacking[.partReplacements] =
                    "\(address.place) does not replace a part of an upload: one that was broken off in the midst of a "
                    + "part begins anew."
            }
            let isListed = try? await listUploads(prefix: key).uploads.contains { $0.key == key && $0.id == upload.id }
            if isListed != true {
                findings.lacking[.uploadLists] =
                    "\(address.place) does not list uploads in parts: set a rule of the bucket that removes those that "
                    + "were not completed after some days."
            }
            let listed = try? await listParts(of: upload)
            if listed?.map(\.number) != [1] || listed?.first?.byteCount != part.byteCount {
                findings.lacking[.partLists] = "\(address.place) does not list the parts of an upload."
            }
            try await complete(upload, [part])
            guard try await head(key).byteCount == part.byteCount else {
                throw S3Error(.notUnderstood, "\(address.place) makes another object than was put there in parts.")
            }
        } catch {
            try? await abort(upload)
            throw error
        }
        let second = try await createUpload(key)
        if await !succeeds({ _ = try await copyPart(1, of: second, from: source, byteCount: count) }) {
            findings.lacking[.partCopies] = "\(address.place) does not make parts of objects that it has."
        }
        try await abort(second)
    }

    private func probeDeletes(_ keys: [String], _ findings: inout S3Findings) async throws {
        var isDone = false
        if let failures = try? await delete(keys), failures.isEmpty {
            let left = try await list(prefix: keys[0].replacing("/object", with: "/"), limit: 10)
            isDone = left.objects.isEmpty
        }
        guard !isDone else { return }
        findings.lacking[.batchDeletes] =
            "\(address.place) does not remove many objects with one request: they go one after the other."
        for key in keys { try await delete(key) }
    }

    /// Whether the store takes bytes whose MD5 is said to be another.
    private func takesCorrupted(_ key: String) async throws -> Bool {
        var call = S3Call("s3:PutObject", .put, key: try address.full(key))
        call.headers = ["Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="]
        call.body = .bytes(Self.sample)
        call.isRepeated = false
        let said = call
        return await succeeds { _ = try await answer(said) }
    }

    private func succeeds(_ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            return true
        } catch {
            return false
        }
    }
}
