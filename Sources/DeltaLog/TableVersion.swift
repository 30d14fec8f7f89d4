/// The version of a table: 0 for its first commit, one more for each that follows.
public struct TableVersion: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral,
    CustomStringConvertible
{
    /// The number.
    public let number: Int64

    /// Makes a version.
    public init(_ number: Int64) { self.number = number }

    /// Makes a version of a literal.
    public init(integerLiteral value: Int64) { number = value }

    /// The version that follows.
    public var next: TableVersion { TableVersion(number + 1) }

    /// The number in decimal.
    public var description: String { String(number) }

    /// Whether a version is older than another.
    public static func < (left: TableVersion, right: TableVersion) -> Bool { left.number < right.number }

    /// The name of the version's commit file: 20 digits and `.json`.
    var fileName: String { digits + ".json" }

    /// The version of a commit file's name, or nil when it is none.
    init?(fileName: Substring) {
        guard case .commit(let version)? = LogFileName(fileName) else { return nil }
        self = version
    }
}

extension Int64 {
    /// The number of a version.
    public init(_ version: TableVersion) { self = version.number }
}
