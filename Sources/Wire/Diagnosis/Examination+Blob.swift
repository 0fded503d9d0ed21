import OCI
import Outgoing

extension Examination {
    /// A byte of a blob: of the largest layer, which lies where all large ones do.
    func lookAtBlob() async -> Finding {
        guard let image, let blob = wantedBlob else {
            return Finding(.blob, .good, "The manifest names no blob to look at.")
        }
        let path = "/v2/\(image.repository)/blobs/\(blob.digest)"
        do {
            let answer = try await ask(try url(path), ["Range": "bytes=0-0"], readsBody: false)
            guard (300..<400).contains(answer.status) else { return lookAtBlobAnswer(answer, blob, at: nil) }
            guard let location = answer.headers["Location"], let place = try? answer.url.resolving(location) else {
                return failure(
                    .blob,
                    "storage-unreachable",
                    "\(image.registry) sends on for its blobs, and does not say where."
                )
            }
            return await lookAtStorage(place, blob)
        } catch {
            return failure(.blob, error)
        }
    }

    private var wantedBlob: Descriptor? {
        guard let manifest else { return nil }
        return manifest.layers.filter { $0.urls.isEmpty }.max { $0.size < $1.size } ?? manifest.config
    }

    /// The storage that a registry sends callers to; nothing of a login goes there.
    private func lookAtStorage(_ place: OutgoingURL, _ blob: Descriptor) async -> Finding {
        let said = "Blobs lie at \(place.target)"
        do {
            let url = place
            let answer = try await ask(url, ["Range": "bytes=0-0"], isAuthorized: false, readsBody: false)
            return lookAtBlobAnswer(answer, blob, at: said)
        } catch {
            return failure(.blob, "storage-unreachable", "\(said), to which the registry sends callers. \(error)")
        }
    }

    private func lookAtBlobAnswer(_ answer: Answer, _ blob: Descriptor, at storage: String?) -> Finding {
        let whose = storage.map { "\($0), which" } ?? "The registry"
        let said = "\(whose) answers \(answer.status) when asked for a byte of \(blob.digest)"
        if storage == nil, let finding = lookAtRefusal(answer, .blob, said) { return finding }
        switch answer.status {
        case 206: return Finding(.blob, .good, "\(storage.map { "\($0). " } ?? "")A byte of the largest blob was read.")
        case 200:
            let seen = "\(said), with all of it: a download that breaks off begins anew."
            return blob.size < 2 ? Finding(.blob, .good, "\(said).") : Finding(.blob, .warning, seen)
        case 404 where storage == nil: return failure(.blob, "blob-unknown", "\(said).")
        case 401,
            403 where storage == nil:
            return failure(.blob, "denied", "\(said).")
        default:
            let clock = abs(skew ?? 0) > 60 ? " The clocks differ, and signed addresses end early." : ""
            return failure(.blob, storage == nil ? "server-error" : "storage-unreachable", "\(said).\(clock)")
        }
    }

    /// What the registry says of the pulls that are left.
    func lookAtRateLimit() -> Finding {
        guard let headers = pulled?.headers, let remaining = headers["ratelimit-remaining"],
            let left = Self.number(remaining)
        else { return Finding(.rateLimit, .good, "The registry names no limit.") }
        let limit = headers["ratelimit-limit"].flatMap { Self.number($0) }
        let window = headers["ratelimit-limit"].flatMap { Self.window($0) }.map { " in \($0 / 3600) h" } ?? ""
        let source = headers["docker-ratelimit-source"].map { ", counted for \(Self.printable($0))" } ?? ""
        let seen = "\(left) pulls are left\(limit.map { " of \($0)" } ?? "")\(window)\(source)."
        return left > 0 ? Finding(.rateLimit, .good, seen) : warning(.rateLimit, "rate-limited", seen)
    }

    /// The number of `100;w=21600`.
    private static func number(_ field: String) -> Int? { Int(field.prefix { $0 != ";" }) }

    /// The seconds of `100;w=21600`.
    private static func window(_ field: String) -> Int? {
        field.split(separator: ";").first { $0.hasPrefix("w=") }.flatMap { Int($0.dropFirst(2)) }
    }
}
