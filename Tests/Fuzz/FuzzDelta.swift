import Dispatch

/// Reads bytes as a commit, a checkpoint, a hint, a deletion vector, a path, a schema or a rule, by their first one.
///
/// What is thrown must be a typed error; a trap, a hang or too much memory is what the fuzzer reports.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDelta(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        await DeltaInputs.read(bytes)
        done.signal()
    }
    done.wait()
    return 0
}
