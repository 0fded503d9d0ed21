import Metadata

/// A blob whose stored bytes are not what the facts say: a fault of the disk, or of somebody who went to the files.
struct DamagedBlob: Error, CustomStringConvertible {
    let blob: BlobFact
    /// What is wrong with the bytes.
    let problem: String

    /// What is wrong and what to do, for the log.
    var description: String {
        "blob \(blob.digest) (key \(blob.key)) is damaged: \(problem). `wharf storage verify` tells more; "
            + "a push of the same blob mends it"
    }
}
