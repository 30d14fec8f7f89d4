/// Bytes on their way out, in the parts in which they came: large ones are not copied, small ones are joined.
struct OutputParts {
    private var parts: [ArraySlice<UInt8>] = []
    /// Whether the last part belongs to this list alone and may grow.
    private var isLastOpen = false

    private static let smallSize = 16 << 10
    private static let joinedSize = 64 << 10

    /// Adds bytes at the end.
    mutating func append(_ bytes: ArraySlice<UInt8>) {
        if bytes.isEmpty { return }
        if bytes.count >= Self.smallSize {
            parts.append(bytes)
            isLastOpen = false
        } else if isLastOpen && parts[parts.count - 1].count < Self.joinedSize {
            parts[parts.count - 1] += bytes
        } else {
            parts.append(Array(bytes)[...])
            isLastOpen = true
        }
    }

    /// The parts since the last call.
    mutating func take() -> [ArraySlice<UInt8>] {
        let taken = parts
        parts = []
        isLastOpen = false
        return taken
    }
}
