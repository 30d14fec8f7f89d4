/// A session that can read a table in ranges of its key, and by several readers at once.
///
/// Large tables are loaded by it: in pieces that are committed one by one, so that a load which is broken off goes on
/// where it was.
///
///     let bounds = try await session.bounds(of: table, by: ["id"], every: 50_000)
///     try await session.withReaders(2, of: table, feel: { _ in }) { number, reader, agreement in
///         for try await batch in try await reader.rows(query, at: .snapshot) { … }
///     }
public protocol RangedSession: SourceSession {
    /// The places that cut a table into ranges of about as many rows, the last of them at the greatest key.
    ///
    /// Both ends are fixed: rows that come later with a greater key belong to no range. The greatest key is that of a row
    /// which is committed, or of one which is not yet, so that no row is beyond it whose cursor is before the signals
    /// that were read before. A query of this session then takes the places in its `range`.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - key: The columns of a key that is unique and holds no missing values.
    ///   - rows: The most rows of a range, about.
    /// - Returns: The places in order, none when the table is empty; nil when this key cannot be cut.
    /// - Throws: Errors of the source.
    func bounds(of table: TableName, by key: [String], every rows: Int) async throws -> [KeyBound]?

    /// Opens readers that read beside each other, and sees to it that they see one state of the source where it can.
    ///
    /// They may be fewer than asked for, where only so many see one state.
    ///
    /// Each reader is a session with its snapshot open. All end when the call does; the first error ends the others.
    /// The session itself is not used meanwhile.
    ///
    /// - Parameters:
    ///   - count: How many readers, at least one, and at the most.
    ///   - table: The table that they will read.
    ///   - feel: Is told how the server fares before the readers begin and about once a second while they read, by
    ///     connectors that can tell.
    ///   - read: What each reader does; gets its number from 0, the reader, and what the snapshots have in common.
    /// - Throws: The first error of a reader, and errors of the source.
    func withReaders(
        _ count: Int,
        of table: TableName,
        feel: @escaping @Sendable (SourcePressure) async -> Void,
        _ read: @escaping @Sendable (Int, Self, SnapshotAgreement) async throws -> Void
    ) async throws
}

/// What the snapshots of several readers have in common.
public enum SnapshotAgreement: Sendable, Hashable {
    /// They show one committed state; the text says how that is known.
    case oneInstant(String)
    /// They may show different states; the text says why.
    case notOneInstant(String)

    /// Whether all readers see one state.
    public var isOneInstant: Bool { if case .oneInstant = self { true } else { false } }

    /// `one instant: …` or `not one instant: …`.
    public var description: String {
        switch self {
        case .oneInstant(let how): "one instant: \(how)"
        case .notOneInstant(let why): "not one instant: \(why)"
        }
    }
}
