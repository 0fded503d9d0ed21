import DistributionGrammar
import HTTPServing
import NIOCore
import NIOHTTP1
import OCI
import RegistryContract

extension Call {
    /// end-8a, end-8b.
    func tags(in repository: RepositoryName, _ query: ListQuery) async throws -> ServerResponse {
        let limit = limit(query)
        let page = try await registry.tags(in: repository, after: query.last, limit: limit)
        var json = JSONText()
        json.object { json in
            json.key("name")
            json.string(repository.description)
            json.key("tags")
            json.array(page.elements) { json, tag in json.string(tag.description) }
        }
        let last = page.elements.last.map { $0.description }
        return list(json, next: next(page.hasMore, last, limit) { .tags(repository, $0) })
    }

    /// Docker's catalog.
    func catalog(_ query: ListQuery) async throws -> ServerResponse {
        let limit = limit(query)
        let page = try await registry.repositories(after: query.last, limit: limit)
        var json = JSONText()
        json.object { json in
            json.key("repositories")
            json.array(page.elements) { json, name in json.string(name.description) }
        }
        let last = page.elements.last.map { $0.description }
        return list(json, next: next(page.hasMore, last, limit) { .catalog($0) })
    }

    /// end-12a, end-12b: an image index of the referrers.
    func referrers(
        to subject: Digest,
        in repository: RepositoryName,
        artifactType: String?,
        _ query: ListQuery
    ) async throws -> ServerResponse {
        let limit = min(limit(query), Self.referrerCountMax)
        let page = try await registry.referrers(
            to: subject,
            artifactType: artifactType,
            in: repository,
            after: query.last.flatMap { try? Digest($0) },
            limit: limit
        )
        var json = JSONText()
        json.object { json in
            json.key("schemaVersion")
            json.number(2)
            json.key("mediaType")
            json.string(MediaType.imageIndex.description)
            json.key("manifests")
            json.array(page.elements) { json, descriptor in json.descriptor(descriptor) }
        }
        let last = page.elements.last?.digest.description
        let next = next(page.hasMore, last, limit) {
            .referrers(subject, repository, artifactType: artifactType, $0)
        }
        var answer = list(json, next: next, type: MediaType.imageIndex.description)
        if artifactType != nil { answer.headers.add(name: "OCI-Filters-Applied", value: "artifactType") }
        return answer
    }

    /// The moves of a tag, the newest first.
    func tagHistory(of tag: Tag, in repository: RepositoryName, _ query: ListQuery) async throws -> ServerResponse {
        let limit = limit(query)
        let page = try await registry.tagHistory(
            of: tag,
            in: repository,
            // Nothing comes before what is no version.
            before: query.last.map { Int64($0) ?? 0 },
            limit: limit
        )
        var json = JSONText()
        json.object { json in
            json.key("name")
            json.string(repository.description)
            json.key("tag")
            json.string(tag.description)
            json.key("history")
            json.array(page.elements) { json, entry in json.entry(entry) }
        }
        let last = page.elements.last.map { String($0.version) }
        return list(json, next: next(page.hasMore, last, limit) { .tagHistory(tag, repository, $0) })
    }

    /// A page of referrers carries annotations, so it is bounded more tightly.
    private static let referrerCountMax = 500

    private func limit(_ query: ListQuery) -> Int {
        min(query.count ?? options.pageCountDefault, options.pageCountMax)
    }

    /// The target of the next page; nil after the last one, and for a page of none, which leads nowhere.
    private func next(
        _ hasMore: Bool,
        _ last: String?,
        _ limit: Int,
        _ request: (ListQuery) -> DistributionRequest
    ) -> String? {
        guard hasMore, let last, limit > 0 else { return nil }
        return request(ListQuery(count: limit, last: last)).target
    }

    private func list(_ json: JSONText, next: String?, type: String = "application/json") -> ServerResponse {
        var headers: HTTPHeaders = ["Content-Type": type]
        if let next { headers.add(name: "Link", value: "<\(location(next))>; rel=\"next\"") }
        return ServerResponse(.ok, headers: headers, body: .bytes(ByteBuffer(bytes: json.bytes)))
    }
}

extension JSONText {
    /// A move as a tag's history shows it.
    fileprivate mutating func entry(_ entry: TagHistoryEntry) {
        object { json in
            json.key("version")
            json.number(entry.version)
            json.key("digest")
            json.optional(entry.digest?.description)
            json.key("previous")
            json.optional(entry.previous?.description)
            json.key("moved_at")
            json.string(entry.movedAt.description)
            if let actor = entry.movedBy {
                json.key("moved_by")
                json.string(actor)
            }
            if let moment = entry.forgottenBefore {
                json.key("forgotten_before")
                json.string(moment.description)
            }
        }
    }

    /// A descriptor as a list of referrers shows it.
    fileprivate mutating func descriptor(_ descriptor: Descriptor) {
        object { json in
            json.key("mediaType")
            json.string(descriptor.mediaType?.description ?? MediaType.octetStream.description)
            json.key("digest")
            json.string(descriptor.digest.description)
            json.key("size")
            json.number(descriptor.size)
            if let type = descriptor.artifactType {
                json.key("artifactType")
                json.string(type)
            }
            if !descriptor.annotations.isEmpty {
                json.key("annotations")
                json.strings(descriptor.annotations)
            }
        }
    }
}
