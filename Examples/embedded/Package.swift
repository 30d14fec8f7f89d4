// swift-tools-version: 6.3
import PackageDescription

/// A package of its own, so that nobody else resolves or builds a web server.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "tributary-embedded",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "tributary", path: "../..", traits: ["SQLite"]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.0.0"),
    ],
    targets: [
        .executableTarget(
            name: "sync-server",
            dependencies: [
                .product(name: "Tributary", package: "tributary"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SyncServerTests",
            dependencies: ["sync-server", .product(name: "HummingbirdTesting", package: "hummingbird")],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
