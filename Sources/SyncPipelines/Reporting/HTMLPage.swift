import DeltaTables
import FoundationEssentials

/// A page that needs nothing else; the pieces that pages have in common.
protocol HTMLPage {}

extension HTMLPage {
    /// A table whose first rows are open and whose others unfold.
    func folded(_ head: [String], _ rows: [[String]]) -> String {
        let first = table(head, Array(rows.prefix(15)))
        guard rows.count > 15 else { return first }
        let rest = table(head, Array(rows.dropFirst(15)))
        return first + "<details><summary>\(rows.count - 15) more</summary>\(rest)</details>"
    }

    func table(_ head: [String], _ rows: [[String]]) -> String {
        "<div class=\"scroll\"><table><thead><tr>\(head.map { "<th>\($0)</th>" }.joined())</tr></thead><tbody>"
            + rows.map { "<tr>\($0.map { "<td>\($0)</td>" }.joined())</tr>" }.joined()
            + "</tbody></table></div>"
    }

    func time(_ date: Date) -> String {
        CalendarText.instant(date.microseconds, digits: 0, separator: " ") + " UTC"
    }

    func number(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var grouped = ""
        while digits.count > 3 {
            grouped = "\u{202F}" + digits.suffix(3) + grouped
            digits.removeLast(3)
        }
        return (value < 0 ? "−" : "") + digits + grouped
    }

    func bytes(_ value: Int) -> String {
        var size = Double(value)
        for unit in ["B", "kB", "MB", "GB"] {
            if size < 1000 { return "\(unit == "B" ? "\(value)" : tenths(size))\u{A0}\(unit)" }
            size /= 1000
        }
        return "\(tenths(size))\u{A0}TB"
    }

    func duration(_ seconds: Double) -> String {
        if seconds < 0.1 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 100 { return "\(tenths(seconds)) s" }
        let whole = Int(min(seconds, 1e15))
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        if whole < 172_800 { return "\(whole / 3600) h \(whole / 60 % 60) min" }
        return "\(whole / 86_400) days"
    }

    func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    static var style: String {
        """
        :root{--fg:#1b1f24;--dim:#5c6773;--bg:#fff;--card:#f3f5f7;--line:#dde2e7;--loaded:#2f6fdb;--merged:#1f9d6b;\
        --unchanged:#76828f;--staged:#b8860b;--held:#8e6bbf;--failed:#d13438}\
        @media(prefers-color-scheme:dark){:root{--fg:#e6e9ec;--dim:#9aa5b1;--bg:#14171a;--card:#1f2429;--line:#323940;\
        --loaded:#6ea3ff;--merged:#4cc795;--unchanged:#66707a;--staged:#e0b13f;--held:#b89ae6;--failed:#ff6b6f}}\
        *{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif}\
        main{max-width:1080px;margin:0 auto;padding:20px 16px 48px}h1{font-size:22px;margin:0 0 4px}\
        h2{font-size:17px;margin:28px 0 8px}.sub{color:var(--dim);margin:0 0 16px}\
        .dot{display:inline-block;width:12px;height:12px;border-radius:50%;margin-right:8px}\
        .dot.ok{background:var(--merged)}.dot.bad{background:var(--failed)}\
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(112px,1fr));gap:8px}\
        .cards div{background:var(--card);border-radius:8px;padding:10px 12px}.cards b{display:block;font-size:17px;white-space:nowrap}\
        .cards span{color:var(--dim);font-size:13px}.failures{padding-left:18px}.failures b{color:var(--failed)}\
        .failures li{margin-bottom:6px;overflow-wrap:anywhere}\
        .legend{display:flex;gap:14px;flex-wrap:wrap;margin:0 0 8px;font-size:13px;color:var(--dim)}\
        .legend i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:5px}\
        .gantt{background:var(--card);border-radius:8px;padding:10px;max-height:70vh;overflow:auto}\
        .bar{display:grid;grid-template-columns:minmax(110px,28%) 1fr 62px;gap:8px;align-items:center;font-size:12px;height:18px}\
        .name{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.took{color:var(--dim);text-align:right}\
        .track{position:relative;height:10px;background:var(--line);border-radius:3px}\
        .track i{position:absolute;top:0;height:10px;border-radius:3px;min-width:3px}\
        .axis{display:flex;justify-content:space-between;color:var(--dim);font-size:12px;\
        margin:6px 70px 0 calc(max(110px,28%) + 8px)}\
        i.loaded{background:var(--loaded)}i.merged{background:var(--merged)}i.unchanged{background:var(--unchanged)}\
        i.resynced,i.backfilled{background:var(--merged)}i.staged{background:var(--staged)}\
        i.held,i.reset,i.moved{background:var(--held)}i.failed{background:var(--failed)}\
        i.again{background-image:repeating-linear-gradient(45deg,transparent 0 4px,#0004 4px 7px)}\
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px}\
        th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}\
        td:first-child{white-space:normal;min-width:140px}th{color:var(--dim);font-weight:500}\
        .tag{font-style:normal;color:#fff;border-radius:4px;padding:1px 6px;font-size:12px}\
        @media(prefers-color-scheme:dark){.tag{color:#14171a}}details{margin-top:16px}summary{cursor:pointer;color:var(--dim)}
        """
    }
}
