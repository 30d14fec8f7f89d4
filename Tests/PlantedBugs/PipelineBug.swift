/// A bug of the kind that pipelines have.
package enum PipelineBug: String, CaseIterable, Sendable {
    case marksBeforeData, takesMaxAsBound, appendsAgain, growsState, replaysBackwards, ledgerBeforeData
    case repeatsChunks, marksAhead, takesHalfReads

    /// The property that must find it.
    package var property: String {
        switch self {
        case .marksBeforeData: "K41"
        case .takesMaxAsBound: "K28"
        case .appendsAgain: "K40"
        case .growsState: "K17"
        case .replaysBackwards: "K46"
        case .ledgerBeforeData: "K42"
        case .repeatsChunks: "K19b"
        case .marksAhead: "K32"
        case .takesHalfReads: "K19a"
        }
    }

    /// Words of the property's title that say what is wrong.
    package var words: String {
        switch self {
        case .marksBeforeData: "rows and mark are committed together"
        case .takesMaxAsBound: "the greatest cursor that was read is not the bound"
        case .appendsAgain: "a repeated run is a no-op"
        case .growsState: "state does not grow"
        case .replaysBackwards: "moves no row backwards"
        case .ledgerBeforeData: "the ledger never runs ahead"
        case .repeatsChunks: "brings no row twice"
        case .marksAhead: "no mark lies beyond a row that was not read"
        case .takesHalfReads: "brings nothing by halves"
        }
    }
}
