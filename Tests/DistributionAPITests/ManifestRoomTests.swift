import RegistryContract
import Testing

@testable import DistributionAPI

@Suite struct ManifestRoomTests {
    @Test func `manifests share the room, and who comes too late is told to come again`() throws {
        let room = ManifestRoom(byteCount: 10)
        let first = room.share()
        try first.take(ManifestRoom.freeByteCount + 4)
        try first.take(4)
        let second = room.share()
        try second.take(ManifestRoom.freeByteCount)
        #expect(throws: RegistryError.self) { try second.take(3) }
        try second.take(2)
        withExtendedLifetime((first, second)) {}
    }

    @Test func `who sends a large one slowly keeps nobody from sending a usual one`() throws {
        let room = ManifestRoom(byteCount: 10)
        let slow = room.share()
        try slow.take(ManifestRoom.freeByteCount + 10)
        for _ in 0..<100 { try room.share().take(ManifestRoom.freeByteCount) }
        withExtendedLifetime(slow) {}
    }

    @Test func `the room of a manifest is free when its push has ended`() throws {
        let room = ManifestRoom(byteCount: 10)
        for _ in 0..<3 {
            let share = room.share()
            try share.take(ManifestRoom.freeByteCount + 10)
            #expect(throws: RegistryError.self) { try share.take(1) }
        }
    }
}
