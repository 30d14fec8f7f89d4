import ColumnBatches

/// The wall clock's times at which windows open: which days, and which times of these days.
struct SchedulePattern: Sendable, Hashable {
    /// Days of the month, 1 to 31.
    var days: Set<Int> = []
    /// Days of the week, 0 for Sunday to 6.
    var weekdays: Set<Int> = []
    /// Months, 1 to 12.
    var months: Set<Int> = Set(1...12)
    /// Whether a day that a month does not have is its last one, as people mean who write the 31st.
    var endsWithMonth = false
    /// Minutes of the day, in order.
    var times: [Int] = []
    /// Whether windows open in every hour: then time that passes counts, not what the wall clock shows.
    var isHourly = false

    /// Whether windows open on a day, counted from 1970-01-01.
    ///
    /// Where both days of the month and days of the week are named, either will do, as POSIX has it for crontab.
    func opens(onDay number: Int) -> Bool {
        let date = CivilDate(daysSince1970: number)
        guard months.contains(date.month) else { return false }
        if days.isEmpty && weekdays.isEmpty { return true }
        if weekdays.contains(((number + 4) % 7 + 7) % 7) || days.contains(date.day) { return true }
        guard endsWithMonth, CivilDate(daysSince1970: number + 1).day == 1 else { return false }
        return days.contains { $0 > date.day }
    }
}
