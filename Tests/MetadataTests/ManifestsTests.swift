import OCI
import Testing

@testable import Metadata

@Suite(.everyEngine) struct ManifestsTests {
    @Test func `a manifest is found by tag and by digest, with its bytes`() async throws {
        let fixture = try await Fixture()
        let fact = Fixture.manifest(1, artifactType: "application/x", subject: Fixture.digest(9))
        let tag = try Tag("latest")
        try await fixture.facts.write { facts in
            try facts.insertManifest(fact, bytes: Fixture.bytes(1), edges: [], in: fixture.repository)
            try facts.moveTag(tag, to: fact.digest, in: fixture.repository, at: Fixture.now, by: "someone")
        }
        let other = try RepositoryName("team/other")
        try await fixture.facts.read { facts in
            let found = try #require(try facts.manifest(fact.digest, in: fixture.name))
            #expect(found.fact == fact && found.bytes == Fixture.bytes(1) && found.repository == fixture.repository)
            let content = try #require(try facts.content(of: fact.digest, in: fixture.name))
            #expect(content.digest == fact.digest && content.mediaType == fact.mediaType)
            #expect(content.bytes == Fixture.bytes(1))
            #expect(try facts.content(tagged: tag, in: fixture.name) == content)
            #expect(try facts.manifest(fact.digest, in: other) == nil)
            #expect(try facts.content(of: fact.digest, in: other) == nil)
            #expect(try facts.content(tagged: tag, in: other) == nil)
            #expect(try facts.content(of: Fixture.digest(2), in: fixture.name) == nil)
        }
    }

    @Test func `a manifest pushed again is as it was pushed last`() async throws {
        let fixture = try await Fixture()
        let edges = [Edge(child: Fixture.digest(2), kind: .config), Edge(child: Fixture.digest(3), kind: .layer)]
        let first = Fixture.manifest(1)
        let again = Fixture.manifest(1, at: Fixture.later)
        for fact in [first, again] {
            try await fixture.facts.write {
                try $0.insertManifest(fact, bytes: Fixture.bytes(1), edges: edges, in: fixture.repository)
            }
        }
        #expect(try await fixture.facts.read { try $0.manifest(first.digest, in: fixture.name)?.fact } == again)
        #expect(try await fixture.facts.read { try $0.edges(of: first.digest, in: fixture.repository) } == edges)
    }

    @Test func `the same bytes as another media type name what that names, in their own repository`() async throws {
        let fixture = try await Fixture()
        let other = try RepositoryName("team/other")
        let (image, index) = (Fixture.manifest(1), Fixture.manifest(1, mediaType: .imageIndex))
        let edge = { @Sendable (kind: Edge.Kind) in [Edge(child: Fixture.digest(2), kind: kind)] }
        let elsewhere = try await fixture.facts.write { facts in
            let elsewhere = try facts.ensureRepository(other, at: Fixture.now)
            for repository in [fixture.repository, elsewhere] {
                try facts.insertManifest(image, bytes: Fixture.bytes(1), edges: edge(.config), in: repository)
            }
            try facts.insertManifest(index, bytes: Fixture.bytes(1), edges: edge(.manifest), in: fixture.repository)
            return elsewhere
        }
        try await fixture.facts.read { (facts) throws in
            #expect(try facts.manifest(image.digest, in: fixture.name)?.fact == index)
            #expect(try facts.edges(of: image.digest, in: fixture.repository) == edge(.manifest))
            #expect(try facts.manifest(image.digest, in: other)?.fact == image)
            #expect(try facts.edges(of: image.digest, in: elsewhere) == edge(.config))
        }
    }

    @Test func `deleting a manifest takes its tags and leaves its siblings`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1, 2)
        for tag in ["b", "a"] { try await fixture.move(tag, to: 1) }
        try await fixture.move("c", to: 2)
        let outcome = try await fixture.facts.write {
            try $0.deleteManifest(Fixture.digest(1), in: fixture.repository, at: Fixture.later, by: "other")
        }
        #expect(outcome.removed && outcome.tags.map(\.description) == ["a", "b"])
        let a = try Tag("a")
        try await fixture.facts.read { facts in
            #expect(try facts.tags(in: fixture.name, after: nil, limit: 10).map(\.description) == ["c"])
            #expect(try facts.manifest(Fixture.digest(1), in: fixture.name) == nil)
            #expect(try facts.manifest(Fixture.digest(2), in: fixture.name) != nil)
            let last = try facts.events(of: a, in: fixture.repository, after: 1, limit: 10)
            #expect(
                last == [TagEvent(version: 2, old: Fixture.digest(1), new: nil, at: Fixture.later, by: "other")]
            )
        }
        let again = try await fixture.facts.write {
            try $0.deleteManifest(Fixture.digest(1), in: fixture.repository, at: Fixture.later, by: "other")
        }
        #expect(again.removed == false && again.tags == [])
    }

    @Test func `bytes stay while another repository has the manifest`() async throws {
        let fixture = try await Fixture()
        let other = try RepositoryName("team/other")
        try await fixture.push(1)
        let elsewhere = try await fixture.facts.write { facts in
            let elsewhere = try facts.ensureRepository(other, at: Fixture.now)
            try facts.insertManifest(Fixture.manifest(1), bytes: Fixture.bytes(1), edges: [], in: elsewhere)
            _ = try facts.deleteManifest(Fixture.digest(1), in: fixture.repository, at: Fixture.now, by: "someone")
            return elsewhere
        }
        let kept = try await fixture.facts.read { try $0.manifest(Fixture.digest(1), in: other) }
        #expect(kept?.bytes == Fixture.bytes(1))
        _ = try await fixture.facts.write {
            try $0.deleteManifest(Fixture.digest(1), in: elsewhere, at: Fixture.now, by: "someone")
        }
        try await fixture.push(1)
        #expect(try await fixture.facts.read { try $0.manifest(Fixture.digest(1), in: fixture.name) } != nil)
    }

    @Test func `missing manifests and the indexes above one are named`() async throws {
        let fixture = try await Fixture()
        let child = Fixture.digest(1)
        try await fixture.push(1)
        try await fixture.facts.write { facts in
            for number in [12, 11, 10] {
                try facts.insertManifest(
                    Fixture.manifest(number, mediaType: .imageIndex),
                    bytes: Fixture.bytes(number),
                    edges: [Edge(child: child, kind: number == 10 ? .subject : .manifest)],
                    in: fixture.repository
                )
            }
        }
        try await fixture.facts.read { facts in
            let asked = [5, 1, 4].map { Fixture.digest($0) }
            let missing = try facts.missingManifests(of: asked, in: fixture.repository)
            #expect(missing == [5, 4].map { Fixture.digest($0) })
            let parents = try facts.parents(of: child, in: fixture.repository, limit: 10)
            #expect(parents == [11, 12].map { Fixture.digest($0) })
            #expect(try facts.parents(of: child, in: fixture.repository, limit: 1) == [Fixture.digest(11)])
        }
    }

    @Test func `all manifests are listed in pages by repository and digest`() async throws {
        let fixture = try await Fixture()
        let other = try RepositoryName("a")
        try await fixture.push(3, 1, 2)
        let elsewhere = try await fixture.facts.write { facts in
            let elsewhere = try facts.ensureRepository(other, at: Fixture.now)
            for number in [2, 0] {
                let fact = Fixture.manifest(number)
                try facts.insertManifest(fact, bytes: Fixture.bytes(number), edges: [], in: elsewhere)
            }
            return elsewhere
        }
        var found: [ManifestPlace] = []
        while true {
            let after = found.last
            let page = try await fixture.facts.read { try $0.manifests(after: after, limit: 2) }
            guard !page.isEmpty else { break }
            found += page.map { ManifestPlace(repository: $0.repository, digest: $0.fact.digest) }
        }
        let places = [1, 2, 3].map { ManifestPlace(repository: fixture.repository, digest: Fixture.digest($0)) }
        #expect(found == places + [0, 2].map { ManifestPlace(repository: elsewhere, digest: Fixture.digest($0)) })
    }
}
