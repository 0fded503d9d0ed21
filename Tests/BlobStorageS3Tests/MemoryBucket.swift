import Foundation
import RegistryTesting
import Synchronization

/// As much of S3 as a blob store needs, in memory, so that any request may go wrong.
final class MemoryBucket: Sendable {
    /// What goes wrong with a request.
    enum Fault: String, Sendable, CaseIterable {
        /// It is refused, and not done.
        case refused
        /// It is done, and the caller is told that it was refused: as good as dead at this moment.
        case done
        /// It is one too many: not done, and to be asked again.
        case slow
        /// It is done, and the connection is lost before the answer.
        case cut
    }

    private struct Object {
        var bytes: [UInt8]
        var digest: String?
    }

    private struct Content {
        var objects: [String: Object] = [:]
        var uploads: [String: (key: String, parts: [Int: [UInt8]])] = [:]
        var count = 0
        var faults: [Int: Fault] = [:]
        /// What cannot be removed together with others.
        var locked: Set<String> = []
    }

    private let content = Mutex(Content())

    /// A bucket with which certain requests go wrong, counted from zero.
    init(faults: [Int: Fault] = [:]) {
        content.withLock { $0.faults = faults }
    }

    /// How many requests there were.
    var count: Int { content.withLock { $0.count } }
    /// The names of all objects.
    var names: [String] { content.withLock { $0.objects.keys.sorted() } }
    /// How many uploads in parts have not ended.
    var uploadCount: Int { content.withLock { $0.uploads.count } }

    /// Keeps an object from being removed together with others.
    func lock(_ name: String) { content.withLock { _ = $0.locked.insert(name) } }

    func answer(_ asked: Asked) -> Said {
        content.withLock { content in
            let fault = content.faults[content.count]
            content.count += 1
            if fault == .refused { return .error(403, "AccessDenied") }
            if fault == .slow { return .slowDown }
            let said = Self.do(asked, &content)
            switch fault {
            case .done: return .error(403, "AccessDenied")
            case .cut: return Said(bytes: [], ends: true)
            default: return said
            }
        }
    }

    private static func `do`(_ asked: Asked, _ content: inout Content) -> Said {
        let url = URLComponents(string: asked.target)
        var query: [String: String] = [:]
        for item in url?.queryItems ?? [] { query[item.name] = item.value ?? "" }
        let key = String((url?.path ?? "").dropFirst("/bucket/".count))
        if key.isEmpty, asked.method == "POST", query["delete"] != nil { return remove(asked, &content) }
        if key.isEmpty {
            return query["uploads"] == nil ? list(query, content) : listUploads(query, content)
        }
        switch asked.method {
        case "GET", "HEAD": return read(key, asked, content)
        case "PUT" where query["uploadId"] == nil: return put(key, asked, &content)
        case "DELETE" where query["uploadId"] == nil: content.objects[key] = nil
        case "DELETE": content.uploads[query["uploadId"] ?? ""] = nil
        case "POST" where query["uploads"] != nil:
            let id = "upload-\(content.count)"
            content.uploads[id] = (key, [:])
            return xml("InitiateMultipartUploadResult", "<UploadId>\(id)</UploadId>")
        default: return inParts(key, query, asked, &content)
        }
        return .answer(204)
    }

    private static func put(_ key: String, _ asked: Asked, _ content: inout Content) -> Said {
        if asked.headers["if-none-match"] != nil, content.objects[key] != nil {
            return .error(412, "PreconditionFailed")
        }
        content.objects[key] = Object(bytes: asked.body, digest: asked.headers["x-amz-meta-digest"])
        return .answer(200, [("ETag", "\"1\"")])
    }

    private static func read(_ key: String, _ asked: Asked, _ content: Content) -> Said {
        let isHead = asked.method == "HEAD"
        guard let object = content.objects[key] else {
            return isHead ? .answer(404, isHead: true) : .error(404, "NoSuchKey")
        }
        var fields = [("ETag", "\"1\"")]
        if let digest = object.digest { fields.append(("x-amz-meta-digest", digest)) }
        guard let range = asked.headers["range"] else {
            return .answer(200, fields, object.bytes, length: object.bytes.count, isHead: isHead)
        }
        let ends = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
        let last = min(ends[1], object.bytes.count - 1)
        fields.append(("Content-Range", "bytes \(ends[0])-\(last)/\(object.bytes.count)"))
        return .answer(206, fields, Array(object.bytes[ends[0]...last]))
    }

    private static func inParts(
        _ key: String,
        _ query: [String: String],
        _ asked: Asked,
        _ content: inout Content
    ) -> Said {
        let id = query["uploadId"] ?? ""
        guard let upload = content.uploads[id], upload.key == key else { return .error(404, "NoSuchUpload") }
        if asked.method == "PUT" {
            content.uploads[id]?.parts[Int(query["partNumber"] ?? "") ?? 0] = asked.body
            return .answer(200, [("ETag", tag(asked.body))])
        }
        var bytes: [UInt8] = []
        for match in String(decoding: asked.body, as: UTF8.self)
            .matches(of: #/<PartNumber>(\d+)</PartNumber><ETag>(.*?)</ETag>/#)
        {
            let part = upload.parts[Int(match.1) ?? 0]
            guard let part, tag(part) == match.2.replacing("&quot;", with: "\"") else {
                return .error(400, "InvalidPart")
            }
            bytes += part
        }
        content.objects[key] = Object(bytes: bytes)
        content.uploads[id] = nil
        return xml("CompleteMultipartUploadResult", "<Key>\(key)</Key>")
    }

    private static func list(_ query: [String: String], _ content: Content) -> Said {
        let (prefix, after) = (query["prefix"] ?? "", query["start-after"] ?? query["continuation-token"] ?? "")
        let limit = Int(query["max-keys"] ?? "") ?? 1000
        let all = content.objects.filter { $0.key.hasPrefix(prefix) && $0.key > after }.sorted { $0.key < $1.key }
        let shown = all.prefix(limit).filter { query["delimiter"] == nil || !$0.key.contains("/") }
        var text = shown.map { name, object in
            "<Contents><Key>\(name)</Key><Size>\(object.bytes.count)</Size></Contents>"
        }.joined()
        if all.count > limit, let last = all.prefix(limit).last {
            text += "<IsTruncated>true</IsTruncated><NextContinuationToken>\(last.key)</NextContinuationToken>"
        }
        return xml("ListBucketResult", text)
    }

    /// Removes what a document names, but for what was said to be locked.
    private static func remove(_ asked: Asked, _ content: inout Content) -> Said {
        guard asked.headers["content-md5"] != nil else { return .error(400, "InvalidRequest") }
        let names = String(decoding: asked.body, as: UTF8.self).matches(of: #/<Key>(.*?)</Key>/#).map { String($0.1) }
        for name in names where !content.locked.contains(name) { content.objects[name] = nil }
        let errors = names.filter(content.locked.contains).map {
            "<Error><Key>\($0)</Key><Code>AccessDenied</Code><Message>It is locked.</Message></Error>"
        }
        return xml("DeleteResult", errors.joined())
    }

    private static func listUploads(_ query: [String: String], _ content: Content) -> Said {
        let prefix = query["prefix"] ?? ""
        let after = query["key-marker"] ?? ""
        let all = content.uploads.filter { $0.value.key.hasPrefix(prefix) && $0.value.key > after }
            .sorted { ($0.value.key, $0.key) < ($1.value.key, $1.key) }
        let more = all.count > 2 ? "<IsTruncated>true</IsTruncated>" : ""
        let text =
            more
            + all.prefix(2).map { "<Upload><Key>\($0.value.key)</Key><UploadId>\($0.key)</UploadId></Upload>" }.joined()
        return xml("ListMultipartUploadsResult", text)
    }

    private static func tag(_ bytes: [UInt8]) -> String {
        "\"\(bytes.count)-\(bytes.reduce(0) { $0 &* 31 &+ Int($1) })\""
    }

    private static func xml(_ name: String, _ text: String) -> Said { .xml(200, "<\(name)>\(text)</\(name)>") }
}
