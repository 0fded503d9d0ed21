import AdminModel
import Administration
import NIOHTTP1

extension Routes {
    static let collection = [
        Route(
            .GET,
            "/gc",
            "readCollection",
            "What the garbage collection has before it. A run of it is a job of the kind `gc.run`.",
            answer: .object("CollectionStatus", .ok)
        ) { call in try .value(try await call.management.collection()) },
        Route(
            .GET,
            "/gc/digests/{digest}",
            "explainDigest",
            "Why a blob or manifest is kept, or when it goes.",
            answer: .object("DigestFate", .ok)
        ) { call in try .value(try await call.management.fate(of: call["digest"])) },
    ]
}
