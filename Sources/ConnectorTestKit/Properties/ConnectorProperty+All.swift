extension ConnectorProperty {
    /// Every property, in order of the numbers.
    static var all: [ConnectorProperty] {
        (discovery + reading + windows + signals + streams + secrecy + histories + states + removals + loads
            + drift)
            .sorted { left, right in
                let digits = (Int(left.id.filter(\.isNumber)) ?? 0, Int(right.id.filter(\.isNumber)) ?? 0)
                return digits.0 == digits.1 ? left.id < right.id : digits.0 < digits.1
            }
    }
}
