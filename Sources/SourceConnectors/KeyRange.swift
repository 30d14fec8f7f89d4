/// A place in the order of a key, in words that only the connector which made them reads.
///
/// A place stays where it is while rows come and go: it need not be the key of a row.
public struct KeyBound: Sendable, Hashable, Codable {
    /// One text for each column that the connector cuts by.
    public var values: [String]

    /// Makes a place.
    public init(_ values: [String]) { self.values = values }
}

/// The rows whose key lies between two places, in the source's own order of the key.
///
/// Ranges that share their places hold each row once: the lower end is excluded, the upper one included.
public struct KeyRange: Sendable, Hashable {
    /// The key's columns, in key order.
    public var key: [String]
    /// The place after which the range begins; nil begins at the first row.
    public var after: KeyBound?
    /// The place with which the range ends; nil ends with the last row.
    public var through: KeyBound?

    /// Makes a range.
    public init(key: [String], after: KeyBound? = nil, through: KeyBound? = nil) {
        self.key = key
        self.after = after
        self.through = through
    }
}
