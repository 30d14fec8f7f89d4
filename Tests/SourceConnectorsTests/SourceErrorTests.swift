import SourceConnectors
import Testing

@Suite("SourceError")
struct SourceErrorTests {
    @Test("names the kind, every known place, and what to do")
    func namesThePlace() {
        let error = SourceError(
            .unrepresentableValue,
            source: Source(region: "eu", client: "7", connection: "c"),
            table: TableName(database: "shop", table: "orders"),
            column: "price",
            serverCode: 1_264,
            message: "correct it"
        )
        #expect(
            error.description
                == "unrepresentableValue (eu/7, table shop.orders, column price, server error 1264): correct it"
        )
        #expect(!error.isTransient)
    }

    @Test("stands alone where no place is known")
    func withoutPlace() {
        #expect(SourceError(.cancelled, message: "stopped").description == "cancelled: stopped")
    }

    @Test("a connector may add a kind")
    func ownCode() {
        let code = SourceError.Code("quotaExceeded")
        #expect(SourceError(code, message: "wait").code == code)
        #expect(code != .server)
        #expect("\(code)" == "quotaExceeded")
    }
}
