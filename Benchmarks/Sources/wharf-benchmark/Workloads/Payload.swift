import Glibc

/// What is pushed and pulled: a file of 1 GiB of noise, parts of it, and small images; the same in every run.
final class Payload {
    static let largeSize = 1 << 30
    static let mediumSize = 256 << 20
    static let smallSize = 4 << 10

    let path: String
    private let descriptor: Int32
    private let bytes: UnsafeRawBufferPointer
    private var mediumBlobs: [Blob] = []

    init(folder: String) throws {
        path = folder + "/large"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0, ftruncate(descriptor, Self.largeSize) == 0 else { throw Failure.system(path) }
        let memory = mmap(nil, Self.largeSize, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory, memory != MAP_FAILED else { throw Failure.system("mmap") }
        let words = UnsafeMutableRawBufferPointer(start: memory, count: Self.largeSize).bindMemory(to: UInt64.self)
        var noise = Noise()
        for index in words.indices { words[index] = noise.next() }
        bytes = UnsafeRawBufferPointer(words)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        close(descriptor)
    }

    /// The whole file.
    lazy var large = slice(offset: 0, count: Payload.largeSize)

    /// 4 KiB of it.
    lazy var small = Blob(Array(bytes[..<Payload.smallSize]))

    /// Different overlapping parts of 256 MiB.
    func medium(_ count: Int) -> [Blob] {
        let step = (Self.largeSize - Self.mediumSize) / count & ~4095
        while mediumBlobs.count < count {
            mediumBlobs.append(slice(offset: mediumBlobs.count * step, count: Self.mediumSize))
        }
        return mediumBlobs
    }

    /// Images of a layer of 4 KiB, a configuration and a manifest, none like another.
    func images(_ count: Int) -> [Image] {
        (0..<count).map { number in
            let start = (number + 1) * Self.smallSize
            return Image(layer: Blob(Array(bytes[start..<start + Self.smallSize])), number: number)
        }
    }

    private func slice(offset: Int, count: Int) -> Blob {
        let file = FileSlice(descriptor: descriptor, offset: offset, count: count)
        return Blob(file, bytes: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
    }
}

/// An image of one layer.
struct Image {
    let layer: Blob
    let config: Blob
    let manifest: Blob

    init(layer: Blob, number: Int) {
        self.layer = layer
        config = Blob(
            #"{"architecture":"amd64","os":"linux","config":{"Labels":{"number":"\#(number)"}},"#
                + #""rootfs":{"type":"layers","diff_ids":["\#(layer.digest)"]}}"#
        )
        manifest = Blob.manifest(config: config, layer: layer)
    }

    /// The five requests that push it.
    func push(to repository: String, tag: String) -> [Step] {
        Step.push(layer, to: repository) + Step.push(config, to: repository)
            + [.putManifest(repository: repository, reference: tag, manifest)]
    }
}

/// xorshift64*: noise that no file system compresses, the same each time.
private struct Noise {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
