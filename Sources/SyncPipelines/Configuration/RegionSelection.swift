/// Which regions a call is about.
public enum RegionSelection: Sendable, Hashable, CustomStringConvertible {
    /// All regions of the roster.
    case all
    /// One region.
    case only(String)

    /// The name of the environment variable that names the region of a job.
    public static let environmentVariable = "TRIBUTARY_REGION"

    /// The region that a caller names, else the one of the environment variable; `all` means all.
    ///
    /// - Throws: `SyncError` when neither names one: a job never takes all regions by accident.
    public static func resolve(_ named: String?, environment: [String: String]) throws(SyncError)
        -> RegionSelection
    {
        let name = named ?? environment[environmentVariable]
        guard let name, !name.isEmpty else {
            throw SyncError(
                .unknownRegion,
                step: "configuration",
                message:
                    "no region is named; set \(environmentVariable) to a region of the roster, or to \"all\""
            )
        }
        return name == "all" ? .all : .only(name)
    }

    /// Whether a region belongs to the selection.
    public func contains(_ region: String) -> Bool {
        switch self {
        case .all: true
        case .only(let name): name == region
        }
    }

    /// `all` or the region's name.
    public var description: String {
        switch self {
        case .all: "all"
        case .only(let name): name
        }
    }
}
