import ConnectorTestKit
import Foundation
import ObjectStores
import Testing

@Suite("contracts of stores") struct StoreContractTests {
    private func withFolder(_ body: (any ObjectStore) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "tributary-contract-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(LocalObjectStore(root: folder))
    }

    @Test("MemoryObjectStore holds", arguments: ObjectStoreContract.rules)
    func memory(_ rule: ContractRule<any ObjectStore>) async throws {
        try await rule.check(MemoryObjectStore())
    }

    @Test("LocalObjectStore holds", arguments: ObjectStoreContract.rules)
    func local(_ rule: ContractRule<any ObjectStore>) async throws {
        try await withFolder { try await rule.check($0) }
    }

    @Test("FaultyObjectStore holds while no fault is planned", arguments: ObjectStoreContract.rules)
    func faulty(_ rule: ContractRule<any ObjectStore>) async throws {
        try await rule.check(FaultyObjectStore(MemoryObjectStore()))
    }

    @Test("a ledger in memory holds", arguments: LedgerContract.rules)
    func ledgerInMemory(_ rule: ContractRule<any ObjectStore>) async throws {
        try await rule.check(MemoryObjectStore())
    }

    @Test("a ledger in a folder holds", arguments: LedgerContract.rules)
    func ledgerInFolder(_ rule: ContractRule<any ObjectStore>) async throws {
        try await withFolder { try await rule.check($0) }
    }
}
