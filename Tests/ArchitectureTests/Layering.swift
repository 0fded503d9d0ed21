/// Who may import whom: the table of Documentation/ARCHITECTURE.md as a check on the import lines.
///
/// SwiftPM refuses only what is outside a target's transitive dependencies, so that a forbidden way through a lower
/// room compiles. This is the rule that holds.
enum Layering {
    /// Each room, and which of our modules it may import; a folder inside a room can be held shorter.
    static let rooms: [String: Set<String>] = [
        "Model/OCI": [],
        "Model/CLibCrypto": [],
        "Model/CLibCrypt": [],
        "Model/CSHA": [],
        "Model/Hashing": ["OCI", "CSHA"],
        "Model/NetworkAddress": [],
        "Model/AdminModel": ["OCI"],
        "Contract/RegistryContract": ["OCI"],
        "Contract/Selectors": ["OCI"],
        "Contract/Retention": ["OCI", "Selectors"],
        "Contract/Guarding": ["OCI", "Selectors"],
        "Contract/Access": ["OCI", "NetworkAddress", "Selectors"],
        "Stores/BlobStorage": ["OCI", "Hashing"],
        "Stores/BlobStorageFiles": ["OCI", "Hashing", "BlobStorage"],
        "Stores/BlobStorageS3": ["OCI", "Hashing", "BlobStorage", "Outgoing", "AWS", "CZlib"],
        "Stores/Metadata": ["OCI"],
        "Stores/MetadataSQLite": ["Metadata"],
        "Stores/CPostgreSQL": [],
        "Stores/MetadataPostgreSQL": ["Metadata", "CPostgreSQL"],
        "Stores/ImageLayout": ["OCI", "Hashing", "RegistryContract", "Archives", "Documents"],
        "Engine/Gates": ["OCI", "RegistryContract", "Guarding", "Access", "Metadata"],
        "Engine/Hosting": ["OCI", "Hashing", "RegistryContract", "Gates", "BlobStorage", "Metadata"],
        "Engine/Upkeep": ["OCI", "Hashing", "RegistryContract", "BlobStorage", "Metadata"],
        "Engine/Events": ["Metadata"],
        "Engine/Jobs": ["Metadata"],
        "Engine/Auditing": ["OCI", "Access", "Metadata"],
        "Engine/Wrapping": ["OCI", "Hashing", "RegistryContract", "Gates", "Access", "Metadata"],
        "Engine/Transfer": ["OCI", "Hashing", "RegistryContract", "Selectors"],
        "Engine/Imaging": ["OCI", "Hashing", "RegistryContract", "Transfer", "Archives", "Documents", "CLinux"],
        "Engine/Certificates": [],
        "Engine/Limits": ["NetworkAddress", "Hashing", "Metadata"],
        "Engine/Identity": ["OCI", "NetworkAddress", "Selectors", "Access", "Metadata", "CLibCrypt"],
        "Engine/Administration": [
            "AdminModel", "OCI", "Hashing", "NetworkAddress", "Selectors", "Guarding", "Gates", "Access", "Identity",
            "Metadata", "Jobs",
        ],
        "Wire/AdminAPI": [
            "AdminModel", "Hashing", "Access", "Administration", "Identity", "Limits", "HTTPServing",
            "Documents",
        ],
        "Wire/HTTPServing": ["NetworkAddress", "Observability", "CLinux"],
        "Wire/Outgoing": ["NetworkAddress"],
        "Wire/AdminClient": ["AdminModel", "Outgoing"],
        "Wire/RegistryClient": ["DistributionGrammar", "OCI", "Hashing", "RegistryContract", "Outgoing", "Documents"],
        "Wire/Diagnosis": [
            "OCI", "NetworkAddress", "RegistryContract", "Outgoing", "RegistryClient", "ContainerTools", "Documents",
            "Certificates",
        ],
        "Wire/AWS": ["OCI", "NetworkAddress", "Outgoing", "RegistryClient", "Documents"],
        "Wire/DistributionGrammar": ["OCI", "RegistryContract"],
        "Wire/DistributionAPI": [
            "DistributionGrammar", "OCI", "NetworkAddress", "RegistryContract", "Access", "Identity", "Limits",
            "HTTPServing", "Observability",
        ],
        "Ground/CLinux": [],
        "Ground/CZlib": [],
        "Ground/CZstd": [],
        "Ground/Archives": ["CZlib", "CZstd"],
        "Ground/ContainerTools": ["Documents", "ChildPrograms", "CLinux"],
        "Ground/ChildPrograms": ["CLinux"],
        "Ground/Documents": [],
        "Ground/Settings": ["NetworkAddress", "Documents", "ChildPrograms"],
        "Ground/Observability": [],
        // A command reads its options and calls what Serve/Wiring has put together; it connects nothing itself.
        "Programs/wharf/Commands": [
            "OCI", "CLinux", "Settings", "Upkeep", "Certificates", "AdminModel", "AdminClient", "Outgoing", "Documents",
            "Identity", "RegistryContract", "RegistryClient", "ImageLayout", "Transfer", "Imaging", "Archives",
            "ContainerTools", "Selectors", "Hashing", "Retention", "Diagnosis", "AWS",
        ],
        "Programs/wharf": all.subtracting([
            "RegistryTesting", "CLibCrypto", "CLibCrypt", "CSHA", "CZlib", "CZstd", "CPostgreSQL",
        ]),
        "Kit/RegistryTesting": all.subtracting(["wharf"]),
        "Kit/FuzzTargets": [
            "OCI", "Hashing", "RegistryContract", "Selectors", "Retention", "DistributionGrammar", "Documents",
            "Outgoing", "RegistryClient", "Archives", "ImageLayout", "ContainerTools",
        ],
    ]

    /// Modules of other packages, and the rooms that may import them.
    static let outside: [String: Set<String>] = [
        "AsyncHTTPClient": ["Outgoing"],
        "GRDB": ["MetadataSQLite"],
        "GRDBSQLite": ["MetadataSQLite"],
        "NIOHTTP1": http,
        "NIOHTTP2": http,
        "NIOHPACK": http,
        "NIOSSL": http,
        "NIOTLS": http,
        "NIOCore": http.union([
            "RegistryContract", "BlobStorage", "BlobStorageFiles", "BlobStorageS3", "Hosting", "Upkeep",
            "MetadataSQLite", "wharf", "ImageLayout", "Transfer", "Imaging", "RegistryClient", "FuzzTargets",
        ]),
        "NIOPosix": [
            "BlobStorageFiles", "BlobStorageS3", "MetadataSQLite", "HTTPServing", "Outgoing", "RegistryTesting",
            "wharf", "ImageLayout", "Transfer", "Imaging",
        ],
        "NIOConcurrencyHelpers": http,
        "NIOEmbedded": ["RegistryTesting"],
        "Crypto": ["AWS", "Auditing", "BlobStorageS3", "Certificates", "Identity"],
        "CryptoExtras": ["AWS", "Identity"],
        "SwiftASN1": ["Certificates"],
        "X509": ["Certificates"],
        "ArgumentParser": ["wharf"],
        "Yams": ["Documents"],
        "Logging": http.union(["Auditing", "Hosting", "Jobs", "RegistryClient", "Upkeep", "Observability", "wharf"]),
    ]

    /// What comes with the toolchain and the system.
    static let system: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing",
    ]

    private static let http: Set<String> = [
        "HTTPServing", "Outgoing", "DistributionAPI", "AdminAPI", "RegistryTesting",
    ]
    private static let all: Set<String> = [
        "OCI", "CLibCrypto", "CLibCrypt", "CSHA", "Hashing", "NetworkAddress", "AdminModel", "RegistryContract",
        "Selectors", "Guarding", "Access", "BlobStorage", "BlobStorageFiles", "BlobStorageS3", "Metadata",
        "MetadataSQLite", "Gates", "Hosting", "Upkeep", "Events", "Jobs", "Auditing", "Wrapping", "Limits", "Identity",
        "Certificates",
        "Administration",
        "HTTPServing", "Outgoing", "DistributionGrammar", "DistributionAPI", "AdminAPI", "AdminClient", "CLinux",
        "Documents", "Settings", "Observability", "wharf", "RegistryTesting", "Transfer", "Imaging", "ImageLayout",
        "RegistryClient", "Retention", "CZlib", "CZstd", "Archives", "ContainerTools", "ChildPrograms", "AWS",
        "Diagnosis", "CPostgreSQL", "MetadataPostgreSQL",
    ]

    /// The imports of a file that its room does not allow.
    static func findings(in file: SourceFile) -> [Finding] {
        let path = file.path.split(separator: "/")
        guard path.count > 3,
            let allowed = rooms[path[1...3].joined(separator: "/")] ?? rooms[path[1...2].joined(separator: "/")]
        else {
            return [Finding(path: file.path, line: 1, message: "this folder is not in the table of rooms")]
        }
        let room = String(path[2])
        return file.codeLines.enumerated().compactMap { index, line in
            guard let module = importedModule(line) else { return nil }
            if module == room || allowed.contains(module) || system.contains(module) { return nil }
            if outside[module]?.contains(room) == true { return nil }
            return Finding(path: file.path, line: index + 1, message: "\(room) may not import \(module)")
        }
    }

    /// The module that an import line names, whatever stands before and behind it.
    static func importedModule(_ line: some StringProtocol) -> String? {
        guard line.contains("import") else { return nil }
        let pattern =
            #/
            ^ \s* (?: @\w+ (?: \( [^)]* \) )? \s+ )*
            (?: (?: public | package | internal | private | fileprivate ) \s+ )?
            import \s+ (?: (?: struct | class | enum | protocol | func | typealias | let | var | actor ) \s+ )?
            (\w+)
            /#
        return String(line).firstMatch(of: pattern).map { String($0.1) }
    }
}
