import Foundation

/// The uploads in progress of a data folder, seen from outside.
struct UploadFolder {
    private let path: String

    init(_ data: String) {
        path = data + "/blobs/uploads"
    }

    /// The size of the largest one, in bytes; 0 when there is none.
    var largest: Int {
        let files = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
        let sizes = files.map { file in
            (try? FileManager.default.attributesOfItem(atPath: "\(path)/\(file)"))?[.size] as? Int ?? 0
        }
        return sizes.max() ?? 0
    }
}
