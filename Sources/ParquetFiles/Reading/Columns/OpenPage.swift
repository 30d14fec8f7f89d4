/// A data page that is being read; one reader's own.
final class OpenPage {
    /// The bytes of the file that hold the page, or the parts of it that are not compressed.
    let bytes: [UInt8]
    /// Whether levels and values lie in the buffer for decompressed pages instead.
    let areLevelsBuffered: Bool
    let areValuesBuffered: Bool
    /// The levels, or for a column of one level the values, that are left.
    var left: Int
    var definitions: LevelDecoder
    var repetitions: LevelDecoder
    var values: ValueDecoder

    /// Levels of a repeated column that are read ahead to see where rows end; the first `taken` are done with.
    var aheadDefinitions: [UInt8] = []
    var aheadRepetitions: [UInt8] = []
    var taken = 0

    init(
        bytes: [UInt8],
        areLevelsBuffered: Bool,
        areValuesBuffered: Bool,
        left: Int,
        definitions: LevelDecoder,
        repetitions: LevelDecoder,
        values: ValueDecoder
    ) {
        self.bytes = bytes
        self.areLevelsBuffered = areLevelsBuffered
        self.areValuesBuffered = areValuesBuffered
        self.left = left
        self.definitions = definitions
        self.repetitions = repetitions
        self.values = values
    }
}
