/// Rules for the paths of objects.
enum ObjectPath {
    /// Refuses paths that are empty, absolute, or lead out of the store.
    static func validate(_ path: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.isEmpty, !path.utf8.contains(0),
            parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else {
            throw ObjectStoreError(
                .invalidPath,
                path: path,
                message: "a path is relative, without empty parts, \".\" and \"..\""
            )
        }
    }
}
