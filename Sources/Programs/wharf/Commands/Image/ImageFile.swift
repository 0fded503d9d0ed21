import ArgumentParser
import Foundation
import ImageLayout
import OCI
import RegistryContract

/// A file or folder with images that was named by its path alone.
enum ImageFile {
    /// How the names of archives end.
    private static let endings = [".tar", ".tar.gz", ".tgz", ".tar.zst"]
    /// What a location begins with that says what it is.
    private static let schemes = ["oci:", "oci-archive:", "docker-archive:", "docker://"]

    /// Where images are that were named by a location, or by the path of a file or folder.
    ///
    /// Throws where it can only be a path, and there is nothing, or something else.
    static func typed(_ text: String) throws -> ImageLocation {
        guard !schemes.contains(where: text.hasPrefix) else { return try Typed.location(text) }
        if let found = try location(at: text) { return found }
        guard !isOnlyPath(text) else {
            throw RegistryError(
                .nameUnknown,
                "There is no file or layout \(text). From one registry to another, images are brought by `wharf copy`."
            )
        }
        return try Typed.location(text)
    }

    /// What kind of images lie at a path; nil where nothing lies there.
    private static func location(at path: String) throws -> ImageLocation? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        if isFolder.boolValue {
            guard FileManager.default.fileExists(atPath: "\(path)/oci-layout") else {
                throw Failure(
                    description: "\(path) is a folder and no OCI layout: it has no file oci-layout. "
                        + advice(for: path)
                )
            }
            return .layout(path: path, nil)
        }
        // Both kinds of archive are told apart when they are opened.
        guard endings.contains(where: path.hasSuffix) else {
            throw Failure(
                description: "\(path) is no archive of images, whose name ends with .tar, .tar.gz, .tgz or .tar.zst "
                    + "(one of another name is written docker-archive:\(path)). \(advice(for: path))"
            )
        }
        return .dockerArchive(path: path, nil)
    }

    private static func advice(for path: String) -> String {
        "As an artifact it is brought by `wharf push \(path) TARGET --artifact-type TYPE`."
    }

    /// Whether it names no image of a registry that anybody would mean: a path, an archive, or a word without registry,
    /// tag and digest.
    private static func isOnlyPath(_ text: String) -> Bool {
        if ["/", "./", "../", "~"].contains(where: text.hasPrefix) { return true }
        guard let image = try? ImageReference(text) else { return !text.contains(":") && !text.contains("@") }
        guard image.tag == nil, image.digest == nil else { return false }
        let isTyped = text.hasPrefix("\(image.registry)/")
        return endings.contains(where: text.hasSuffix) || (image.registry == .dockerHub && !isTyped)
    }
}
