/// Up to where a task is in sync, and what that is worth.
public struct Mark: Sendable, Hashable {
    /// Every row whose cursor is below this is in the lake; in the cursor's own scale, microseconds for timestamps.
    public var value: Int64
    /// What the value is worth.
    public var guarantee: MarkGuarantee
    /// What keeps the mark from being later: a thread, a transaction, a statement; nil when nothing does.
    public var heldBy: String?

    /// Makes a mark.
    public init(value: Int64, guarantee: MarkGuarantee, heldBy: String? = nil) {
        self.value = value
        self.guarantee = guarantee
        self.heldBy = heldBy
    }
}

/// What a mark promises of the rows below it.
public enum MarkGuarantee: Sendable, Hashable, CustomStringConvertible {
    /// No committed row below the mark is missing, by the four signals of the source.
    case proven
    /// The same, as long as nothing took longer than the given time.
    case bounded(Duration)
    /// The signals say nothing reliable; only a comparison of the rows does.
    case digestOnly

    /// `proven`, `bounded(3600 s)` or `digestOnly`.
    public var description: String {
        switch self {
        case .proven: "proven"
        case .bounded(let time): "bounded(\(time.components.seconds) s)"
        case .digestOnly: "digestOnly"
        }
    }
}
