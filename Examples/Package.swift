// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let tributary: Target.Dependency = .product(name: "Tributary", package: "tributary")
/// What a connector needs, and no more.
let connector: [Target.Dependency] = [
    .product(name: "SourceConnectors", package: "tributary"),
    .product(name: "ColumnBatches", package: "tributary"),
]
/// What a program needs that reads logs of Delta tables, or Parquet files, and no more.
let logOnly: [Target.Dependency] = [
    .product(name: "DeltaLog", package: "tributary"),
    .product(name: "ObjectStores", package: "tributary"),
]
let parquetOnly: [Target.Dependency] = [
    .product(name: "ParquetFiles", package: "tributary"),
    .product(name: "ColumnBatches", package: "tributary"),
]
let librarySettings: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "tributary-examples",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(
            name: "tributary",
            path: "..",
            traits: [.defaults, "HTTP", "Masking", "Services", "SQLite", "Tracing"]
        ),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "region-sync",
            dependencies: [
                tributary, arguments, .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "delta-log",
            dependencies: [tributary, arguments],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "parquet-tool",
            dependencies: [
                arguments,
                .product(name: "ColumnBatches", package: "tributary"),
                .product(name: "DeltaTables", package: "tributary"),
                .product(name: "ParquetFiles", package: "tributary"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(name: "log-watch", dependencies: logOnly, swiftSettings: settings),
        .executableTarget(name: "parquet-profile", dependencies: parquetOnly, swiftSettings: settings),
        .testTarget(
            name: "SmallExampleTests",
            dependencies: ["log-watch", "parquet-profile"] + logOnly + parquetOnly,
            swiftSettings: settings
        ),
        .executableTarget(name: "delta-tour", dependencies: [tributary], swiftSettings: settings),
        .target(name: "CSVConnector", dependencies: connector, swiftSettings: settings + librarySettings),
        .target(
            name: "PagedAPIConnector",
            dependencies: connector,
            swiftSettings: settings + librarySettings
        ),
        .testTarget(
            name: "ExampleConnectorTests",
            dependencies: [
                "CSVConnector", "PagedAPIConnector", .product(name: "ConnectorTestKit", package: "tributary"),
            ] + connector,
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
