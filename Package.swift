// swift-tools-version: 6.2
import PackageDescription

// The order of the rooms is the reading order of the house: values, contract, stores, engine, wire, ground, programs.
// What each may import is checked by Tests/ArchitectureTests, because SwiftPM does not.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let packages: [Package.Dependency] = [
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
]

let byteBuffers: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let threads: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let http1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let http2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let protocolNegotiation: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let tls: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let moreCrypto: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let commandLine: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let sqlite: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqliteInC: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")

/// Each room, by its folder in Sources, with what it needs.
let rooms: KeyValuePairs<String, [Target.Dependency]> = [
    "Model/OCI": [],
    "Model/Hashing": ["OCI", "CSHA"],
    "Model/NetworkAddress": [],
    "Model/AdminModel": ["OCI"],
    "Contract/RegistryContract": ["OCI", byteBuffers],
    "Contract/Selectors": ["OCI"],
    "Contract/Retention": ["OCI", "Selectors"],
    "Contract/Guarding": ["OCI", "Selectors"],
    "Contract/Access": ["OCI", "NetworkAddress", "Selectors"],
    "Stores/BlobStorage": ["OCI", "Hashing", byteBuffers],
    "Stores/BlobStorageFiles": ["OCI", "Hashing", "BlobStorage", byteBuffers, threads],
    "Stores/BlobStorageS3": [
        "OCI", "Hashing", "BlobStorage", "Outgoing", "AWS", "CZlib", byteBuffers, threads, crypto,
    ],
    "Stores/Metadata": ["OCI"],
    "Stores/MetadataSQLite": ["Metadata", sqlite, sqliteInC],
    "Stores/MetadataPostgreSQL": ["Metadata", "CPostgreSQL"],
    "Stores/ImageLayout": ["OCI", "Hashing", "RegistryContract", "Archives", "Documents", byteBuffers, threads],
    "Engine/Gates": ["OCI", "RegistryContract", "Guarding", "Access", "Metadata"],
    "Engine/Hosting": [
        "OCI", "Hashing", "RegistryContract", "Gates", "BlobStorage", "Metadata", byteBuffers,
    ],
    "Engine/Upkeep": ["OCI", "Hashing", "RegistryContract", "BlobStorage", "Metadata", byteBuffers, logging],
    "Engine/Events": ["Metadata"],
    "Engine/Jobs": ["Metadata", logging],
    "Engine/Auditing": ["OCI", "Access", "Metadata", crypto, logging],
    "Engine/Wrapping": ["OCI", "Hashing", "RegistryContract", "Gates", "Access", "Metadata"],
    "Engine/Transfer": ["OCI", "Hashing", "RegistryContract", "Selectors", byteBuffers, threads],
    "Engine/Imaging": [
        "OCI", "Hashing", "RegistryContract", "Transfer", "Archives", "Documents", "CLinux", byteBuffers, threads,
    ],
    "Engine/Limits": ["NetworkAddress", "Hashing", "Metadata"],
    "Engine/Identity": ["OCI", "NetworkAddress", "Selectors", "Access", "Metadata", "CLibCrypt", crypto, moreCrypto],
    "Engine/Certificates": [x509, asn1, crypto],
    "Engine/Administration": [
        "AdminModel", "OCI", "Hashing", "NetworkAddress", "Selectors", "Guarding", "Gates", "Access", "Identity",
        "Metadata", "Jobs",
    ],
    "Wire/HTTPServing": [
        "NetworkAddress", "CLinux", "Observability", byteBuffers, threads, http1, protocolNegotiation, tls, http2,
        logging,
    ],
    "Wire/Outgoing": ["NetworkAddress", byteBuffers, threads, http1, httpClient, tls, http2, logging],
    "Wire/AdminClient": ["AdminModel", "Outgoing"],
    "Wire/DistributionGrammar": ["OCI", "RegistryContract"],
    "Wire/RegistryClient": [
        "DistributionGrammar", "OCI", "Hashing", "RegistryContract", "Outgoing", "Documents", byteBuffers, logging,
    ],
    "Wire/Diagnosis": [
        "OCI", "NetworkAddress", "RegistryContract", "Outgoing", "RegistryClient", "ContainerTools", "Documents",
        "Certificates",
    ],
    "Wire/AWS": ["OCI", "NetworkAddress", "Outgoing", "RegistryClient", "Documents", crypto, moreCrypto],
    "Wire/DistributionAPI": [
        "DistributionGrammar", "OCI", "NetworkAddress", "RegistryContract", "Access", "Identity", "Limits",
        "HTTPServing", "Observability", byteBuffers, http1, logging,
    ],
    "Wire/AdminAPI": [
        "AdminModel", "Hashing", "Access", "Administration", "Identity", "Limits", "HTTPServing", "Documents",
        byteBuffers, http1, logging,
    ],
    "Ground/Documents": [yaml],
    "Ground/Archives": ["CZlib", "CZstd"],
    "Ground/ChildPrograms": ["CLinux"],
    "Ground/ContainerTools": ["Documents", "ChildPrograms", "CLinux"],
    "Ground/Settings": ["NetworkAddress", "Documents", "ChildPrograms"],
    "Ground/Observability": [logging],
    "Kit/RegistryTesting": [
        "OCI", "Hashing", "NetworkAddress", "RegistryContract", "BlobStorage", "BlobStorageFiles", "BlobStorageS3",
        "Metadata", "MetadataSQLite", "MetadataPostgreSQL", "Hosting", "Selectors", "Access", "Wrapping", "Identity",
        "Limits", "HTTPServing", "DistributionAPI", "AdminModel", "Administration", "AdminAPI", "Observability",
        "Outgoing", "RegistryClient", "AWS", "Jobs", byteBuffers, threads, http1, protocolNegotiation, tls, http2,
        logging,
    ],
    "Kit/FuzzTargets": [
        "OCI", "Hashing", "RegistryContract", "Selectors", "Retention", "DistributionGrammar", "Documents", "Outgoing",
        "RegistryClient", "Archives", "ImageLayout", "ContainerTools", byteBuffers,
    ],
]

/// The program, which connects them all.
let wharf: Target = .executableTarget(
    name: "wharf",
    dependencies: [
        "OCI", "RegistryContract", "BlobStorage", "BlobStorageFiles", "BlobStorageS3", "Metadata", "MetadataSQLite",
        "MetadataPostgreSQL", "Gates", "Hosting", "Upkeep", "Jobs", "Access", "Wrapping", "Auditing", "Events",
        "Identity",
        "Limits",
        "Certificates", "HTTPServing", "DistributionAPI",
        "AdminAPI", "Administration", "AdminModel", "AdminClient", "Outgoing", "Documents", "Settings", "Observability",
        "CLinux", "Selectors", "RegistryClient", "ImageLayout", "Transfer", "Imaging", "Archives", "ContainerTools",
        "Diagnosis", "Hashing", "Retention", "AWS", byteBuffers, threads, commandLine, logging,
    ],
    path: "Sources/Programs/wharf",
    swiftSettings: strict
)

/// What the system has, by its folder in Sources, and the package of Debian that it is developed with.
let systemLibraries: KeyValuePairs<String, String> = [
    "Model/CLibCrypto": "libssl-dev",
    "Model/CLibCrypt": "libcrypt-dev",
    "Ground/CZlib": "zlib1g-dev",
    "Ground/CZstd": "libzstd-dev",
]

/// What is written in C.
///
/// A library is linked by name: a machine need not have pkg-config, and C files link nothing by a module map.
let targetsInC: [Target] = [
    .target(
        name: "CSHA",
        dependencies: ["CLibCrypto"],
        path: "Sources/Model/CSHA",
        linkerSettings: [.linkedLibrary("crypto")]
    ),
    .target(name: "CLinux", path: "Sources/Ground/CLinux"),
    // Its header is libpq's (libpq-dev); the library is looked for when it is needed.
    .target(name: "CPostgreSQL", path: "Sources/Stores/CPostgreSQL"),
]

/// Each folder in Tests, with what it needs.
let tests: KeyValuePairs<String, [Target.Dependency]> = [
    "ArchitectureTests": [],
    "OCITests": ["OCI", "Hashing", "RegistryTesting"],
    "MetadataTests": [
        "Metadata", "MetadataSQLite", "MetadataPostgreSQL", "OCI", "RegistryTesting", sqlite, sqliteInC,
    ],
    "MetadataPostgreSQLTests": ["Metadata", "MetadataPostgreSQL", "OCI", "RegistryTesting"],
    "BlobStorageTests": ["BlobStorage", "BlobStorageFiles", "Hashing", "OCI", "RegistryTesting", byteBuffers, threads],
    "BlobStorageS3Tests": [
        "BlobStorage", "BlobStorageFiles", "BlobStorageS3", "AWS", "Hashing", "NetworkAddress", "OCI", "Outgoing",
        "RegistryTesting", byteBuffers, threads,
    ],
    "NetworkAddressTests": ["NetworkAddress"],
    "DocumentsTests": ["Documents", "RegistryTesting"],
    "ChildProgramsTests": ["ChildPrograms"],
    "SettingsTests": ["NetworkAddress", "Settings", "RegistryTesting"],
    "ObservabilityTests": ["Observability"],
    "HTTPServingTests": [
        "HTTPServing", "NetworkAddress", "Observability", "RegistryTesting", byteBuffers, threads, http1, logging,
    ],
    "DistributionGrammarTests": ["DistributionGrammar", "OCI", "RegistryContract", "FuzzTargets", "RegistryTesting"],
    "IdentityTests": [
        "Identity", "Access", "Selectors", "Metadata", "MetadataSQLite", "OCI", "RegistryTesting", crypto,
    ],
    "AdministrationTests": [
        "Administration", "AdminModel", "Identity", "Access", "Selectors", "Metadata", "OCI", "RegistryTesting",
    ],
    "AdminAPITests": [
        "AdminAPI", "AdminModel", "Administration", "Access", "Hosting", "Identity", "Metadata", "OCI",
        "RegistryContract", "RegistryTesting", http1,
    ],
    "CertificatesTests": ["Certificates", "RegistryTesting"],
    "LimitsTests": ["Limits", "Metadata", "NetworkAddress", "RegistryTesting"],
    "DistributionAPITests": [
        "DistributionAPI", "NetworkAddress", "OCI", "RegistryContract", "Gates", "Hosting", "Access", "Identity",
        "Limits",
        "Metadata", "MetadataPostgreSQL", "Wrapping", "HTTPServing", "Observability", "RegistryTesting", byteBuffers,
        http1, logging,
    ],
    "OutgoingTests": [
        "Outgoing", "HTTPServing", "NetworkAddress", "Observability", "RegistryTesting", byteBuffers, threads, http1,
        httpClient, logging,
    ],
    "EventsTests": [
        "Events", "Metadata", "MetadataPostgreSQL", "MetadataSQLite", "OCI", "RegistryContract", "RegistryTesting",
    ],
    "CollectionTests": [
        "Upkeep", "Hosting", "Metadata", "MetadataPostgreSQL", "BlobStorage", "OCI", "RegistryContract",
        "RegistryTesting", byteBuffers,
    ],
    "ScrubTests": [
        "Upkeep", "Hosting", "Metadata", "BlobStorage", "OCI", "RegistryContract", "RegistryTesting", byteBuffers,
    ],
    "QuotaTests": [
        "Upkeep", "Hosting", "Metadata", "MetadataPostgreSQL", "BlobStorage", "OCI", "RegistryContract",
        "RegistryTesting", byteBuffers,
    ],
    "JobsTests": ["Jobs", "Metadata", "RegistryTesting", logging],
    "AuditingTests": ["Auditing", "Metadata", "MetadataSQLite", "RegistryTesting", logging],
    "AccessMatrixTests": [
        "AdminAPI", "AdminModel", "Administration", "Access", "DistributionAPI", "DistributionGrammar", "HTTPServing",
        "Hosting", "Identity", "Metadata", "MetadataSQLite", "OCI", "Observability", "RegistryContract",
        "RegistryTesting", "Gates", "Wrapping", "Jobs", http1, crypto, logging,
    ],
    "RetentionTests": ["Retention", "Selectors", "OCI"],
    "GuardingTests": ["Guarding", "Selectors", "OCI"],
    "SelectorsTests": ["Selectors", "RegistryTesting"],
    "AccessTests": ["Access", "NetworkAddress", "Selectors", "OCI", "RegistryTesting"],
    "RegistryClientTests": [
        "RegistryClient", "Outgoing", "OCI", "RegistryContract", "RegistryTesting", "DistributionAPI", "HTTPServing",
        "Hosting", "Access", "Identity", "Limits", "Metadata", "NetworkAddress", "Observability", "Wrapping",
        byteBuffers, threads, http1, logging,
    ],
    "AWSTests": ["AWS", "NetworkAddress", "OCI", "Outgoing", "RegistryClient", "RegistryTesting"],
    "DiagnosisTests": [
        "Diagnosis", "Certificates", "ContainerTools", "NetworkAddress", "OCI", "Outgoing", "RegistryClient",
        "HTTPServing", "Observability", "RegistryTesting", byteBuffers, threads, http1, logging,
    ],
    "ContainerToolsTests": ["ContainerTools", "Documents", "ChildPrograms", "RegistryTesting"],
    "ArchivesTests": ["Archives", "RegistryTesting"],
    "ImageLayoutTests": [
        "ImageLayout", "Archives", "OCI", "Hashing", "RegistryContract", "RegistryTesting", byteBuffers,
    ],
    "TransferTests": ["Transfer", "OCI", "Hashing", "RegistryContract", "Selectors", "RegistryTesting", byteBuffers],
    "ImagingTests": [
        "Imaging", "Transfer", "Archives", "Documents", "OCI", "Hashing", "RegistryContract", "RegistryTesting",
        byteBuffers,
    ],
    "ContractTests": [
        "RegistryTesting", "Outgoing", "RegistryClient", "ImageLayout", "Hosting", "Access", "Wrapping",
        "RegistryContract", "BlobStorage", "BlobStorageFiles", "Metadata", "OCI",
    ],
    "WrappingTests": [
        "Wrapping", "Gates", "Access", "Metadata", "Selectors", "OCI", "RegistryContract", "RegistryTesting",
    ],
    "ProtocolTests": ["RegistryTesting", "DistributionAPI", "OCI"],
    "StorageMigrationTests": [
        "RegistryTesting", "Upkeep", "Auditing", "Metadata", "BlobStorage", "BlobStorageFiles", "BlobStorageS3", "AWS",
        "Outgoing", "RegistryContract", "OCI", threads, logging,
    ],
    "FaultTests": [
        "RegistryTesting", "AdminClient", "AdminModel", "Hosting", "Upkeep", "MetadataSQLite", "BlobStorageFiles",
    ],
    "VerbTests": ["RegistryTesting", "Archives", "Documents", "Hashing", "OCI"],
    "EndToEndTests": ["RegistryTesting", "ImageLayout", "OCI", "RegistryContract", byteBuffers],
    "CommandTests": ["RegistryTesting"],
]

/// The files of tests that are no source.
let testFiles: [String: [String]] = [
    "HTTPServingTests": ["delay_proxy.py", "http2_client.py"],
    "AdminAPITests": ["schemathesis.toml", "keep_administrator.py"],
    "OutgoingTests": ["odd_server.py"],
    "AccessMatrixTests": ["matrix.txt"],
    "AWSTests": ["cloud.py", "beside.py", "sign.py"],
    "ProtocolTests": ["requirements.txt"],
    "VerbTests": ["cutting_proxy.py"],
    "FaultTests": ["faulty_store.py"],
    "CommandTests": ["complete.py", "losing_proxy.py", "progress.py", "slow_proxy.py"],
]

/// A target has the name of its folder.
func name(_ folder: String) -> String {
    String(folder.split(separator: "/").last ?? "")
}

func testTarget(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        resources: testFiles[name]?.map { .copy($0) },
        swiftSettings: strict
    )
}

var targets = targetsInC + [wharf]
targets += systemLibraries.map { .systemLibrary(name: name($0), path: "Sources/\($0)", providers: [.apt([$1])]) }
targets += rooms.map { .target(name: name($0), dependencies: $1, path: "Sources/\($0)", swiftSettings: strict) }
targets += tests.map(testTarget)

let package = Package(
    name: "wharf",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "wharf", targets: ["wharf"]),
        // For the package in Fuzz/ alone.
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
    ],
    dependencies: packages,
    targets: targets
)
