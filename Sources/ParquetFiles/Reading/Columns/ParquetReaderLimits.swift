/// How much memory foreign bytes may claim.
///
/// A file is believed when it says that it holds much only as far as its own size makes that likely: the limits
/// of a small file are lower than those of a large one.
public struct ParquetReaderLimits: Sendable, Hashable {
    /// The most bytes of a page before compression; nil stands for 64 times the file, at least 16 MiB and at most 1 GiB.
    public var pageBytes: Int?
    /// The most bytes of one column in a batch; nil stands for 4,096 times the file, at least 24 MiB and at most 2 GiB.
    public var columnBytes: Int?

    /// Makes the limits that suit nearly every file.
    public init() {}

    /// The limits for a file of some size.
    func resolved(fileSize: Int) -> (pageBytes: Int, columnBytes: Int) {
        func bound(_ factor: Int, _ least: Int, _ most: Int) -> Int {
            let (product, overflow) = fileSize.multipliedReportingOverflow(by: factor)
            return overflow ? most : min(max(product, least), most)
        }
        return (
            pageBytes ?? bound(64, 16 << 20, 1 << 30),
            columnBytes ?? bound(4096, 24 << 20, Int(Int32.max))
        )
    }
}
