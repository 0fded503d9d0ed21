import DistributionGrammar
import Hashing
import NIOCore
public import OCI
import Outgoing
public import RegistryContract

/// Manifests, and what is known of content without its bytes.
extension RegistryClient: RegistryReader {
    /// The manifest that a tag points to or a digest names, verified.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        var call = manifestCall(reference, repository, headOnly: false)
        call.redirects = .followed
        let (response, bytes) = try await whole(call, [200], upTo: Manifest.byteCountMax, tooLarge: .manifestTooLarge)
        let digest = try verifiedDigest(of: bytes, asked: reference, said: response.headers, call)
        let type = try mediaType(of: bytes, said: response.headers["Content-Type"], call)
        return StoredManifest(digest: digest, mediaType: type, bytes: ByteBuffer(bytes: bytes))
    }

    /// What a tag points to or a digest names, by `HEAD` where the registry answers that in full.
    public func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
        var call = manifestCall(reference, repository, headOnly: true)
        call.redirects = .followed
        let response = try await exchange(call)
        // A body is read once: either what is left of it, or the refusal in it.
        guard [200, 400, 404, 405, 501].contains(response.status) else { throw await refusal(response, to: call) }
        await drain(response)
        if response.status == 404 { throw await missingByHead(call) }
        if response.status == 200, let size = response.body.byteCount, size > 0,
            let type = ManifestTypes.declared(response.headers["Content-Type"]),
            let text = response.headers["Docker-Content-Digest"], let digest = try? Digest(text)
        {
            if case .digest(let asked) = reference, asked != digest { throw otherDigest(digest, asked: asked, call) }
            return Descriptor(mediaType: type, digest: digest, size: size)
        }
        let manifest = try await manifest(reference, in: repository)
        let size = Int64(manifest.bytes.readableBytes)
        return Descriptor(mediaType: manifest.mediaType, digest: manifest.digest, size: size)
    }

    /// The size of a blob, in bytes.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        let call = blobCall(.head, digest, repository)
        let response = try await exchange(call)
        switch response.status {
        case 200, 400, 404, 405, 501: await drain(response)
        // A store behind the registry may take the signed URL of a redirect for GET alone.
        case 403 where try await response.url.target != target(): await drain(response)
        default: throw await refusal(response, to: call)
        }
        // Some say 0 of every blob, since the answer to `HEAD` has no body.
        if response.status == 200, let byteCount = response.body.byteCount, byteCount > 0 { return byteCount }
        if response.status == 404 { throw await missingByHead(call) }
        return try await byteCountByGet(digest, in: repository)
    }

    // MARK: Calls

    func manifestCall(_ reference: Reference, _ repository: RepositoryName, headOnly: Bool) -> Call {
        let request = DistributionRequest.manifest(reference, repository, headOnly: headOnly)
        var call = Call(
            headOnly ? .head : .get,
            .path(request.target),
            scopes: [.repository(repository, "pull")],
            "read",
            "the manifest \(repository)\(Self.separator(reference))\(reference)"
        )
        call.headers["Accept"] = ManifestTypes.accepted
        call.repository = repository
        call.missing = .manifestUnknown
        if case .digest(let digest) = reference { call.digest = digest }
        return call
    }

    static func separator(_ reference: Reference) -> String {
        if case .digest = reference { return "@" }
        return ":"
    }

    func blobCall(_ method: OutgoingMethod, _ digest: Digest, _ repository: RepositoryName) -> Call {
        let request = DistributionRequest.blob(digest, repository, headOnly: false)
        let thing = "the blob \(digest) of \(repository)"
        var call = Call(method, .path(request.target), scopes: [.repository(repository, "pull")], "read", thing)
        call.repository = repository
        call.missing = .blobUnknown
        call.digest = digest
        call.redirects = .followed
        return call
    }

    // MARK: Bodies

    /// The answer to a call and all of its body, asked for again when the connection is lost in the midst.
    func whole(
        _ call: Call,
        _ statuses: Set<Int>,
        upTo byteCountMax: Int,
        tooLarge: RegistryError.Code = .unavailable
    ) async throws -> (OutgoingResponse, [UInt8]) {
        var attempts = Attempts(configuration.retries)
        while true {
            let response = try await answer(call, statuses)
            do {
                let bytes = try await response.body.collect(
                    upTo: byteCountMax,
                    within: OutgoingResponseBody.wholeTimeMax
                )
                if response.headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true {
                    throw RegistryError(
                        .unsupported,
                        "\(host) answers, but not as a registry does: with a page for people, when asked to "
                            + "\(call.purpose). Look at the address, and whether a proxy stands in between."
                    )
                }
                return (response, bytes)
            } catch let error as OutgoingError {
                if error.code == .bodyTooLarge {
                    throw RegistryError(tooLarge, "It was not possible to \(call.purpose). \(error.message)")
                }
                guard error.code == .connectionLost,
                    let wait = attempts.waitAfterLoss(random: configuration.time.random())
                else { throw failure(error, of: call) }
                try await configuration.time.sleep(wait)
            }
        }
    }

    /// What is missing where `HEAD` has said 404: the content or the repository.
    private func missingByHead(_ call: Call) async -> any Error {
        guard let repository = call.repository else { return RegistryError(call.missing, "\(host) has not got it.") }
        if repositories.isKnown(repository) == nil {
            var question = call
            question.method = .get
            if call.missing == .blobUnknown { question.headers["Range"] = "bytes=0-0" }
            do {
                let response = try await exchange(question)
                if response.status == 404 { return await refusal(response, to: question) }
                await drain(response)
            } catch {
                return error
            }
        }
        if repositories.isKnown(repository) == false {
            return RegistryError(.nameUnknown, "\(host) has not got the repository \(repository).")
        }
        let digests = call.digest.map { [$0] } ?? []
        return RegistryError(call.missing, "\(host) has not got \(call.thing).", digests: digests)
    }

    private func byteCountByGet(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        var call = blobCall(.get, digest, repository)
        call.headers["Range"] = "bytes=0-0"
        let response = try await answer(call, [200, 206, 416])
        let field = response.headers["Content-Range"]
        let byteCount: Int64? =
            switch response.status {
            case 200: response.body.byteCount
            case 206: field.flatMap { ContentRange($0)?.byteCount }
            // Of an empty blob there is no first byte.
            default: field == "bytes */0" ? 0 : nil
            }
        await drain(response)
        guard let byteCount else {
            throw RegistryError(.unavailable, "\(host) does not say how large \(call.thing) is. Ask its operator.")
        }
        return byteCount
    }

    // MARK: Checks

    /// The digest of bytes, under the algorithm that they are asked for or said to be named by.
    private func verifiedDigest(
        of bytes: [UInt8],
        asked reference: Reference,
        said headers: HeaderFields,
        _ call: Call
    ) throws -> Digest {
        let expected: Digest? =
            switch reference {
            case .digest(let digest): digest
            case .tag: headers["Docker-Content-Digest"].flatMap { try? Digest($0) }
            }
        let digest = ContentHash.digest(of: bytes, expected?.algorithm ?? .sha256)
        if let expected, expected != digest { throw otherDigest(digest, asked: expected, call) }
        return digest
    }

    private func otherDigest(_ digest: Digest, asked: Digest, _ call: Call) -> RegistryError {
        RegistryError(
            .digestMismatch,
            "\(host) gives \(digest) for \(asked), when asked to \(call.purpose): what it gives is damaged or forged, "
                + "and was not taken. Try again, and ask its operator.",
            digests: [digest]
        )
    }

    private func mediaType(of bytes: [UInt8], said field: String?, _ call: Call) throws -> MediaType {
        if let type = ManifestTypes.declared(field) { return type }
        do {
            return try Manifest(parsing: bytes, contentType: nil).mediaType
        } catch {
            throw RegistryError(
                .manifestInvalid,
                "What \(host) gives for \(call.thing) is no manifest, and has no type that says what it is.",
                underlying: error
            )
        }
    }
}
