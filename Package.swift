// swift-tools-version: 6.2
import PackageDescription

// The order of the targets is the reading order of the house: values, contract, stores, engine, wire, ground,
// programs. What each may import is checked by Tests/ArchitectureTests, because SwiftPM does not.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let byteBuffers: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let threads: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let http1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")

func room(_ name: String, in floor: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        resources: resources,
        swiftSettings: strict
    )
}

let package = Package(
    name: "wharf",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "wharf", targets: ["wharf"]),
        // For the package in Fuzz/ alone.
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        // Model
        room("OCI", in: "Model"),
        .systemLibrary(
            name: "CLibCrypto",
            path: "Sources/Model/CLibCrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CLibCrypt",
            path: "Sources/Model/CLibCrypt",
            providers: [.apt(["libcrypt-dev"])]
        ),
        // Linked by name: a machine need not have pkg-config, and C files link nothing by a module map.
        .target(
            name: "CSHA",
            dependencies: ["CLibCrypto"],
            path: "Sources/Model/CSHA",
            linkerSettings: [.linkedLibrary("crypto")]
        ),
        room("Hashing", in: "Model", ["OCI", "CSHA"]),
        room("NetworkAddress", in: "Model"),
        room("AdminModel", in: "Model"),
        // Contract
        room("RegistryContract", in: "Contract", ["OCI", byteBuffers]),
        room("Selectors", in: "Contract", ["OCI"]),
        room("Retention", in: "Contract", ["OCI", "Selectors"]),
        room("Access", in: "Contract", ["OCI", "NetworkAddress", "Selectors"]),
        // Stores
        room("BlobStorage", in: "Stores", ["OCI", "Hashing", byteBuffers]),
        room("BlobStorageFiles", in: "Stores", ["OCI", "Hashing", "BlobStorage", byteBuffers, threads]),
        room("Metadata", in: "Stores", ["OCI"]),
        room(
            "MetadataSQLite",
            in: "Stores",
            [
                "Metadata",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .systemLibrary(name: "CPostgreSQL", path: "Sources/Stores/CPostgreSQL", providers: [.apt(["libpq-dev"])]),
        room("MetadataPostgreSQL", in: "Stores", ["Metadata", "CPostgreSQL"]),
        room(
            "ImageLayout",
            in: "Stores",
            ["OCI", "Hashing", "RegistryContract", "Archives", "Documents", byteBuffers, threads]
        ),
        // Engine
        room("Hosting", in: "Engine", ["OCI", "Hashing", "RegistryContract", "BlobStorage", "Metadata", byteBuffers]),
        room(
            "Upkeep",
            in: "Engine",
            [
                "OCI", "Hashing", "RegistryContract", "BlobStorage", "Metadata", byteBuffers,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room(
            "Auditing",
            in: "Engine",
            [
                "OCI", "Access", "Metadata",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room("Wrapping", in: "Engine", ["OCI", "Hashing", "RegistryContract", "Access", "Metadata"]),
        room("Transfer", in: "Engine", ["OCI", "Hashing", "RegistryContract", "Selectors", byteBuffers, threads]),
        room(
            "Imaging",
            in: "Engine",
            ["OCI", "Hashing", "RegistryContract", "Transfer", "Archives", "Documents", "CLinux", byteBuffers, threads]
        ),
        room("Limits", in: "Engine", ["NetworkAddress"]),
        room(
            "Identity",
            in: "Engine",
            [
                "OCI", "NetworkAddress", "Selectors", "Access", "Metadata", "CLibCrypt",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]
        ),
        room(
            "Certificates",
            in: "Engine",
            [
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        room(
            "Administration",
            in: "Engine",
            ["AdminModel", "OCI", "Hashing", "NetworkAddress", "Selectors", "Access", "Identity", "Metadata"]
        ),
        // Wire
        room(
            "HTTPServing",
            in: "Wire",
            [
                "NetworkAddress", "CLinux", "Observability", byteBuffers, threads, http1,
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room(
            "Outgoing",
            in: "Wire",
            [
                "NetworkAddress", byteBuffers, threads, http1,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room("AdminClient", in: "Wire", ["AdminModel", "Outgoing"]),
        room("DistributionGrammar", in: "Wire", ["OCI", "RegistryContract"]),
        room(
            "RegistryClient",
            in: "Wire",
            [
                "DistributionGrammar", "OCI", "Hashing", "RegistryContract", "Outgoing", "Documents", byteBuffers,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room(
            "Diagnosis",
            in: "Wire",
            [
                "OCI", "NetworkAddress", "RegistryContract", "Outgoing", "RegistryClient", "ContainerTools",
                "Documents",
                "Certificates",
            ]
        ),
        room(
            "AWS",
            in: "Wire",
            [
                "OCI", "NetworkAddress", "Outgoing", "RegistryClient", "Documents",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        room(
            "DistributionAPI",
            in: "Wire",
            [
                "DistributionGrammar", "OCI", "NetworkAddress", "RegistryContract", "Access", "Identity", "Limits",
                "HTTPServing", "Observability",
                byteBuffers, http1,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room(
            "AdminAPI",
            in: "Wire",
            [
                "AdminModel", "Hashing", "Access", "Administration", "Identity", "Limits", "HTTPServing", "Documents",
                byteBuffers, http1,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // Ground
        .target(name: "CLinux", path: "Sources/Ground/CLinux"),
        room("Documents", in: "Ground", [.product(name: "Yams", package: "Yams")]),
        .systemLibrary(name: "CZlib", path: "Sources/Ground/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", path: "Sources/Ground/CZstd", providers: [.apt(["libzstd-dev"])]),
        room("Archives", in: "Ground", ["CZlib", "CZstd"]),
        room("ChildPrograms", in: "Ground", ["CLinux"]),
        room("ContainerTools", in: "Ground", ["Documents", "ChildPrograms", "CLinux"]),
        room("Settings", in: "Ground", ["NetworkAddress", "Documents", "ChildPrograms"]),
        room("Observability", in: "Ground", [.product(name: "Logging", package: "swift-log")]),
        // Programs
        .executableTarget(
            name: "wharf",
            dependencies: [
                "OCI", "RegistryContract", "BlobStorage", "BlobStorageFiles", "Metadata", "MetadataSQLite", "Hosting",
                "Upkeep", "Access", "Wrapping", "Auditing", "Identity", "Limits", "Certificates", "HTTPServing",
                "DistributionAPI", "AdminAPI", "Administration", "AdminModel", "AdminClient", "Outgoing", "Documents",
                "Settings", "Observability", "CLinux", "Selectors", "RegistryClient", "ImageLayout", "Transfer",
                "Imaging",
                "Archives", "ContainerTools", "Diagnosis", "Hashing", "Retention", "AWS", byteBuffers, threads,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Programs/wharf",
            swiftSettings: strict
        ),
        // Kit
        room(
            "RegistryTesting",
            in: "Kit",
            [
                "OCI", "Hashing", "NetworkAddress", "RegistryContract", "BlobStorage", "BlobStorageFiles", "Metadata",
                "MetadataSQLite",
                "Hosting", "Selectors", "Access", "Wrapping", "Identity", "Limits", "HTTPServing", "DistributionAPI",
                "AdminModel", "Administration", "AdminAPI", "Observability", "Outgoing", "RegistryClient",
                byteBuffers, threads, http1,
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room(
            "FuzzTargets",
            in: "Kit",
            [
                "OCI", "Hashing", "RegistryContract", "Selectors", "Retention", "DistributionGrammar", "Documents",
                "Outgoing", "RegistryClient", "Archives", "ImageLayout", "ContainerTools", byteBuffers,
            ]
        ),
        tests("ArchitectureTests", []),
        tests("OCITests", ["OCI", "Hashing", "RegistryTesting"]),
        tests(
            "MetadataTests",
            [
                "Metadata", "MetadataSQLite", "MetadataPostgreSQL", "OCI", "RegistryTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        tests("MetadataPostgreSQLTests", ["Metadata", "MetadataPostgreSQL", "OCI", "RegistryTesting"]),
        tests(
            "BlobStorageTests",
            [
                "BlobStorage", "BlobStorageFiles", "Hashing", "OCI", "RegistryTesting", byteBuffers, threads,
            ]
        ),
        tests("NetworkAddressTests", ["NetworkAddress"]),
        tests("DocumentsTests", ["Documents", "RegistryTesting"]),
        tests("ChildProgramsTests", ["ChildPrograms"]),
        tests("SettingsTests", ["NetworkAddress", "Settings", "RegistryTesting"]),
        tests("ObservabilityTests", ["Observability"]),
        tests(
            "HTTPServingTests",
            [
                "HTTPServing", "NetworkAddress", "Observability", "RegistryTesting", byteBuffers, threads, http1,
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("delay_proxy.py"), .copy("http2_client.py")]
        ),
        tests(
            "DistributionGrammarTests",
            ["DistributionGrammar", "OCI", "RegistryContract", "FuzzTargets", "RegistryTesting"]
        ),
        tests(
            "IdentityTests",
            [
                "Identity", "Access", "Selectors", "Metadata", "MetadataSQLite", "OCI", "RegistryTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        tests(
            "AdministrationTests",
            [
                "Administration", "AdminModel", "Identity", "Access", "Selectors", "Metadata", "OCI", "RegistryTesting",
            ]
        ),
        tests(
            "AdminAPITests",
            ["AdminAPI", "AdminModel", "Administration", "Identity", "Metadata", "RegistryTesting", http1],
            resources: [.copy("schemathesis.toml"), .copy("keep_administrator.py")]
        ),
        tests("CertificatesTests", ["Certificates", "RegistryTesting"]),
        tests("LimitsTests", ["Limits", "NetworkAddress", "RegistryTesting"]),
        tests(
            "DistributionAPITests",
            [
                "DistributionAPI", "NetworkAddress", "OCI", "RegistryContract", "Hosting", "Access", "Identity",
                "Limits",
                "Metadata", "Wrapping",
                "HTTPServing", "Observability", "RegistryTesting", byteBuffers, http1,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests(
            "OutgoingTests",
            [
                "Outgoing", "HTTPServing", "NetworkAddress", "Observability", "RegistryTesting", byteBuffers, threads,
                http1,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("odd_server.py")]
        ),
        tests(
            "AuditingTests",
            [
                "Auditing", "Metadata", "MetadataSQLite", "RegistryTesting",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests(
            "AccessMatrixTests",
            [
                "AdminAPI", "AdminModel", "Administration", "Access", "DistributionAPI", "DistributionGrammar",
                "HTTPServing",
                "Hosting", "Identity", "Metadata", "MetadataSQLite", "OCI", "Observability", "RegistryContract",
                "RegistryTesting", "Wrapping", http1,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("matrix.txt")]
        ),
        tests("RetentionTests", ["Retention", "Selectors", "OCI"]),
        tests("SelectorsTests", ["Selectors", "RegistryTesting"]),
        tests("AccessTests", ["Access", "NetworkAddress", "Selectors", "OCI", "RegistryTesting"]),
        tests(
            "RegistryClientTests",
            [
                "RegistryClient", "Outgoing", "OCI", "RegistryContract", "RegistryTesting", "DistributionAPI",
                "HTTPServing", "Hosting", "Access", "Identity", "Limits", "Metadata", "NetworkAddress", "Observability",
                "Wrapping", byteBuffers, threads, http1,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests(
            "AWSTests",
            ["AWS", "NetworkAddress", "OCI", "Outgoing", "RegistryClient", "RegistryTesting"],
            resources: [.copy("cloud.py"), .copy("beside.py"), .copy("sign.py")]
        ),
        tests(
            "DiagnosisTests",
            [
                "Diagnosis", "Certificates", "ContainerTools", "NetworkAddress", "OCI", "Outgoing", "RegistryClient",
                "HTTPServing", "Observability",
                "RegistryTesting", byteBuffers, threads, http1,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests("ContainerToolsTests", ["ContainerTools", "Documents", "ChildPrograms", "RegistryTesting"]),
        tests("ArchivesTests", ["Archives", "RegistryTesting"]),
        tests(
            "ImageLayoutTests",
            ["ImageLayout", "Archives", "OCI", "Hashing", "RegistryContract", "RegistryTesting", byteBuffers]
        ),
        tests(
            "TransferTests",
            ["Transfer", "OCI", "Hashing", "RegistryContract", "Selectors", "RegistryTesting", byteBuffers]
        ),
        tests(
            "ImagingTests",
            [
                "Imaging", "Transfer", "Archives", "Documents", "OCI", "Hashing", "RegistryContract", "RegistryTesting",
                byteBuffers,
            ]
        ),
        tests(
            "ContractTests",
            [
                "RegistryTesting", "Outgoing", "RegistryClient", "ImageLayout", "Hosting", "Access", "Wrapping",
                "RegistryContract", "BlobStorage",
                "BlobStorageFiles",
            ]
        ),
        tests(
            "WrappingTests",
            ["Wrapping", "Access", "Metadata", "Selectors", "OCI", "RegistryContract", "RegistryTesting"]
        ),
        tests("ProtocolTests", ["RegistryTesting", "DistributionAPI", "OCI"], resources: [.copy("requirements.txt")]),
        tests("FaultTests", ["RegistryTesting", "Hosting", "Upkeep", "MetadataSQLite", "BlobStorageFiles"]),
        tests(
            "VerbTests",
            ["RegistryTesting", "Archives", "Documents", "Hashing", "OCI"],
            resources: [.copy("cutting_proxy.py"), .copy("interrupted_terminal.py")]
        ),
        tests(
            "EndToEndTests",
            ["RegistryTesting", "ImageLayout", "OCI", "RegistryContract", byteBuffers]
        ),
        tests(
            "CommandTests",
            ["RegistryTesting"],
            resources: [
                .copy("complete.py"), .copy("losing_proxy.py"), .copy("progress.py"), .copy("slow_proxy.py"),
                .copy("terminal.py"),
            ]
        ),
    ]
)
