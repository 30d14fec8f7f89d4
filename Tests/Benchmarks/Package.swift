// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "tributary-benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "tributary", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "log-bench",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ColumnBatches", package: "tributary"),
                .product(name: "ObjectStores", package: "tributary"),
                .product(name: "DeltaLog", package: "tributary"),
                .product(name: "DeltaTables", package: "tributary"),
            ]
        ),
        .executableTarget(
            name: "parquet-bench",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ColumnBatches", package: "tributary"),
                .product(name: "ParquetFiles", package: "tributary"),
            ]
        ),
        .executableTarget(
            name: "source-bench",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ColumnBatches", package: "tributary"),
                .product(name: "MariaDBConnectors", package: "tributary"),
                .product(name: "SourceConnectors", package: "tributary"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
