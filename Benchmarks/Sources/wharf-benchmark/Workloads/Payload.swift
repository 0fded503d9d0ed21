import Glibc

/// What is pushed and pulled: a file of 1 GiB of noise, parts of it, and small images; the same in every run.
final class Payload {
    static let largeSize = 1 << 30
    static let mediumSize = 256 << 20
    static let smallSize = 4 << 10
    static let layerCount = 12

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
        for layer in 0..<Self.layerCount {
            // What does not begin as gzip does, some tools compress on the way.
            words[layer * Self.layerStep / 8] = 0x0008_8B1F
        }
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

    /// The bytes from one layer of the large image to the next.
    private static let layerStep = largeSize / layerCount & ~4095

    /// An image of so many bytes in twelve layers, which look compressed.
    func largeImage(byteCount: Int) -> Image {
        let size = min(byteCount / Self.layerCount, Self.layerStep)
        let layers = (0..<Self.layerCount).map { slice(offset: $0 * Self.layerStep, count: size) }
        return Image(layers: layers, number: 0, layerMediaType: Blob.compressedLayerMediaType)
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

/// An image of some layers.
struct Image {
    let layers: [Blob]
    let config: Blob
    let manifest: Blob

    init(layers: [Blob], number: Int, layerMediaType: String) {
        self.layers = layers
        let digests = layers.map { "\"\($0.digest)\"" }.joined(separator: ",")
        config = Blob(
            #"{"architecture":"amd64","os":"linux","config":{"Labels":{"number":"\#(number)"}},"#
                + #""rootfs":{"type":"layers","diff_ids":[\#(digests)]}}"#
        )
        manifest = Blob.manifest(config: config, layers: layers, layerMediaType: layerMediaType)
    }

    /// An image of one layer.
    init(layer: Blob, number: Int) {
        self.init(layers: [layer], number: number, layerMediaType: Blob.layerMediaType)
    }

    /// The requests that push it: two for each blob, and one.
    func push(to repository: String, tag: String) -> [Step] {
        (layers + [config]).flatMap { Step.push($0, to: repository) }
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
