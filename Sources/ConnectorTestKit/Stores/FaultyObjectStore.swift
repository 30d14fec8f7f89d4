public import ObjectStores
import Synchronization

/// A store over another one, in which operations fail, lose their answers or end everything, as planned.
///
///     let store = FaultyObjectStore(MemoryObjectStore())
///     store.plan(.crash, at: 7)     // the eighth operation, and all after it
///     …
///     store.recover()               // what a new process finds
public final class FaultyObjectStore: ObjectStore {
    /// What happens to an operation.
    public enum Fault: Sendable, Hashable {
        /// It is not done, and an error says so.
        case fail
        /// It is done, and an error says that it is not.
        case loseAnswer
        /// It is not done, nor is anything that follows, until `recover`.
        case crash
        /// It is done, and then nothing more, until `recover`.
        case crashAfter
    }

    private struct State {
        var operations = 0
        var plan: [Int: Fault] = [:]
        var isDown = false
        var wasFaulty = false
    }

    private let base: any ObjectStore
    private let state = Mutex(State())
    private let trace: (@Sendable (String) -> Void)?
    private let before: (@Sendable (StoreOperation) async throws -> Void)?

    /// Wraps a store.
    ///
    /// - Parameters:
    ///   - base: The store that holds the objects.
    ///   - before: Runs before each operation; what happens there happens before it as a whole.
    ///   - trace: Is told of each operation, without names that differ from run to run.
    public init(
        _ base: any ObjectStore,
        before: (@Sendable (StoreOperation) async throws -> Void)? = nil,
        trace: (@Sendable (String) -> Void)? = nil
    ) {
        self.base = base
        self.before = before
        self.trace = trace
    }

    /// The operations so far, since the beginning or the last `recover`.
    public var operations: Int { state.withLock { $0.operations } }

    /// Whether a fault came up since the beginning or the last `recover`.
    public var wasFaulty: Bool { state.withLock { $0.wasFaulty } }

    /// Plans a fault for an operation from now on, counted from 0.
    public func plan(_ fault: Fault, at operation: Int) {
        state.withLock { $0.plan[$0.operations + operation] = fault }
    }

    /// Ends what a crash began, forgets planned faults and counts from 0 again.
    public func recover() { state.withLock { $0 = State() } }

    private func perform<Result>(
        _ kind: StoreOperation.Kind,
        _ path: String,
        _ body: () async throws -> Result
    )
        async throws -> Result
    {
        try await before?(StoreOperation(kind: kind, path: path))
        let fault = state.withLock { state -> Fault? in
            defer { state.operations += 1 }
            guard !state.isDown else { return Fault.crash }
            let fault = state.plan[state.operations]
            if fault != nil { state.wasFaulty = true }
            if fault == .crash || fault == .crashAfter { state.isDown = true }
            return fault
        }
        trace?("\(kind) \(Self.plain(path))" + (fault.map { ": \($0)" } ?? ""))
        if fault == .fail || fault == .crash { throw error(path, "was not done") }
        let result = try await body()
        if fault == .loseAnswer || fault == .crashAfter { throw error(path, "has no answer") }
        return result
    }

    private func error(_ path: String, _ what: String) -> ObjectStoreError {
        ObjectStoreError(.system, path: path, message: "planned fault: the operation \(what)")
    }

    /// The path with names that are drawn by lot replaced.
    private static func plain(_ path: String) -> String {
        path.split(separator: "/").map { part in
            part.utf8.count > 30 && part.contains("-") ? "*" : String(part)
        }.joined(separator: "/")
    }

    /// Reads an object.
    public func read(_ path: String) async throws -> [UInt8] {
        try await perform(.read, path) { try await base.read(path) }
    }

    /// Reads a range.
    public func read(_ path: String, range: Range<Int>) async throws -> [UInt8] {
        try await perform(.read, path) { try await base.read(path, range: range) }
    }

    /// Looks an object up.
    public func attributes(of path: String) async throws -> ObjectAttributes? {
        try await perform(.attributes, path) { try await base.attributes(of: path) }
    }

    /// Lists objects.
    public func list(_ folder: String, after start: String?) async throws -> [ObjectAttributes] {
        try await perform(.list, folder) { try await base.list(folder, after: start) }
    }

    /// Creates an object.
    public func putIfAbsent(_ path: String, _ bytes: [UInt8]) async throws {
        try await perform(.put, path) { try await base.putIfAbsent(path, bytes) }
    }

    /// Deletes an object.
    public func delete(_ path: String) async throws {
        try await perform(.delete, path) { try await base.delete(path) }
    }

    /// Opens an object; faults may also come up when it is finished.
    public func makeWriter(_ path: String) async throws -> any ObjectWriter {
        Writer(
            store: self,
            path: path,
            base: try await perform(.open, path) { try await base.makeWriter(path) }
        )
    }

    private final class Writer: ObjectWriter {
        private let store: FaultyObjectStore
        private let path: String
        private let base: any ObjectWriter

        init(store: FaultyObjectStore, path: String, base: any ObjectWriter) {
            self.store = store
            self.path = path
            self.base = base
        }

        func write(_ bytes: [UInt8]) async throws { try await base.write(bytes) }
        func finish() async throws { try await store.perform(.finish, path) { try await base.finish() } }
        func cancel() async { await base.cancel() }
    }
}

/// An operation of a store.
public struct StoreOperation: Sendable, Hashable {
    /// What is done.
    public enum Kind: String, Sendable, Hashable {
        /// An object is read, whole or in part.
        case read
        /// An object is looked up.
        case attributes
        /// Objects are listed.
        case list
        /// An object is created unless it is there.
        case put
        /// An object is opened for writing.
        case open
        /// A written object is made durable.
        case finish
        /// An object is deleted.
        case delete
    }

    /// What is done.
    public var kind: Kind
    /// To which object.
    public var path: String
}
