// swift-tools-version: 6.2
import PackageDescription

// A package of its own, without dependencies: the client shares no code with the server that it measures, and what
// it needs never reaches the product.
let package = Package(
    name: "Benchmarks",
    targets: [
        .systemLibrary(name: "CLibCrypto", providers: [.apt(["libssl-dev"])]),
        .executableTarget(
            name: "wharf-benchmark",
            dependencies: ["CLibCrypto"],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ]
        ),
    ]
)
