// Figures as people read them.

/// `value` with exactly `decimals` digits after the point; "n/a" if it is not finite.
public func fixed(_ value: Double, decimals: Int) -> String {
    precondition((0...9).contains(decimals))
    guard value.isFinite else { return "n/a" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard abs(scaled) < 0x1p63 else { return "\(value)" }
    let digits = String(Int64(scaled).magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = scaled < 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

/// Bytes in powers of 1000 with three significant digits: `999 B`, `1.50 kB`, `700 MB`.
public func humanBytes(_ bytes: Int64) -> String {
    human(Double(bytes), units: ["B", "kB", "MB", "GB", "TB", "PB", "EB"])
}

/// Bits per second in powers of 1000: `850 kbit/s`.
public func humanBitrate(_ bitsPerSecond: Double) -> String {
    human(bitsPerSecond, units: ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"])
}

private func human(_ value: Double, units: [String]) -> String {
    var value = value, unit = 0
    // 999.5 would print as "1000" with no decimals.
    while abs(value) >= 999.5, unit + 1 < units.count {
        value /= 1000
        unit += 1
    }
    let decimals = unit == 0 ? 0 : abs(value) < 9.995 ? 2 : abs(value) < 99.95 ? 1 : 0
    return fixed(value, decimals: decimals) + " " + units[unit]
}

/// A length of time with its two largest units: `850 ms`, `12.5 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
public func humanDuration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "n/a" }
    if seconds < 0.9995 { return fixed(seconds * 1000, decimals: 0) + " ms" }
    if seconds < 59.95 { return fixed(seconds, decimals: seconds < 9.95 ? 1 : 0) + " s" }
    let whole = Int(seconds.rounded())
    let (days, hours) = (whole / 86400, whole / 3600 % 24)
    let (minutes, rest) = (whole / 60 % 60, whole % 60)
    if days > 0 { return "\(days) d" + (hours > 0 ? " \(hours) h" : "") }
    if hours > 0 { return "\(hours) h" + (minutes > 0 ? " \(minutes) min" : "") }
    return "\(minutes) min" + (rest > 0 ? " \(rest) s" : "")
}

/// A position in a clip: `0:05.000`, `12:30.500`, `1:02:03.000`.
public func clockTime(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e12 else { return "n/a" }
    let milliseconds = Int((abs(seconds) * 1000).rounded())
    let (hours, minutes) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60)
    let rest = fixed(Double(milliseconds % 60_000) / 1000, decimals: 3)
    let padding = milliseconds % 60_000 < 10_000 ? "0" : ""
    let sign = seconds < 0 && milliseconds > 0 ? "-" : ""
    guard hours > 0 else { return "\(sign)\(minutes):\(padding)\(rest)" }
    return "\(sign)\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(padding)\(rest)"
}
