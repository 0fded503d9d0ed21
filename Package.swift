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
        // Linked by name: a machine need not have pkg-config, and C files link nothing by a module map.
        .target(
            name: "CSHA",
            dependencies: ["CLibCrypto"],
            path: "Sources/Model/CSHA",
            linkerSettings: [.linkedLibrary("crypto")]
        ),
        room("Hashing", in: "Model", ["OCI", "CSHA"]),
        // Contract
        room("RegistryContract", in: "Contract", ["OCI", byteBuffers]),
        room("Selectors", in: "Contract", ["OCI"]),
        room("Access", in: "Contract", ["OCI", "Selectors"]),
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
        room("Wrapping", in: "Engine", ["OCI", "Hashing", "RegistryContract", "Access"]),
        room(
            "Identity",
            in: "Engine",
            [
                "OCI", "Selectors", "Access", "Metadata",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]
        ),
        // Wire
        room(
            "HTTPServing",
            in: "Wire",
            [
                "CLinux", "Observability", byteBuffers, threads, http1,
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room("DistributionGrammar", in: "Wire", ["OCI", "RegistryContract"]),
        room(
            "DistributionAPI",
            in: "Wire",
            [
                "DistributionGrammar", "OCI", "RegistryContract", "Access", "Identity", "HTTPServing", "Observability",
                byteBuffers, http1,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // Ground
        .target(name: "CLinux", path: "Sources/Ground/CLinux"),
        room("Settings", in: "Ground", [.product(name: "Yams", package: "Yams")]),
        room("Observability", in: "Ground", [.product(name: "Logging", package: "swift-log")]),
        // Programs
        .executableTarget(
            name: "wharf",
            dependencies: [
                "OCI", "RegistryContract", "BlobStorage", "BlobStorageFiles", "Metadata", "MetadataSQLite", "Hosting",
                "Upkeep", "Access", "Wrapping", "Identity", "HTTPServing", "DistributionAPI", "Settings",
                "Observability", "CLinux", threads,
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
                "OCI", "Hashing", "RegistryContract", "BlobStorage", "BlobStorageFiles", "Metadata", "MetadataSQLite",
                "Hosting", "Selectors", "Access", "Wrapping", "Identity", "HTTPServing", "DistributionAPI",
                "Observability",
                byteBuffers, threads, http1,
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room("FuzzTargets", in: "Kit", ["OCI", "Hashing", "RegistryContract", "DistributionGrammar"]),
        tests("ArchitectureTests", []),
        tests("OCITests", ["OCI", "Hashing", "RegistryTesting"]),
        tests(
            "MetadataTests",
            [
                "Metadata", "MetadataSQLite", "OCI", "RegistryTesting", .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        tests(
            "BlobStorageTests",
            [
                "BlobStorage", "BlobStorageFiles", "Hashing", "OCI", "RegistryTesting", byteBuffers, threads,
            ]
        ),
        tests("SettingsTests", ["Settings"]),
        tests("ObservabilityTests", ["Observability"]),
        tests(
            "HTTPServingTests",
            [
                "HTTPServing", "Observability", "RegistryTesting", byteBuffers, threads, http1,
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
            "DistributionAPITests",
            [
                "DistributionAPI", "OCI", "RegistryContract", "Hosting", "Access", "Identity", "Metadata", "Wrapping",
                "HTTPServing", "Observability", "RegistryTesting", byteBuffers, http1,
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests("SelectorsTests", ["Selectors", "RegistryTesting"]),
        tests("AccessTests", ["Access", "Selectors", "OCI", "RegistryTesting"]),
        tests(
            "ContractTests",
            [
                "RegistryTesting", "Hosting", "Access", "Wrapping", "RegistryContract", "BlobStorage",
                "BlobStorageFiles",
            ]
        ),
        tests("WrappingTests", ["Wrapping", "Access", "Selectors", "OCI", "RegistryContract", "RegistryTesting"]),
        tests("ProtocolTests", ["RegistryTesting", "DistributionAPI", "OCI"], resources: [.copy("requirements.txt")]),
        tests("FaultTests", ["RegistryTesting", "Hosting", "Upkeep", "MetadataSQLite", "BlobStorageFiles"]),
        tests("EndToEndTests", ["RegistryTesting"]),
    ]
)
