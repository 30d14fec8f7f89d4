// swift-tools-version: 6.3
import PackageDescription

/// Settings of every library target: Swift 6 mode, no warning survives, unsafe code is marked.
let librarySettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Tests leave out strict memory safety: the expansion of `#expect` is not clean under it.
let testSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let mariaDB: TargetDependencyCondition? = .when(traits: ["MariaDB"])
let services: TargetDependencyCondition? = .when(traits: ["Services"])
let sqlite: TargetDependencyCondition? = .when(traits: ["SQLite"])
let tracing: Target.Dependency = .product(
    name: "Tracing",
    package: "swift-distributed-tracing",
    condition: .when(traits: ["Tracing"])
)

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: librarySettings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: testSettings
    )
}

let package = Package(
    name: "tributary",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "Tributary", targets: ["Tributary"]),
        .library(name: "ColumnBatches", targets: ["ColumnBatches"]),
        .library(name: "ObjectStores", targets: ["ObjectStores"]),
        .library(name: "ParquetFiles", targets: ["ParquetFiles"]),
        .library(name: "DeltaLog", targets: ["DeltaLog"]),
        .library(name: "DeltaTables", targets: ["DeltaTables"]),
        .library(name: "SourceConnectors", targets: ["SourceConnectors"]),
        .library(name: "MariaDBConnectors", targets: ["MariaDBConnectors"]),
        .library(name: "SQLiteConnectors", targets: ["SQLiteConnectors"]),
        .library(name: "IncrementalFilters", targets: ["IncrementalFilters"]),
        .library(name: "MergePlanning", targets: ["MergePlanning"]),
        .library(name: "SyncLedgers", targets: ["SyncLedgers"]),
        .library(name: "Verification", targets: ["Verification"]),
        .library(name: "StagedChanges", targets: ["StagedChanges"]),
        .library(name: "SyncPipelines", targets: ["SyncPipelines"]),
        .library(name: "ValueMasking", targets: ["ValueMasking"]),
        .library(name: "TraceExporters", targets: ["TraceExporters"]),
        .library(name: "HTTPTransports", targets: ["HTTPTransports"]),
        .library(name: "SyncServices", targets: ["SyncServices"]),
        .library(name: "ConnectorTestKit", targets: ["ConnectorTestKit"]),
    ],
    traits: [
        .default(enabledTraits: ["MariaDB"]),
        .trait(name: "MariaDB", description: "The MariaDB connector; needs libmariadb-dev."),
        .trait(
            name: "HTTP",
            description: "Services around the pipeline by Foundation's URLSession; needs libcurl."
        ),
        .trait(
            name: "Masking",
            description: "Keyed hashes of columns that nobody is to see; needs libssl-dev."
        ),
        .trait(name: "Tracing", description: "Spans of swift-distributed-tracing, and their export by OTLP."),
        .trait(name: "Services", description: "A service that runs what is due, and its status pages."),
        .trait(name: "SQLite", description: "The SQLite connector; needs libsqlite3-dev."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.2.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", .upToNextMinor(from: "0.27.0")),
    ],
    targets: [
        module("ColumnBatches"),
        module("ObjectStores"),
        .systemLibrary(
            name: "CZstd",
            pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]
        ),
        .systemLibrary(
            name: "CSnappy",
            pkgConfig: "snappy",
            providers: [.apt(["libsnappy-dev"]), .brew(["snappy"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),
        .systemLibrary(
            name: "CLZ4",
            pkgConfig: "liblz4",
            providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]
        ),
        module("ParquetFiles", ["ColumnBatches", "CZstd", "CSnappy", "CZlib", "CLZ4"]),
        module("DeltaLog", ["ObjectStores"]),
        module("DeltaTables", ["DeltaLog", "ParquetFiles", "ObjectStores", "ColumnBatches"]),
        module("SourceConnectors", ["ColumnBatches"]),
        .systemLibrary(
            name: "CMariaDB",
            pkgConfig: "libmariadb",
            providers: [.apt(["libmariadb-dev"]), .brew(["mariadb-connector-c"])]
        ),
        module(
            "MariaDBConnectors",
            ["SourceConnectors", "ColumnBatches", .target(name: "CMariaDB", condition: mariaDB)]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]
        ),
        module(
            "SQLiteConnectors",
            ["SourceConnectors", "ColumnBatches", .target(name: "CSQLite", condition: sqlite)]
        ),
        module("IncrementalFilters", ["SourceConnectors", "ColumnBatches"]),
        module("MergePlanning", ["DeltaTables", "DeltaLog", "ParquetFiles", "ColumnBatches"]),
        module("Verification", ["DeltaTables", "DeltaLog", "ObjectStores", "ColumnBatches"]),
        module("SyncLedgers", ["DeltaTables", "DeltaLog", "ObjectStores", "ColumnBatches", "MergePlanning"]),
        module(
            "StagedChanges",
            ["MergePlanning", "SyncLedgers", "DeltaTables", "DeltaLog", "ObjectStores", "ColumnBatches"]
        ),
        module(
            "SyncPipelines",
            [
                "StagedChanges",
                "ColumnBatches", "ObjectStores", "DeltaLog", "DeltaTables", "SourceConnectors",
                "IncrementalFilters",
                "MergePlanning", "SyncLedgers", "Verification", "ParquetFiles", log, metrics, tracing,
            ]
        ),
        module("TraceExporters", ["SyncPipelines", log, tracing]),
        module("HTTPTransports", ["SyncPipelines", "SourceConnectors"]),
        .systemLibrary(
            name: "CCrypto",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl"])]
        ),
        module(
            "ValueMasking",
            [
                "SyncPipelines", "SourceConnectors",
                .target(name: "CCrypto", condition: .when(traits: ["Masking"])),
            ]
        ),
        module(
            "SyncServices",
            [
                "SyncPipelines", "SourceConnectors",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: services),
                .product(name: "FlyingFox", package: "FlyingFox", condition: services),
                .product(name: "FlyingSocks", package: "FlyingFox", condition: services),
            ]
        ),
        module(
            "ConnectorTestKit",
            [
                "SourceConnectors", "SyncPipelines", "SyncLedgers", "DeltaTables", "DeltaLog", "ObjectStores",
                "ColumnBatches", "IncrementalFilters", "MergePlanning", "StagedChanges", log,
            ]
        ),
        module(
            "Tributary",
            [
                "ColumnBatches", "ObjectStores", "ParquetFiles", "DeltaLog", "DeltaTables",
                "SourceConnectors",
                "IncrementalFilters", "MergePlanning", "SyncLedgers", "StagedChanges", "Verification",
                "SyncPipelines", "SyncServices", "HTTPTransports", "ValueMasking", "TraceExporters",
                .target(name: "MariaDBConnectors", condition: mariaDB),
                .target(name: "SQLiteConnectors", condition: sqlite),
            ]
        ),
        tests(of: "ColumnBatches"),
        tests(of: "ObjectStores"),
        tests(of: "ParquetFiles", ["ColumnBatches", "DeltaTables"]),
        tests(of: "DeltaLog", ["ObjectStores"]),
        tests(
            of: "DeltaTables",
            [
                "ColumnBatches", "ConnectorTestKit", "DeltaLog", "MergePlanning", "ObjectStores",
                "ParquetFiles",
            ]
        ),
        tests(of: "SourceConnectors"),
        tests(
            of: "SQLiteConnectors",
            [
                "SourceConnectors", "ColumnBatches", "ConnectorTestKit",
                .target(name: "CSQLite", condition: sqlite),
            ]
        ),
        tests(of: "IncrementalFilters", ["ColumnBatches", "SourceConnectors"]),
        tests(
            of: "MergePlanning",
            ["ColumnBatches", "ConnectorTestKit", "DeltaLog", "DeltaTables", "ObjectStores", "ParquetFiles"]
        ),
        tests(of: "Verification", ["ColumnBatches", "ObjectStores", "DeltaTables"]),
        tests(
            of: "SyncLedgers",
            ["ColumnBatches", "ConnectorTestKit", "DeltaLog", "DeltaTables", "ObjectStores"]
        ),
        tests(
            of: "StagedChanges",
            ["ColumnBatches", "DeltaLog", "DeltaTables", "MergePlanning", "ObjectStores", "SyncLedgers"]
        ),
        tests(
            of: "SyncPipelines",
            [
                "ColumnBatches", "ConnectorTestKit", "DeltaLog", "DeltaTables", "MergePlanning",
                "ObjectStores",
                "SourceConnectors", "StagedChanges", "SyncLedgers", "Verification", log, metrics,
            ]
        ),
        tests(of: "TraceExporters", ["SyncPipelines", log, tracing]),
        tests(of: "HTTPTransports", ["SyncPipelines"]),
        tests(
            of: "ValueMasking",
            [
                "SourceConnectors", "SyncPipelines",
                .target(name: "CCrypto", condition: .when(traits: ["Masking"])),
            ]
        ),
        tests(
            of: "SyncServices",
            [
                "ColumnBatches", "ConnectorTestKit", "ObjectStores", "SourceConnectors", "SyncPipelines", log,
                metrics,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: services),
            ]
        ),
        tests(
            of: "ConnectorTestKit",
            [
                "ColumnBatches", "DeltaLog", "DeltaTables", "IncrementalFilters", "ObjectStores",
                "PlantedBugs", "SourceConnectors", "StagedChanges", "SyncLedgers", "SyncPipelines",
                "MergePlanning",
                log,
            ]
        ),
        // Connectors and pipelines with bugs, which the kit must find.
        .target(
            name: "PlantedBugs",
            dependencies: [
                "ColumnBatches", "ConnectorTestKit", "DeltaLog", "DeltaTables", "IncrementalFilters",
                "MergePlanning",
                "SourceConnectors", "SyncLedgers",
            ],
            path: "Tests/PlantedBugs",
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Tributary", "ConnectorTestKit", "PlantedBugs", "SourceConnectors", "ColumnBatches",
                .target(name: "MariaDBConnectors", condition: mariaDB),
            ],
            swiftSettings: testSettings
        ),
    ],
    swiftLanguageModes: [.v6]
)
