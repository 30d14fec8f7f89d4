#if SQLite
/// Where the database files of a connection are, and how to read them.
public struct SQLiteConnection: Sendable, Hashable {
    /// The folder; a source's database is the name of a file in it, such as `shop.sqlite`.
    public var folder: String
    /// How long to wait while a writer holds a file shut.
    public var busyTimeout: Duration = .seconds(10)
    /// Whether to ask who is writing, which proves marks.
    ///
    /// The question takes the file's write lock for a moment, so that a writer without a busy timeout may be told
    /// that the database is locked. Nothing is written. Without it, marks stay an hour behind.
    public var asksForWriters = true
    /// How long the question waits for a transaction that writes; after that, the mark stays where it is.
    public var writerPatience: Duration = .seconds(1)

    /// Names a folder.
    public init(folder: String) {
        self.folder = folder
    }
}
#endif
