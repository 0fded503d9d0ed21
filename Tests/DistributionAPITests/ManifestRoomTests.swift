import RegistryContract
import Testing

@testable import DistributionAPI

@Suite struct ManifestRoomTests {
    @Test func `manifests share the room, and who comes too late is told to come again`() throws {
        let room = ManifestRoom(byteCount: 10)
        let first = room.share()
        try first.take(4)
        try first.take(4)
        let second = room.share()
        #expect(throws: RegistryError.self) { try second.take(3) }
        try second.take(2)
        withExtendedLifetime((first, second)) {}
    }

    @Test func `the room of a manifest is free when its push has ended`() throws {
        let room = ManifestRoom(byteCount: 10)
        for _ in 0..<3 {
            let share = room.share()
            try share.take(10)
            #expect(throws: RegistryError.self) { try share.take(1) }
        }
    }
}
