import Metadata
import OCI

/// A tag that stands for a relation, as clients make it where a registry has no referrers.
///
/// - `sha256-<encoded>`: an index of the referrers of that digest (distribution specification, "Referrers Tag Schema").
/// - `sha256-<encoded>.sig`, `.att`, `.sbom`: cosign's signature, attestations, and bill of materials of it.
struct ReferrerTag {
    /// The digest that the tag names.
    let subject: Digest
    private let suffix: Substring

    /// Nil for a tag that is just a name.
    init?(_ tag: Tag) {
        let parts = tag.description.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, Digest.Algorithm(rawValue: String(parts[0])) != nil else { return nil }
        let encoded = parts[1].prefix { $0 != "." }
        suffix = parts[1].dropFirst(encoded.count)
        guard ["", ".sig", ".att", ".sbom"].contains(suffix), let subject = try? Digest("\(parts[0]):\(encoded)") else {
            return nil
        }
        self.subject = subject
    }

    /// Which relation the tag makes when it points to `manifest`; nil when it makes none.
    func kind(for manifest: Manifest) -> TagReferrerKind? {
        guard suffix.isEmpty else { return .cosign }
        return manifest.kind == .index ? .fallback : nil
    }
}
