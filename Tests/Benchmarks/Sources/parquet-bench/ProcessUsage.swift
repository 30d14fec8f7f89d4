import Foundation

/// What the process has used so far.
struct ProcessUsage {
    /// User and system time in seconds.
    var cpuSeconds: Double
    /// The most memory that was resident at once, in megabytes.
    var peakMegabytes: Double

    static var now: ProcessUsage {
        var usage = rusage()
        #if canImport(Darwin)
        getrusage(RUSAGE_SELF, &usage)
        let unit = 1024.0 * 1024
        #else
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let unit = 1024.0
        #endif
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return ProcessUsage(
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakMegabytes: Double(usage.ru_maxrss) / unit
        )
    }
}
