import Foundation
import MetadataPostgreSQL
import RegistryTesting
import Testing

/// What each kind of request asks of PostgreSQL, counted while one after another is made.
struct RequestCosts {
    /// What a request asks.
    struct Cost: Equatable {
        var statements: Int
        var roundTrips: Int
    }

    /// A kind of request, and what it asks.
    struct Row: Equatable {
        let request: String
        let cost: Cost

        /// The same when it asks some more, one after another.
        func costing(_ further: Int) -> Row {
            let cost = Cost(statements: cost.statements + further, roundTrips: cost.roundTrips + further)
            return Row(request: request, cost: cost)
        }

        /// The same when it asks no more than another time.
        func notMore(than other: Row) -> Row {
            let statements = min(cost.statements, other.cost.statements)
            let cost = Cost(statements: statements, roundTrips: min(cost.roundTrips, other.cost.roundTrips))
            return Row(request: request, cost: cost)
        }

        /// As the page shows it.
        var line: String { "| \(request) | \(cost.statements) | \(cost.roundTrips) |" }
    }

    let harness: any RegistryHarness
    let engine: PostgreSQLEngine
    /// What every request says of who asks.
    var headers: [(String, String)] = []
    private(set) var rows: [Row] = []
    private var images: [SampleImage] = []

    init(
        _ harness: any RegistryHarness,
        _ engine: PostgreSQLEngine,
        headers: [(String, String)] = []
    ) {
        self.harness = harness
        self.engine = engine
        self.headers = headers
    }

    /// Makes each kind of request once, in two repositories that are empty.
    mutating func count(in app: String, and other: String, seed: UInt64) async throws {
        rows = []
        images = (0..<3).map { SampleImage(seed: seed + $0, layerSize: 20_000) }
        try await push(app)
        try await pull(app)
        try await mount(from: app, into: other)
        try await list(app)
        try await delete(app)
    }

    /// Makes a request and notes what it has asked.
    @discardableResult
    private mutating func send(
        _ kind: String?,
        _ status: Int,
        _ method: String,
        _ path: String,
        _ body: [UInt8] = [],
        type: String = "application/octet-stream"
    ) async throws -> TestResponse {
        let fields = headers + [("Content-Type", type)]
        let before = engine.counts
        let response = try await harness.send(TestRequest(method, path, headers: fields, body: body))
        let counts = engine.counts - before
        try #require(response.status == status, "\(method) \(path): \(response.text)")
        let cost = Cost(statements: counts.statements, roundTrips: counts.roundTrips)
        if let kind { rows.append(Row(request: kind, cost: cost)) }
        return response
    }

    private mutating func put(_ kind: String?, _ manifest: SampleManifest, as reference: String, in app: String)
        async throws
    {
        let path = "/v2/\(app)/manifests/\(reference)"
        try await send(kind, 201, "PUT", path, manifest.bytes, type: manifest.mediaType)
    }

    private mutating func start(_ kind: String?, _ app: String) async throws -> String {
        let response = try await send(kind, 202, "POST", "/v2/\(app)/blobs/uploads/")
        return try #require(response[header: "Location"])
    }

    private static func end(_ location: String, _ blob: SampleBlob) -> String {
        "\(location)\(location.contains("?") ? "&" : "?")digest=\(blob.digest)"
    }

    // MARK: Kinds

    private mutating func push(_ app: String) async throws {
        let (first, second) = (images[0], images[1])
        try await send("`HEAD` a blob that is not there", 404, "HEAD", "/v2/\(app)/blobs/\(first.layer.digest)")
        var location = try await start("`POST` an upload", app)
        try await send("`PATCH`, a chunk", 202, "PATCH", location, Array(first.layer.bytes[..<10_000]))
        try await send("`GET` an upload", 204, "GET", location)
        let rest = Array(first.layer.bytes[10_000...])
        try await send("`PUT`, the end of an upload", 201, "PUT", Self.end(location, first.layer), rest)
        let path = "/v2/\(app)/blobs/uploads/?digest="
        try await send("`POST` with a whole blob", 201, "POST", path + first.config.digest, first.config.bytes)
        for blob in second.blobs + images[2].blobs { try await send(nil, 201, "POST", path + blob.digest, blob.bytes) }
        try await send("… that is there already", 201, "POST", path + first.config.digest, first.config.bytes)
        location = try await start(nil, app)
        try await send("`DELETE` an upload", 204, "DELETE", location)
        try await put("`PUT` a manifest, new, by a new tag", first.manifest, as: "latest", in: app)
        try await put("… the same again", first.manifest, as: "latest", in: app)
        try await put("… new, by a tag that moves", second.manifest, as: "latest", in: app)
        try await put("… new, by its digest", images[2].manifest, as: images[2].manifest.digest, in: app)
        try await pushOthers(app)
    }

    /// An image of 20 layers, an index, and what refers to an image.
    private mutating func pushOthers(_ app: String) async throws {
        let path = "/v2/\(app)/blobs/uploads/?digest="
        let layers = (0..<20).map { SampleBlob("\(images[0].layer.digest) \($0)") }
        for blob in layers + [.emptyJSON] { try await send(nil, 201, "POST", path + blob.digest, blob.bytes) }
        let config = images[0].config.descriptor("application/vnd.oci.image.config.v1+json")
        let descriptors = layers.map { $0.descriptor("application/vnd.oci.image.layer.v1.tar+gzip") }
        let image = SampleManifest.image(config: config, layers: descriptors)
        try await put("… of 20 layers, by a new tag", image, as: "large", in: app)
        let index = SampleManifest.index(of: images.map { $0.manifest.descriptor() })
        try await put("… an index of 3, by a new tag", index, as: "index", in: app)
        for note in ["one", "two"] {
            let subject = images[0].manifest.descriptor()
            let referrer = SampleManifest.referrer(to: subject, artifactType: "application/spdx+json", note: note)
            let kind = note == "one" ? "… with a subject, by its digest" : nil
            try await put(kind, referrer, as: referrer.digest, in: app)
        }
    }

    private mutating func pull(_ app: String) async throws {
        let (image, manifests) = (images[1], "/v2/\(app)/manifests/")
        for method in ["GET", "HEAD"] {
            try await send("`\(method)` a manifest by tag", 200, method, manifests + "latest")
            try await send("`\(method)` a manifest by digest", 200, method, manifests + image.manifest.digest)
            try await send("`\(method)` a manifest that is not there", 404, method, manifests + "never")
            try await send("`\(method)` a blob", 200, method, "/v2/\(app)/blobs/\(image.layer.digest)")
        }
        try await send("`GET` a manifest where there is no repository", 404, "GET", "/v2/team/none/manifests/latest")
    }

    private mutating func mount(from app: String, into other: String) async throws {
        let path = "/v2/\(other)/blobs/uploads/?mount="
        let (layer, config) = (images[1].layer.digest, images[1].config.digest)
        try await send("`POST` a mount from a repository", 201, "POST", "\(path)\(layer)&from=\(app)")
        try await send("… from any", 201, "POST", path + config)
        try await send("… of what is not there", 202, "POST", path + SampleBlob(app + other).digest)
    }

    private mutating func list(_ app: String) async throws {
        try await send("`GET` a page of tags", 200, "GET", "/v2/\(app)/tags/list?n=2")
        try await send("… the last", 200, "GET", "/v2/\(app)/tags/list?n=2&last=latest")
        let history = "/v2/\(app)/_wharf/tags/latest/history"
        try await send("`GET` a page of a tag's history", 200, "GET", "\(history)?n=1")
        try await send("… the last", 200, "GET", "\(history)?n=1&last=2")
        try await send("… beyond it", 200, "GET", "\(history)?last=1")
        try await send("… of a tag that never was", 404, "GET", "/v2/\(app)/_wharf/tags/never/history")
        try await send("`GET` a page of repositories", 200, "GET", "/v2/_catalog?n=2")
        let path = "/v2/\(app)/referrers/"
        try await send("`GET` the referrers, none", 200, "GET", path + images[1].manifest.digest)
        try await send("… two", 200, "GET", path + images[0].manifest.digest)
    }

    private mutating func delete(_ app: String) async throws {
        let (manifests, image) = ("/v2/\(app)/manifests/", images[1])
        try await put(nil, images[2].manifest, as: "other", in: app)
        try await send("`DELETE` a tag", 202, "DELETE", manifests + "other")
        try await send("`DELETE` a manifest with a tag", 202, "DELETE", manifests + image.manifest.digest)
        let loose = SampleBlob("\(image.layer.digest) alone")
        let path = "/v2/\(app)/blobs/"
        try await send(nil, 201, "POST", "\(path)uploads/?digest=\(loose.digest)", loose.bytes)
        try await send("`DELETE` a blob", 202, "DELETE", path + loose.digest)
    }
}
