import ArgumentParser
import Foundation
import ImageLayout
import OCI

/// A file or folder with images that was named by its path alone.
enum ImageFile {
    /// What kind of images lie at a path; nil where it is no such file, but some other one, or nothing.
    static func location(at path: String) -> ImageLocation? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        if isFolder.boolValue {
            return FileManager.default.fileExists(atPath: "\(path)/oci-layout") ? .layout(path: path, nil) : nil
        }
        // Both kinds of archive are told apart when they are opened.
        let isArchive = [".tar", ".tar.gz", ".tgz", ".tar.zst"].contains { path.hasSuffix($0) }
        return isArchive ? .dockerArchive(path: path, nil) : nil
    }

    /// Where images are that were named by a location, or by the path of a file or folder.
    static func typed(_ text: String) throws -> ImageLocation {
        try location(at: text) ?? Typed.location(text)
    }
}
