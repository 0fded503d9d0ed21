// swift-tools-version: 6.2
import PackageDescription

// A package of its own, because everything in it is compiled for libFuzzer. `Fuzz/run` gives the flags; without them
// it does not link, since libFuzzer brings the program's `main`.
let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "wharf", path: "..")],
    targets: [
        .executableTarget(
            name: "wharf-fuzz",
            dependencies: [.product(name: "FuzzTargets", package: "wharf")],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ]
        )
    ]
)
