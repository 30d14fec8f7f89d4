extension Limits {
    /// Reads the limits of a configuration.
    init(_ node: ConfigurationNode) throws(SyncError) {
        let members = try node.members([
            "tasks", "tasksPerRegion", "tasksPerHost", "attempts", "changeMiBPerTask", "memoryMiB",
            "largeTaskRows", "commitGroup", "commitPatienceSeconds", "leaseSeconds", "taskSeconds",
            "retrySeconds", "chunkRows", "loadConnections", "replicaLagSeconds", "upkeepMiB",
        ])
        self.init()
        if let node = members.present("tasks") {
            tasks = try node.integer(in: 1...1024)
            tasksPerRegion = tasks
            tasksPerHost = tasks
        }
        if let node = members.present("tasksPerRegion") { tasksPerRegion = try node.integer(in: 1...1024) }
        if let node = members.present("tasksPerHost") { tasksPerHost = try node.integer(in: 1...1024) }
        if let node = members.present("attempts") { attempts = try node.integer(in: 1...100) }
        if let node = members.present("taskSeconds") {
            taskTime = .seconds(try node.integer(in: 1...2_592_000))
        }
        if let node = members.present("retrySeconds") {
            retryTime = .seconds(try node.integer(in: 0...86_400))
        }
        if let node = members.present("changeMiBPerTask") {
            changeBytesPerTask = try node.integer(in: 1...65_536) << 20
        }
        if let node = members.present("memoryMiB") {
            memoryBytes = try node.integer(in: 32...16_777_216) << 20
        }
        if let node = members.present("largeTaskRows") { largeTaskRows = try node.integer(in: 1...Int.max) }
        if let node = members.present("chunkRows") { chunkRows = try node.integer(in: 1...1_000_000_000) }
        if let node = members.present("loadConnections") { loadConnections = try node.integer(in: 1...64) }
        if let node = members.present("replicaLagSeconds") {
            replicaLag = .seconds(try node.integer(in: 1...86_400))
        }
        if let node = members.present("commitGroup") { commitGroup = try node.integer(in: 1...1000) }
        if let node = members.present("commitPatienceSeconds") {
            commitPatience = .seconds(try node.integer(in: 0...600))
        }
        if let node = members.present("upkeepMiB") {
            upkeepBytes = try node.integer(in: 0...65_536) << 20
        }
        if let node = members.present("leaseSeconds") {
            leaseDuration = .seconds(try node.integer(in: 0...86_400))
            if leaseDuration > .zero && leaseDuration < .seconds(5) {
                throw node.failure("a lease lasts at least 5 seconds; 0 goes without leases")
            }
        }
    }
}
