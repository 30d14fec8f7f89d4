/// What the readers of all leaves of a row group have in common.
struct LeafSettings {
    var fileSize: Int
    var rowCount: Int
    var batchRows: Int
    var windowBytes: Int
    var pageBytes: Int
    var columnBytes: Int
    var keepsDictionaries: Bool
    var verifiesChecksums: Bool
    var decompressor: PageDecompressor
}
